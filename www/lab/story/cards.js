// The story of the graph on show, drawn in an element: cards of features that do the same, arrows between them, words on both.

/** @import { Lab } from "../lab.js" */
/** @import { Story, StoryItem } from "../engine-api.js" */

import { html, onResize, svg } from "../dom.js";
import { counted } from "../format.js";
import { drawPlot } from "../graph/canvas.js";
import { changedOf } from "./changed.js";
import { flowsOf } from "./flows.js";
import { hasLanes, lanesOf } from "./lanes.js";
import { factsOf, toldOf } from "./told.js";
import { detailOf, featuresOf, inOrder, pathOf, rowsOf, titleOf } from "./words.js";

export { storyOf, toldOf } from "./told.js"; // for who loads this file late

const THUMB = 96; // pixels of a heat map, drawn at half its size or less
/** From left to right. */
const PATHS = ["magnitude", "", "ones"];

/**
 * Draws each story while it is shown, and asks for that of each graph.
 * @param {Lab} lab
 * @param {HTMLElement} element
 * @param {{ isShown: () => boolean, isWanted?: () => boolean, all?: () => void }} how `all` shows all nodes
 * @param {{ story: Story | undefined }} drawn becomes what was drawn last
 */
export function mountCards(lab, element, { isShown, isWanted = () => true, all }, drawn = { story: undefined }) {
  const arrows = svg("svg", { class: "story-flows", "aria-hidden": "true" });
  /** @type {HTMLElement[]} */ let cards = [];
  /** The item that stands out, with what it has to do with. @type {number | undefined} */ let lit;
  /** @type {number | undefined} */ let pointed;
  /** The card that has the keyboard, or had it when the story was hidden. */
  let held = -1;

  function drawFlows() {
    const { story } = drawn;
    if (!story || element.hidden) return;
    const { left, top } = element.getBoundingClientRect();
    const [x0, y0] = [left - element.scrollLeft, top - element.scrollTop];
    const boxes = cards.map((card) => card.getBoundingClientRect());
    arrows.setAttribute("width", String(element.clientWidth));
    arrows.setAttribute("height", String(element.scrollHeight));
    const boxOf = (/** @type {number} */ item) => {
      const box = boxes[item];
      return box && { x: box.x + box.width / 2 - x0, y: box.y + box.height / 2 - y0, width: box.width, height: box.height };
    };
    const highest = (element.querySelector(".laned")?.getBoundingClientRect().top ?? 0) - y0;
    arrows.replaceChildren(...lanesOf(story.items, boxOf, highest, lab.rem), ...flowsOf(story, boxOf, lit));
  }

  /** What is pointed at stands out, or else what is selected. */
  function light() {
    const item = pointed ?? selectedItem();
    if (item === lit) return;
    lit = item;
    element.classList.toggle("lit", lit !== undefined);
    const near = new Set(drawn.story?.flows.flatMap(([source, target]) => (source === lit || target === lit ? [source, target] : [])));
    cards.forEach((card, i) => card.classList.toggle("near", lit !== undefined && (i === lit || near.has(i))));
    drawFlows();
  }

  function draw() {
    const told = toldOf(lab);
    if (!lab.view || !told) return;
    const { body } = document;
    const focused = lab.focused && lab.focused !== body ? cards.indexOf(/** @type {HTMLElement} */ (lab.focused)) : held;
    const before = drawn.story?.items[focused];
    drawn.story = told;
    lit = pointed = undefined;
    element.classList.remove("lit");
    const names = rowsOf(told.items);
    cards = told.items.map((item, i) => cardOf(lab, item, i));
    /** @type {HTMLElement[]} */ const rows = [];
    for (let row = names.length - 1; row >= 0; row--) {
      const own = [...told.items.keys()].filter((i) => told.items[i].row === row);
      if (own.length === 0) continue;
      own.sort(row === 0 || !told.items.some(({ part }) => part) ? byPlace(lab, told) : byPath(told));
      rows.push(rowOf(told, names[row], own));
    }
    element.replaceChildren(arrows, ...rows, footOf(lab, told, all));
    // Who is on a card with the keyboard stays on it, or on the one in its place where it goes by another name now.
    const isSame = (/** @type {StoryItem} */ { row, words }) => row === before?.row && words === before.words;
    const same = told.items[focused] && isSame(told.items[focused]) ? focused : told.items.findIndex(isSame);
    if (before) cards[same < 0 ? Math.min(focused, cards.length - 1) : same]?.focus({ preventScroll: true });
    mark();
    markChanged();
    drawFlows();
  }

  /** @param {Story} told @param {string} name @param {number[]} own the row's items, from left to right */
  function rowOf({ items }, name, own) {
    const row = (/** @type {string} */ how, /** @type {HTMLElement[]} */ inside) =>
      html("div", { class: `story-row ${how}` }, html("span", { class: "row-name" }, name), ...inside);
    const isLaned = items[own[0]].kind === "features" && hasLanes(items);
    if (!isLaned)
      return row(
        own.length <= (items[own[0]].row === 0 ? 7 : 4) ? "in-line" : "",
        own.map((i) => cards[i]),
      );
    const places = PATHS.map((path) => {
      const place = own.filter((i) => pathOf(items[i]) === path);
      const how = path ? `in-lane${place.length < 3 ? " in-line" : ""}` : "between";
      return html("div", { class: how }, ...place.map((i) => cards[i]));
    });
    return row("laned", places);
  }

  /** What became of each card with features set. */
  function markChanged() {
    const told = toldOf(lab);
    cards.forEach((card, i) => {
      const item = told?.items[i];
      const changed = item && changedOf(lab, item);
      card.querySelector(".changed")?.remove();
      card.classList.toggle("set", changed?.whole === true);
      if (changed) card.append(html("span", { class: `changed ${changed.kind}` }, changed.text));
    });
  }

  /** The card that holds the selected node. */
  function selectedItem() {
    const { selected } = lab;
    const item = selected === undefined ? -1 : (drawn.story?.items.findIndex(({ nodes }) => nodes.includes(selected)) ?? -1);
    return item < 0 ? undefined : item;
  }

  function mark() {
    const item = selectedItem();
    cards.forEach((card, i) => {
      card.classList.toggle("selected", i === item);
      card.setAttribute("aria-pressed", String(i === item));
    });
    light();
  }

  /** @param {number | undefined} item */
  function point(item) {
    pointed = item;
    light();
  }

  // Not where it comes over a card: what is drawn under a pointer that rests is not pointed at.
  element.addEventListener("pointermove", (event) => event.pointerType !== "touch" && point(indexAt(event)));
  element.addEventListener("pointerleave", () => point(undefined));
  element.addEventListener("focusin", (event) => {
    held = indexAt(event) ?? -1;
    point(indexAt(event));
  });
  element.addEventListener("focusout", () => {
    if (!element.hidden) held = -1; // not where its being hidden took the keyboard away: it comes back with the story
    point(undefined);
  });
  element.addEventListener("click", (event) => {
    const [item, graph] = [toldOf(lab)?.items[indexAt(event) ?? -1], lab.view?.graph];
    if (item && graph) lab.select(next(inOrder(graph, item)));
  });
  /** Who clicks a card again sees its next feature. @param {number[]} nodes the strongest first */
  function next(nodes) {
    const place = lab.selected === undefined ? -1 : nodes.indexOf(lab.selected);
    return nodes[(place + 1) % nodes.length];
  }
  /** @param {Event} event */
  function indexAt(event) {
    const card = event.target instanceof Element ? event.target.closest(".story-card") : null;
    return card instanceof HTMLElement ? cards.indexOf(card) : undefined;
  }

  lab.watch(
    () => [lab.view, lab.view?.pruned, lab.features.ready, lab.view?.operands && lab.plots.isFinished(lab.view.operands.key), isWanted()],
    () => isWanted() && lab.worker.askStory(),
  );
  lab.watch(
    () => [
      lab.view,
      lab.view?.story,
      lab.view?.meanwhile,
      lab.view?.graph.whole,
      isShown(),
      lab.plots.arrivals,
      lab.features.names,
      lab.colours,
    ],
    () => isShown() && lab.whenReleased(element, draw),
  );
  lab.watch(() => lab.selected, mark);
  lab.watch(() => [lab.view?.steered, lab.view?.steeredWhole, lab.address.steering], markChanged);
  onResize(element, drawFlows, lab.lifetime);
}

/** @param {Lab} lab @param {StoryItem} item @param {number} i */
function cardOf(lab, item, i) {
  const { graph, operands } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const [title, detail, path] = [titleOf(graph, item), detailOf(graph, item), pathOf(item)];
  const plot = item.kind === "features" ? lab.plot(item.leader) : undefined;
  const thumb = plot && html("canvas", { width: THUMB, height: THUMB, "aria-hidden": "true" });
  if (thumb && plot) drawPlot(lab, /** @type {CanvasRenderingContext2D} */ (thumb.getContext("2d")), plot, THUMB, operands);
  const words = html(
    "span",
    { class: "words" },
    html("span", { class: "title" }, title),
    detail ? html("span", { class: "detail" }, detail) : undefined,
  );
  const look = {
    type: "button",
    class: `story-card of-${item.kind}${path ? ` ${path}` : ""}`,
    "data-item": i,
    title: detail ? `${title}: ${detail}` : title,
  };
  const features = item.part ? featuresOf(graph, item) : 1;
  const times = features > 1 ? html("span", { class: "times", title: counted(features, "feature") }, `×${features}`) : undefined;
  return html("button", look, thumb, words, times);
}

/** Cards of one path stand beside each other. @param {Story} story */
function byPath({ items }) {
  const place = (/** @type {number} */ i) => PATHS.indexOf(pathOf(items[i]));
  const part = (/** @type {number} */ i) => (items[i].part?.startsWith("second") ? 1 : 0);
  return (/** @type {number} */ a, /** @type {number} */ b) => place(a) - place(b) || part(a) - part(b) || a - b;
}

/** In the order of the text. @param {Lab} lab @param {Story} story */
function byPlace(lab, { items }) {
  const { position } = /** @type {NonNullable<Lab["view"]>} */ (lab.view).graph;
  return (/** @type {number} */ a, /** @type {number} */ b) => position[items[a].leader] - position[items[b].leader] || a - b;
}

/** How much of the graph is told, and what is not. @param {Lab} lab @param {Story} story @param {() => void} [all] shows all nodes */
function footOf(lab, story, all) {
  const button = all && html("button", { type: "button", class: "link" }, `All ${counted(lab.view?.pruned.nodes.length ?? 0, "node")}`);
  if (all) button?.addEventListener("click", all);
  return html("p", { class: "story-foot" }, `${factsOf(lab, story).join("; ")}. `, button);
}
