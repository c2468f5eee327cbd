// The boxes of a vignette that one makes: what the model could have read becomes its facts, and what not is refused with a sentence.

/** @import { Facts, Finding, Table } from "./bayes.js" */

import { html } from "../lab/dom.js";
import { at } from "./figures.js";
import { faultOf, findingsOf, MOST, withNumbers } from "./vignette.js";

/**
 * Readies the boxes.
 * @param {Table} table @param {(facts: Facts) => void} made called with other facts
 * @returns {(facts: Facts) => void} writes facts into the boxes
 */
export function makeOne(table, made) {
  const form = /** @type {HTMLFormElement} */ (at("facts"));
  /** @param {string} name */
  const field = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  /** @type {Facts} */ let facts;

  /** What the boxes say. */
  function fill(/** @type {Facts} */ shown) {
    facts = shown;
    fail("");
    if (document.activeElement !== field("age")) field("age").value = String(facts.age);
    field("sex").value = facts.sex;
    if (document.activeElement !== field("weeks")) field("weeks").value = facts.weeks ? String(facts.weeks) : "";
    field("history").value = facts.history[0] ?? "";
    const item = (/** @type {Finding} */ { key, phrase, name }, /** @type {"present" | "absent"} */ list) => {
      const words = list === "present" ? withNumbers(phrase) : `no ${name ?? withNumbers(phrase)}`;
      const button = html("button", { type: "button", "aria-label": `Take away: ${words}`, "data-key": key, "data-list": list }, "×");
      return html("li", { class: list }, words, button);
    };
    at("findings").replaceChildren(
      ...findingsOf(table, facts.present).map((finding) => item(finding, "present")),
      ...findingsOf(table, facts.absent).map((finding) => item(finding, "absent")),
    );
  }

  /** @param {string[]} keys @param {string} key */
  function without(keys, key) {
    return keys.filter((each) => each !== key);
  }

  /** The finding that was typed joins the others. @param {"present" | "absent"} list */
  function add(list) {
    const box = field("finding");
    const typed = box.value.trim().toLowerCase();
    if (!typed) return;
    const named = table.findings.find(({ phrase, name, key }) =>
      [withNumbers(phrase), name, key].some((each) => each?.toLowerCase() === typed),
    );
    if (!named) return fail(`The table has no “${box.value.trim()}”. Choose one of the list.`);
    if (list === "absent" && !named.name) return fail(`No vignette says that “${withNumbers(named.phrase)}” is absent.`);
    const rest = { present: without(facts.present, named.key), absent: without(facts.absent, named.key) };
    if (rest[list].length >= MOST[list])
      return fail(
        list === "present"
          ? `It has read of at most ${MOST.present} findings at once: take one away first.`
          : "It has read of one absent finding at most: take that away first.",
      );
    box.value = "";
    compose({ ...facts, ...rest, [list]: [...rest[list], named.key] });
  }

  /** @param {string} sentence */
  function fail(sentence) {
    at("fault").textContent = sentence;
  }

  /** Other facts, where a vignette could say them. @param {Facts} wanted */
  function compose(wanted) {
    const fault = faultOf(table, wanted);
    if (fault) fail(fault);
    else made(wanted);
  }

  at("known").replaceChildren(...table.findings.map(({ phrase }) => html("option", { value: withNumbers(phrase) })));
  field("history").append(
    html("option", { value: "" }, "not said"),
    ...table.histories.map(({ key, phrase }) => html("option", { value: key }, phrase)),
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    if (target === field("finding")) return;
    const [age, weeks] = ["age", "weeks"].map((name) => Number(field(name).value));
    compose({
      ...facts,
      age,
      weeks,
      sex: /** @type {Facts["sex"]} */ (field("sex").value),
      history: [field("history").value].filter(Boolean),
    });
  });
  form.addEventListener("click", ({ target }) => {
    if (!(target instanceof HTMLButtonElement)) return;
    const { key, list } = target.dataset;
    if (key) compose({ ...facts, present: without(facts.present, key), absent: without(facts.absent, key) });
    else if (!list) add(/** @type {"present" | "absent"} */ (target.value));
  });
  field("finding").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    add("present");
  });
  return fill;
}
