// What the figures of all studies do: links to the lab in the state of the picture beside them, and buttons that set it back.

import "../elements/stories.js";

/** @import { AttoElement } from "../elements/atto-element.js" */
/** @import { ElementLab } from "../elements/element-lab.js" */

import { html } from "../lab/dom.js";

/** The elements of a figure’s lab. @param {Element} figure @returns {AttoElement[]} */
function elementsOf(figure) {
  return /** @type {AttoElement[]} */ ([...figure.querySelectorAll("atto-story, atto-graph, atto-outcome, atto-verdict")]);
}

/** The first element of a figure. @param {string} id */
export function elementAt(id) {
  return /** @type {AttoElement} */ (document.getElementById(id));
}

/**
 * A file of figures, by its name beside the study.
 * @param {string} name
 * @returns {Promise<any>}
 * @throws {Error} with a sentence, which then stands above the article, too
 */
export async function dataOf(name) {
  try {
    const response = await fetch(new URL(name, document.baseURI));
    if (response.ok) return await response.json();
  } catch {} // what is cut off is told alike
  const sentence = `Figures of this page did not arrive (${name}). Check the connection and load the page again.`;
  document.querySelector("article")?.prepend(html("p", { class: "notice", role: "alert" }, sentence));
  throw new Error(sentence);
}

/**
 * Calls once the lab behind an element is there, and whenever what `read` lists is another.
 * @param {AttoElement} element
 * @param {(lab: ElementLab) => unknown[]} read
 * @param {(lab: ElementLab) => void} draw
 */
export function follow(element, read, draw) {
  const begin = () => {
    const lab = element.shared?.lab;
    if (!lab) return false;
    lab.watch(
      () => read(lab),
      () => draw(lab),
    );
    return true;
  };
  if (begin()) return;
  const wait = () => begin() && element.removeEventListener("load", wait);
  element.addEventListener("load", wait);
}

/** Has the lab of an element trace a prompt, also one that its attribute says already. @param {AttoElement} element @param {string} prompt */
export function askOf(element, prompt) {
  const lab = element.shared?.lab;
  if (element.getAttribute("prompt") !== prompt) element.setAttribute("prompt", prompt);
  else if (lab && lab.prompt !== prompt) lab.ask(prompt);
}

/** What has this id on the page. @param {string} id */
export function at(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** Sets the words of an element. @param {string} id @param {string} text */
export function textAt(id, text) {
  const element = document.getElementById(id);
  if (element) element.textContent = text;
}

/**
 * Buttons of which one is chosen; the first is to begin with. Returns what chooses one, and marks one without acting.
 * @param {string} id @param {string[]} names @param {(i: number) => void} act
 * @returns {((i: number) => void) & { mark: (i: number) => void }}
 */
export function choices(id, names, act) {
  const buttons = names.map((name) => html("button", { type: "button", "aria-pressed": "false" }, name));
  const mark = (/** @type {number} */ i) => buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === i)));
  const choose = (/** @type {number} */ i) => {
    mark(i);
    act(i);
  };
  buttons.forEach((button, i) => button.addEventListener("click", () => choose(i)));
  document.getElementById(id)?.replaceChildren(...buttons);
  mark(0);
  return Object.assign(choose, { mark });
}

for (const figure of document.querySelectorAll("figure[data-lab]")) {
  const caption = figure.querySelector("figcaption");
  const all = elementsOf(figure);
  const shows = (/** @type {AttoElement} */ { localName }) => ["atto-story", "atto-graph"].includes(localName);
  const element = all.find(shows) ?? all[0]; // the link leads to what it shows
  if (!caption || !element) continue;
  const link = html("a", { href: "../", class: "open" }, "Open in the lab");
  const update = () => (link.href = `../${element.getState().replace(/^\d+/, "")}`);
  for (const event of ["pointerenter", "pointerdown", "focus"]) link.addEventListener(event, update);
  const reset = html("button", { type: "button", class: "reset" }, "Reset");
  /** What each of the figure’s labs began with. @type {Map<object, { of: AttoElement, state: string }>} */ const first = new Map();
  document.addEventListener("load", ({ target }) => {
    const { shared } = /** @type {Partial<AttoElement>} */ (target);
    const own = shared && all.find((each) => each.shared === shared);
    if (own && !first.has(shared)) first.set(shared, { of: own, state: own.getState() });
  });
  reset.addEventListener("click", () => {
    for (const { of, state } of first.values()) of.setState(state);
    figure.dispatchEvent(new CustomEvent("reset"));
  });
  caption.append(link, reset);
}

// On a phone the bar of links is wider than the screen: the study on show is to be in it.
const here = /** @type {HTMLElement | null} */ (document.querySelector("nav [aria-current]"));
const links = here?.parentElement;
if (here && links) links.scrollLeft = here.offsetLeft - links.offsetLeft - (links.clientWidth - here.offsetWidth) / 2;
