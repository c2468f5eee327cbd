// The graph on show told as a story: cards of features that do the same, arrows between them, words on both. It stands where the graph
// stands, which is one click away.

/** @import { Lab } from "../lab.js" */
/** @import { Signal } from "@preact/signals-core" */
/** @import { Story, StoryItem } from "../engine-api.js" */
/** @import { View } from "../view.js" */

import { html, onResize, svg } from "../dom.js";
import { counted, percent } from "../format.js";
import { drawPlot } from "../graph/canvas.js";
import { FEATURE } from "../kinds.js";
import { store, stored } from "../storage.js";
import { signal } from "../store.js";
import { flowsOf } from "./flows.js";
import { detailOf, featuresOf, pathOf, rowsOf, titleOf } from "./words.js";

const KEY = "attograph-view";
const AT_ONCE_MS = 1500; // the story before stays no longer over another graph
const THUMB = 96; // pixels of a heat map, drawn at half its size or less
/** From left to right. */
const PATHS = ["magnitude", "", "ones"];

/** What is on show where nobody said. @param {Lab} lab */
function viewOf(lab) {
  return lab.address.view ?? (stored(KEY) === "nodes" ? "nodes" : "story");
}

/**
 * The story of the graph on show: until its own is here that of the recorded one, where that is the same graph.
 * @param {Lab} lab @returns {Story | undefined}
 */
function storyOf({ view }) {
  const recording = view?.story ? undefined : view?.recording;
  if (!recording?.story) return view?.story;
  const number = (/** @type {number} */ node) => view?.indexOf.get(recording.graph.id[node]) ?? 0;
  return {
    ...recording.story,
    items: recording.story.items.map((it) => ({ ...it, nodes: it.nodes.map(number), leader: number(it.leader) })),
  };
}

/** @param {Lab} lab */
export function mountStory(lab) {
  const element = lab.part("story");
  const arrows = svg("svg", { class: "story-flows", "aria-hidden": "true" });
  /** @type {HTMLElement[]} */ let cards = [];
  /** @type {number | undefined} */ let lit;
  const buttons = /** @type {const} */ (["story", "nodes"]).map((view) => {
    const button = lab.part(`view-${view}`);
    button.addEventListener("click", () => {
      lab.address.view = view;
      store(KEY, view);
    });
    return { view, button };
  });

  /** @type {Story | undefined} */ let story;
  /** Whether the graph on show has no story yet, and will have one at once: until then the one before stays. */
  const isComing = () => {
    const { view } = lab;
    const named = view?.operands ? lab.plots.isFinished(view.operands.key) : lab.features.ready;
    return story !== undefined && lab.isLive && named && overdue.value !== view;
  };
  /** The graph whose story did not come at once. @type {Signal<View | undefined>} */
  const overdue = signal(undefined);
  let waiting = 0;
  lab.watch(
    () => lab.view,
    () => {
      clearTimeout(waiting);
      const { view } = lab;
      if (view && !storyOf(lab)) waiting = setTimeout(() => (overdue.value = view), AT_ONCE_MS);
    },
  );
  /** Whether the story is on show. */
  const isShown = () => {
    const staged = lab.frames >= 0 && lab.root.classList.contains("on-stage"); // a talk shows nodes
    return viewOf(lab) === "story" && !staged && (storyOf(lab) !== undefined || isComing());
  };

  function drawFlows() {
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
    arrows.replaceChildren(...flowsOf(story, boxOf, lit));
  }

  /** @param {number | undefined} item */
  function light(item) {
    if (item === lit) return;
    lit = item;
    element.classList.toggle("lit", lit !== undefined);
    const near = new Set(story?.flows.flatMap(([source, target]) => (source === lit || target === lit ? [source, target] : [])));
    cards.forEach((card, i) => card.classList.toggle("near", lit !== undefined && (i === lit || near.has(i))));
    drawFlows();
  }

  function draw() {
    const told = storyOf(lab);
    if (!lab.view || !told) return;
    story = told;
    lit = undefined;
    element.classList.remove("lit");
    const names = rowsOf(told.items);
    cards = told.items.map((item, i) => cardOf(lab, item, i));
    /** @type {HTMLElement[]} */ const rows = [];
    for (let row = names.length - 1; row >= 0; row--) {
      const own = [...told.items.keys()].filter((i) => told.items[i].row === row);
      if (own.length === 0) continue;
      own.sort(row === 0 || !told.items.some(({ part }) => part) ? byPlace(lab, told) : byPath(told));
      rows.push(
        html(
          "div",
          { class: `story-row${own.length <= (row === 0 ? 7 : 4) ? " in-line" : ""}` },
          html("span", { class: "row-name" }, names[row]),
          ...own.map((i) => cards[i]),
        ),
      );
    }
    element.replaceChildren(arrows, ...rows, footOf(lab, told));
    mark();
    drawFlows();
  }

  /** Which card holds the selected node. */
  function mark() {
    const { selected } = lab;
    const told = storyOf(lab);
    cards.forEach((card, i) => {
      const here = selected !== undefined && (told?.items[i]?.nodes.includes(selected) ?? false);
      card.classList.toggle("selected", here);
      card.setAttribute("aria-pressed", String(here));
    });
  }

  element.addEventListener("pointerover", (event) => light(indexAt(event)));
  element.addEventListener("pointerleave", () => light(undefined));
  element.addEventListener("focusin", (event) => light(indexAt(event)));
  element.addEventListener("focusout", () => light(undefined));
  element.addEventListener("click", (event) => {
    const item = storyOf(lab)?.items[indexAt(event) ?? -1];
    if (item)
      lab.select(
        next(
          item.nodes.filter((node) => lab.view?.graph.kind[node] === FEATURE || item.nodes.length === 1),
          item.leader,
        ),
      );
  });
  /** Who clicks a card again sees its next feature. @param {number[]} nodes @param {number} leader */
  function next(nodes, leader) {
    const place = lab.selected === undefined ? -1 : nodes.indexOf(lab.selected);
    return place < 0 ? leader : nodes[(place + 1) % nodes.length];
  }
  /** @param {Event} event */
  function indexAt(event) {
    const card = event.target instanceof Element ? event.target.closest(".story-card") : null;
    return card instanceof HTMLElement ? cards.indexOf(card) : undefined;
  }

  lab.watch(isShown, () => {
    const shown = isShown();
    element.hidden = !shown;
    lab.part("screen").classList.toggle("story-view", shown);
    lab.part("pane").inert = shown;
    if (!shown && lab.view) lab.redraw(); // while it was not seen it was not drawn
  });
  lab.bus.on("visit", (node) => {
    if (!isShown() || story?.items.some(({ nodes }) => nodes.includes(node))) return;
    lab.address.view = "nodes"; // what is visited stands in no card
    lab.bus.emit("visit", node);
  });
  lab.effect(() => {
    const shown = isShown();
    for (const { view, button } of buttons) button.setAttribute("aria-pressed", String(view === (shown ? "story" : "nodes")));
    const [{ button }] = buttons;
    button.toggleAttribute("disabled", lab.view !== undefined && !storyOf(lab) && !lab.isLive); // of a file there is none
    const coming = viewOf(lab) === "story" && !shown && lab.isLive;
    button.textContent = coming ? "Story follows…" : "Story";
  });
  lab.watch(
    () => [lab.view, lab.view?.pruned, lab.features.ready, lab.view?.operands && lab.plots.isFinished(lab.view.operands.key)],
    () => lab.worker.tell(),
  );
  lab.watch(
    () => [lab.view, lab.view?.story, lab.view?.graph.whole, isShown(), lab.plots.arrivals, lab.features.names, lab.colours],
    () => isShown() && lab.whenReleased(element, draw),
  );
  lab.watch(() => lab.selected, mark);
  onResize(element, drawFlows);
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
    title: `${title}: ${detail}`,
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

/** How much of the graph is told, and what is not. @param {Lab} lab @param {Story} story */
function footOf(lab, { items, scores, pruned, leftOut, idle: [tokens, share] }) {
  const features = items.filter(({ kind }) => kind !== "answer").length;
  const all = html("button", { type: "button", class: "link" }, `All ${counted(lab.view?.pruned.nodes.length ?? 0, "node")}`);
  all.addEventListener("click", () => lab.part("view-nodes").click());
  const kept = pruned[0] > 0 ? scores[0] / pruned[0] : 1;
  const facts = [
    `${counted(features, "card")} keep ${percent(Math.min(1, kept))} of the replacement score of the nodes on show`,
    tokens > 0 ? `${counted(tokens, "token")} that add ${percent(share)} are folded` : "",
    leftOut > 0 ? `${counted(leftOut, "feature")} left out` : "",
  ];
  return html("p", { class: "story-foot" }, `${facts.filter(Boolean).join("; ")}. `, all);
}
