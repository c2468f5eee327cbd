// What the graph explains: the top answers, a given token, or the difference of two.

/** @import { Lab } from "./lab.js" */
/** @import { Graph, Reading, Target } from "./messages.js" */

import { READINGS } from "./address-fields.js";
import { mountDifference } from "./difference.js";
import { html, term } from "./dom.js";
import { answerText } from "./format.js";

/** What edges take as given, in words. @type {Record<Reading, { name: string, short: string, says: string }>} */
const HELD = {
  "patterns,norms": { name: "patterns and norms", short: "", says: "Edges add up to what the answer is made of." },
  patterns: { name: "patterns", short: "norms live", says: "Edges are derivatives, through norms too." },
  norms: { name: "norms", short: "patterns live", says: "Edges are derivatives, through where heads look too." },
  errors: { name: "errors", short: "errors held", says: "Edges are derivatives in the features’ own model." },
  nothing: { name: "nothing", short: "live", says: "Edges are derivatives: what would change, in the original too." },
};

/** @param {Target} target @param {Graph | undefined} graph whose answers go by their names */
export function nameOfTarget(target, graph) {
  if (target.kind === "answers") return "top answers";
  const called = (/** @type {string} */ name) => {
    const answer = graph?.answers.find((each) => each.name === name);
    return answerText(graph ?? {}, answer ?? { token: name });
  };
  return target.kind === "tokens" ? target.tokens.map(called).join(", ") : `${called(target.token)} − ${called(target.minus)}`;
}

/**
 * What the first token of an answer is typed as, where a whole answer is typed; else what is typed.
 * @param {string} typed
 * @param {Graph | undefined} graph
 */
function firstTyped(typed, graph) {
  const whole = graph?.whole?.find(({ text }) => text.trim() === typed.trim());
  return graph?.answers.find(({ id }) => id === whole?.id)?.name ?? typed;
}

/** @param {Lab} lab */
export function mountTarget(lab) {
  /** @type {HTMLDetailsElement} */ const popup = lab.part("target");
  const name = lab.part("target-name");
  const form = lab.part("target-form");
  /** @type {Record<Target["kind"], HTMLInputElement>} */
  const kinds = {
    answers: html("input", { type: "radio", name: "target-kind" }),
    tokens: html("input", { type: "radio", name: "target-kind" }),
    difference: html("input", { type: "radio", name: "target-kind" }),
  };
  const known = html("datalist", { "data-part": "answers-known" });
  const box = (/** @type {string} */ label) =>
    html("input", {
      type: "text",
      size: 7,
      maxlength: 200,
      list: lab.idOf(known),
      "aria-label": label,
      autocomplete: "off",
      spellcheck: "false",
    });
  const token = box("Token to explain");
  const plus = box("Token that should be high");
  const minus = box("Token to take away");
  const hold = html("select", {}, ...READINGS.map((value) => html("option", { value }, HELD[value].name)));
  const hint = html("p", { class: "hint" });
  form.append(
    html("p", {}, "The ", term("target"), " of the graph:"),
    html("label", {}, kinds.answers, " the top answers"),
    html("div", {}, html("label", {}, kinds.tokens, " the token "), token),
    html("div", {}, html("label", {}, kinds.difference, " the difference "), plus, " − ", minus),
    html("p", { class: "hint" }, "#257 is token 257, also one that cannot be seen or typed."),
    html("label", {}, term("reading", "Held"), ": ", hold),
    hint,
    known,
  );

  function show() {
    const { target } = lab.address;
    const reading = HELD[lab.address.hold];
    name.textContent = nameOfTarget(target, lab.view?.graph) + (reading.short ? `, ${reading.short}` : "");
    hold.value = lab.address.hold;
    hint.textContent = reading.says;
    kinds[target.kind].checked = true;
    const graph = lab.view?.graph;
    const [first, second] = graph?.answers ?? [];
    const text = (/** @type {HTMLInputElement} */ input, /** @type {string | undefined} */ value) => {
      if (input !== lab.focused) input.value = value ?? "";
    };
    text(token, target.kind === "tokens" ? target.tokens[0] : token.value || first?.name);
    text(plus, target.kind === "difference" ? target.token : plus.value || first?.name);
    text(minus, target.kind === "difference" ? target.minus : minus.value || second?.name);
    known.replaceChildren(
      ...(graph?.answers ?? []).map((answer) => html("option", { value: answer.name, label: answerText(graph ?? {}, answer) })),
    );
  }

  function choose() {
    for (const input of [token, plus, minus]) input.value = firstTyped(input.value, lab.view?.graph);
    if (kinds.answers.checked) lab.explain({ kind: "answers" });
    else if (kinds.tokens.checked && token.value) lab.explain({ kind: "tokens", tokens: [token.value] });
    else if (kinds.difference.checked && plus.value && minus.value)
      lab.explain({ kind: "difference", token: plus.value, minus: minus.value });
  }
  for (const kind of Object.values(kinds)) kind.addEventListener("change", choose);
  for (const [input, kind] of /** @type {const} */ ([
    [token, "tokens"],
    [plus, "difference"],
    [minus, "difference"],
  ])) {
    input.addEventListener("change", () => {
      kinds[kind].checked = true;
      choose();
    });
  }
  hold.addEventListener("change", () => lab.explain(lab.address.target, /** @type {Reading} */ (hold.value)));
  popup.addEventListener("toggle", () => popup.open && show());
  lab.effect(show);
  mountDifference(lab, () => {
    popup.open = true;
    minus.focus();
    minus.select();
  });
}
