// What the guide and the talk on a sum say, step by step. Of a feature they say only what its name and its plot say.

/** @import { Lab } from "./lab.js" */

import { answer, digitTellers, inWords, lookup, nearest, plotsAreHere, sizeFeature, tellers } from "./guide-features.js";
import { shiftedAnswer } from "./steer/shifted.js";
import { keyOfNode } from "./steer/steering.js";
import { itemOf } from "./story/told.js";
import { titleOf } from "./story/words.js";

/** @typedef {{ text: string, node: number | undefined }} Said what a step says, and the node that it points at */
/**
 * @typedef {object} Step
 * @property {string} title
 * @property {string} [prompt] in place of the sum
 * @property {(lab: Lab) => Record<string, string> | undefined} [set] the features that it sets, and to what, once they are known
 * @property {(lab: Lab) => Said} say
 */

const HOW = "How did you get 36+59?";
const PROBABLE = 0.1; // enough for a second answer to be told
const OPPOSITE = "x-1";

/**
 * A step about plots: until they are here it points at nothing.
 * @param {(lab: Lab, operands: { a: number, b: number, sum: number, bPosition: number }) => Said} say
 * @returns {Step["say"]}
 */
function withPlots(say) {
  return (lab) => {
    const here = lab.view?.operands;
    if (!here) return { text: "This prompt has no pictures of operands.", node: undefined };
    if (!plotsAreHere(lab)) return { text: "The pictures of the features are being computed…", node: undefined };
    return say(lab, { ...here, sum: here.a + here.b });
  };
}

const NONE = { text: "At these thresholds no such feature is on show.", node: undefined };

/** A feature’s name, and that of its card in the story where that is another. @param {Lab} lab @param {{ node: number, name: string }} feature */
function calledHere(lab, { node, name }) {
  const item = itemOf(lab, node);
  const card = lab.view && item ? titleOf(lab.view.graph, item) : name;
  return card === name ? `“${name}”` : `“${name}” (on the card “${card}”)`;
}

/** Within a sentence; nothing where there is no graph, as of a target that cannot be. @param {string} token */
const named = (token) => (token === "" ? "" : `, ${token},`);

/** What was set is set in no step before or after it. @type {Step[]} */
export const STEPS = [
  {
    title: "A model adds",
    say: (lab) => ({
      text:
        "The prompt’s tokens are the lowest row of the graph, and what the model says next" +
        `${named(answer(lab).token)} is the highest. In between are the features that fired. Nobody wrote down how ` +
        "to add: the graph shows how this model came to do it.",
      node: undefined, // the whole of it is on show
    }),
  },
  {
    title: "It reads how large a number is",
    say: withPlots((lab, { b, bPosition }) => {
      const first = nearest(tellers(lab, "b", false, bPosition), b);
      if (!first) return NONE;
      return {
        text:
          `This feature reads ${b} and is called ${calledHere(lab, first)}: it fires where ${inWords(first.rule)}. ` +
          "Its picture has a cell for every two numbers, the second across, and shows columns.",
        node: first.node,
      };
    }),
  },
  {
    title: "It reads its last digit, too",
    say: withPlots((lab, { b, bPosition }) => {
      const first = tellers(lab, "b", true, bPosition).find(({ rule }) => rule.numbers.includes(b % 10));
      if (!first) return NONE;
      return {
        text: `Another feature over the same token is ${calledHere(lab, first)}: it fires where ${inWords(first.rule)}, whatever its tens are.`,
        node: first.node,
      };
    }),
  },
  {
    title: "It looks both last digits up",
    say: withPlots((lab) => {
      const first = lookup(lab, "_");
      if (!first) return NONE;
      return {
        text:
          `This feature is called ${calledHere(lab, first)}: the last digits of both numbers have to fit, whatever their tens are, ` +
          "and its picture is a grid of dots. Such features are a table that was learned by heart.",
        node: first.node,
      };
    }),
  },
  {
    title: "It looks both sizes up",
    say: withPlots((lab) => {
      const first = lookup(lab, "~");
      if (!first) return NONE;
      return { text: `This one, ${calledHere(lab, first)}, asks about how large both numbers are: a blob.`, node: first.node };
    }),
  },
  {
    title: "One path knows the last digit",
    say: withPlots((lab, { sum }) => {
      const [first, second] = digitTellers(lab, sum);
      if (!first) return NONE;
      const both = second ? first.rule.numbers.filter((digit) => second.rule.numbers.includes(digit)) : [];
      const other = second
        ? ` Another, “${second.name}”, fires where ${inWords(second.rule)}${both.length === 1 ? `: only ${both[0]} is in both` : ""}.`
        : "";
      return {
        text:
          `This feature is called ${calledHere(lab, first)}: it fires where ${inWords(first.rule)}, which are stripes ` +
          `along the diagonals of its picture.${other}`,
        node: first.node,
      };
    }),
  },
  {
    title: "One path knows the rough size",
    say: withPlots((lab, { sum }) => {
      const first = sizeFeature(lab, sum);
      if (!first) return NONE;
      return {
        text:
          `This one is called ${calledHere(lab, first)}: it fires where ${inWords(first.rule)}, which is a band along the ` +
          `diagonal. The ring, at this prompt’s ${sum}, lies in or beside it.`,
        node: first.node,
      };
    }),
  },
  {
    title: "Both meet in the answer",
    say: (lab) => {
      const { node, token } = answer(lab);
      const fits = token === "" ? "The answer fits" : `${token} is the answer that fits`;
      return { text: `${fits} the last digit and the rough size at once. Put it to the test.`, node };
    },
  },
  {
    title: "The rough size turned round",
    set: (lab) => {
      const { operands, graph } = lab.view ?? {};
      const feature = operands && sizeFeature(lab, operands.a + operands.b);
      const key = feature && graph && keyOfNode(graph, feature.node);
      return key === undefined ? undefined : { [key]: OPPOSITE };
    },
    say: withPlots((lab, { sum }) => {
      const first = sizeFeature(lab, sum);
      if (!first) return NONE;
      const { token } = answer(lab);
      const now = lab.view?.steered?.answers
        .slice(0, 2)
        .map((each) => shiftedAnswer(lab, each))
        .filter(({ after }, i) => i === 0 || after >= PROBABLE)
        .map(({ text }) => text);
      const kept = now?.every((each) => each !== token && each.at(-1) === token.at(-1)) ? ": another rough size, the same last digit" : "";
      const outcome = now ? `With that set, the model says ${now.join(" or ")}${kept}.` : "";
      return { text: `“${first.name}” now writes the opposite of what it wrote. ${outcome}`.trim(), node: first.node };
    }),
  },
  {
    title: "Asked how, it tells another story",
    prompt: HOW,
    say: (lab) => {
      const said = lab.view?.continuation?.said.map(({ text }) => text).join("") ?? "";
      const story = said ? `It goes on: “${said.trim()}…” ` : "";
      return {
        text:
          `${story}That is what school teaches, and what this model learned to say. The graph of the sum shows no such steps: ` +
          "it shows the two paths. Now try a prompt of your own, set other features, and press Grade to see how far a graph " +
          "can be trusted.",
        node: answer(lab).node,
      };
    },
  },
];
