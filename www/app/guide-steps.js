// What the guide says, step by step. It says of a feature only what its name and its plot say, and finds it by them.

/** @import { App } from "./app.js" */

import { answerText } from "./format.js";
import { FEATURE, LOGIT } from "./kinds.js";
import { shiftedAnswer } from "./steer/shifted.js";

/** @typedef {{ text: string, node: number | undefined }} Said what a step says, and the node that it points at */
/** @typedef {{ title: string, say: (app: App) => Said }} Step */
/**
 * What an operand plot's name tells: of which number, whether of its last digit or its rough size, and which. @typedef {{ of: string,
 * digits: boolean, numbers: number[] }} Rule
 */
/** @typedef {{ node: number, name: string, rule: Rule }} Found */

const NUMBERS = { a: "the first number", b: "the second number", sum: "the sum" };

/** @param {string | undefined} label as the engine gives it, e.g. `sum = _5, _6` or `b ~ 59` @returns {Rule | undefined} */
export function ruleOf(label) {
  const found = /^(a|b|sum) (?:= (_\d(?:, _\d)*)|~ (\d+(?:, ~\d+)*))$/.exec(label ?? "");
  if (!found) return undefined;
  const [, of, digits, sizes] = found;
  return { of, digits: digits !== undefined, numbers: (digits ?? sizes).split(", ").map((each) => Number(each.replace(/^[_~]/, ""))) };
}

/** A rule in words: `the sum ends in 5 or 6`. @param {Rule} rule */
function inWords({ of, digits, numbers }) {
  return `${NUMBERS[/** @type {keyof typeof NUMBERS} */ (of)]} ${digits ? "ends in" : "is about"} ${numbers.join(" or ")}`;
}

/** Whether all plots of the features on show are here. @param {App} app */
function plotsAreHere(app) {
  const { view } = app;
  return (
    view?.operands !== undefined &&
    Array.from(view.pruned.nodes).every((node) => view.graph.kind[node] !== FEATURE || app.plot(node) !== undefined)
  );
}

/**
 * Features on show over a token whose plots tell of such a number, most influential first.
 * @param {App} app
 * @param {string} of
 * @param {boolean} digits
 * @param {number} position
 * @returns {Found[]}
 */
function tellers(app, of, digits, position) {
  const { graph, pruned } = /** @type {NonNullable<App["view"]>} */ (app.view);
  const features = Array.from(pruned.nodes).filter((node) => graph.kind[node] === FEATURE && graph.position[node] === position);
  return features
    .sort((a, b) => graph.influence[a] - graph.influence[b])
    .flatMap((node) => {
      const rule = ruleOf(app.plot(node)?.label);
      return rule?.of === of && rule.digits === digits ? [{ node, name: app.nameOf(node), rule }] : [];
    });
}

/**
 * The one nearest to a number, and of several as near the one with the fewest others.
 * @param {Found[]} all
 * @param {number} number
 * @returns {Found | undefined}
 */
function nearest(all, number) {
  const far = (/** @type {Found} */ { rule }) => Math.min(...rule.numbers.map((each) => Math.abs(each - number)));
  return all.toSorted((a, b) => far(a) - far(b) || a.rule.numbers.length - b.rule.numbers.length)[0];
}

/**
 * @param {App} app
 * @param {number} sum
 * @returns {Found | undefined} the feature at the last token whose rough size is nearest to this sum
 */
export function sizeFeature(app, sum) {
  return plotsAreHere(app) ? nearest(tellers(app, "sum", false, lastPosition(app)), sum) : undefined;
}

/** @param {App} app */
const lastPosition = (app) => (app.view?.graph.tokens.length ?? 1) - 1;

/**
 * The most influential feature on show that asks for both numbers at once, as `_6 + _9` or `~36 + ~60` does.
 * @param {App} app
 * @param {"_" | "~"} mark of last digits, or of rough sizes
 * @returns {{ node: number, name: string } | undefined}
 */
function lookup(app, mark) {
  const { graph, pruned } = /** @type {NonNullable<App["view"]>} */ (app.view);
  const features = Array.from(pruned.nodes).filter((node) => graph.kind[node] === FEATURE);
  const isIt = (/** @type {string} */ label) => label.split(" + ").length > 1 && label.split(" + ").every((side) => side.startsWith(mark));
  const node = features.sort((a, b) => graph.influence[a] - graph.influence[b]).find((each) => isIt(app.plot(each)?.label ?? ""));
  return node === undefined ? undefined : { node, name: app.nameOf(node) };
}

/** @param {App} app @param {number} number */
function digitTellers(app, number) {
  return tellers(app, "sum", true, lastPosition(app)).filter(({ rule }) => rule.numbers.includes(number % 10));
}

/**
 * A step about plots: until they are here it points at nothing.
 * @param {(app: App, operands: { a: number, b: number, sum: number, bPosition: number }) => Said} say
 * @returns {Step["say"]}
 */
function withPlots(say) {
  return (app) => {
    const here = app.view?.operands;
    if (!here) return { text: "This prompt has no pictures of operands.", node: undefined };
    if (!plotsAreHere(app)) return { text: "The pictures of the features are being computed…", node: undefined };
    return say(app, { ...here, sum: here.a + here.b });
  };
}

const NONE = { text: "At these thresholds no such feature is on show.", node: undefined };

/** @param {App} app */
function answer(app) {
  const node = app.view?.pruned.nodes.find((each) => app.view?.graph.kind[each] === LOGIT);
  const graph = app.view?.graph;
  return { node, token: graph?.answers[0] ? answerText(graph, graph.answers[0]) : "" };
}

/** @type {Step[]} */
export const STEPS = [
  {
    title: "A model adds",
    say: (app) => ({
      text:
        "The prompt’s tokens are the lowest row of the graph, and what the model says next, " +
        `${answer(app).token}, is the highest. In between are the features that fired. Nobody wrote down how ` +
        "to add: the graph shows how this model came to do it.",
      node: answer(app).node,
    }),
  },
  {
    title: "It reads the numbers",
    say: withPlots((app, { b, bPosition }) => {
      const size = nearest(tellers(app, "b", false, bPosition), b);
      const digit = tellers(app, "b", true, bPosition).find(({ rule }) => rule.numbers.includes(b % 10));
      const first = size ?? digit;
      if (!first) return NONE;
      const other = size && digit ? ` Another over the same token, “${digit.name}”, fires where ${inWords(digit.rule)}.` : "";
      return {
        text:
          `This feature stands over ${b} and is called “${first.name}”: it fires where ${inWords(first.rule)}. ` +
          `Its picture has a cell for every two numbers, the second across, and shows columns.${other}`,
        node: first.node,
      };
    }),
  },
  {
    title: "It looks both up",
    say: withPlots((app) => {
      const [digits, sizes] = [lookup(app, "_"), lookup(app, "~")];
      const first = digits ?? sizes;
      if (!first) return NONE;
      const said = digits
        ? `This feature is called “${digits.name}”: the last digits of both numbers have to fit, whatever their ` +
          "tens are, and its picture is a grid of dots."
        : "";
      const other = sizes ? ` ${digits ? "Another" : "This feature"}, “${sizes.name}”, asks about how large both are: a blob.` : "";
      return { text: `${said}${other} Such features are a table that was learned by heart.`.trim(), node: first.node };
    }),
  },
  {
    title: "One path knows the last digit",
    say: withPlots((app, { sum }) => {
      const [first, second] = digitTellers(app, sum);
      if (!first) return NONE;
      const both = second ? first.rule.numbers.filter((digit) => second.rule.numbers.includes(digit)) : [];
      const other = second
        ? ` Another, “${second.name}”, fires where ${inWords(second.rule)}${both.length === 1 ? `: only ${both[0]} is in both` : ""}.`
        : "";
      return {
        text:
          `This feature is called “${first.name}”: it fires where ${inWords(first.rule)}, which are stripes ` +
          `along the diagonals of its picture.${other}`,
        node: first.node,
      };
    }),
  },
  {
    title: "One path knows the rough size",
    say: withPlots((app, { sum }) => {
      const first = sizeFeature(app, sum);
      if (!first) return NONE;
      return {
        text:
          `This one is called “${first.name}”: it fires where ${inWords(first.rule)}, which is a band along the ` +
          `diagonal. The ring, at this prompt’s ${sum}, lies in or beside it.`,
        node: first.node,
      };
    }),
  },
  {
    title: "Both meet in the answer",
    say: withPlots((app, { sum }) => {
      const { node, token } = answer(app);
      const size = sizeFeature(app, sum);
      const now = app.steered?.answers.slice(0, 2).map((each) => shiftedAnswer(app, each).text);
      const kept = now?.every((each) => each !== token && each.at(-1) === token.at(-1))
        ? ": the rough size is gone, the last digit is not"
        : "";
      const test = now
        ? `With that set, the model says ${now.join(" or ")}${kept}.`
        : size
          ? `Put it to the test: write the opposite of “${size.name}”, and see what the model says instead of ${token}.`
          : "";
      return {
        text:
          `${token} is the answer that fits the last digit and the rough size at once. ${test} Then change the ` +
          "prompt, set other features, and press Grade to see how far this graph can be trusted.",
        node,
      };
    }),
  },
];
