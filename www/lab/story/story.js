// Whether the page shows the graph as a story or all of its nodes: the story stands where the graph stands, which is one click away.

/** @import { Lab } from "../lab.js" */
/** @import { Signal } from "@preact/signals-core" */
/** @import { Story } from "../engine-api.js" */
/** @import { View } from "../view.js" */

import { unpin } from "../arrangement.js";
import { whenReadable } from "../graph/when-readable.js";
import { toggleOff } from "../steer/controls.js";
import { store, stored, VIEW_KEY } from "../storage.js";
import { signal } from "../store.js";
import { mountCards } from "./cards.js";
import { toldOf } from "./told.js";

const LARGE = 250; // nodes on show whose story takes long: it is told to who wants to see it
const AT_ONCE_MS = 1500; // the story before stays no longer over another graph

/** What is on show where nobody said. @param {Lab} lab */
function viewOf(lab) {
  return lab.address.view ?? (stored(VIEW_KEY) === "nodes" ? "nodes" : "story");
}

/** @param {Lab} lab */
export function mountStory(lab) {
  const element = lab.part("story");
  if (viewOf(lab) === "nodes") void whenReadable(); // so that the first graph need not wait for it
  /** @type {{ story: Story | undefined }} */ const drawn = { story: undefined };
  const buttons = /** @type {const} */ (["story", "nodes"]).map((view) => {
    const button = lab.part(`view-${view}`);
    button.addEventListener("click", () => {
      lab.address.view = view;
      store(VIEW_KEY, view);
    });
    return { view, button };
  });

  /** Whether the graph on show has no story yet, and will have one at once: until then the one before stays. */
  const isComing = () => {
    const { view } = lab;
    const named = view?.operands ? lab.plots.isFinished(view.operands.key) : lab.features.ready;
    return drawn.story !== undefined && lab.isLive && named && overdue.value !== view;
  };
  /** The graph whose story did not come at once. @type {Signal<View | undefined>} */
  const overdue = signal(undefined);
  let waiting = 0;
  lab.watch(
    () => lab.view,
    () => {
      clearTimeout(waiting);
      const { view } = lab;
      if (view && !toldOf(lab)) waiting = setTimeout(() => (overdue.value = view), AT_ONCE_MS);
    },
  );
  /** Whether the story is on show. */
  const isShown = () => {
    const staged = lab.frames >= 0 && lab.root.classList.contains("on-stage"); // a talk shows what its step says, or nodes
    return (staged ? lab.address.view : viewOf(lab)) === "story" && (toldOf(lab) !== undefined || isComing());
  };

  lab.watch(isShown, () => {
    const shown = isShown();
    element.hidden = !shown;
    lab.shown = shown ? "story" : "nodes";
    lab.part("screen").classList.toggle("story-view", shown);
    lab.part("pane").inert = shown;
    if (!shown && lab.view) lab.redraw(); // while it was not seen it was not drawn
  });
  lab.bus.on("visit", (node) => {
    if (!isShown() || drawn.story?.items.some(({ nodes }) => nodes.includes(node))) return;
    lab.address.view = "nodes"; // what is visited stands in no card
    lab.bus.emit("visit", node);
  });
  /** The nodes of the card that an event is about. @param {Event} event */
  function nodesAt(event) {
    const card = event.target instanceof Element ? event.target.closest("[data-item]") : null;
    return card ? (toldOf(lab)?.items[Number(card.getAttribute("data-item"))]?.nodes ?? []) : [];
  }
  /** Pins a card's nodes, or takes them out again: the selected one of them, as the panel's button does, or else all. @param {number[]} nodes */
  function togglePins(nodes) {
    const { selected, view } = lab;
    const ids = (selected !== undefined && nodes.includes(selected) ? [selected] : nodes).flatMap((node) => view?.graph.id[node] ?? []);
    lab.arrange(`pin ${ids.join()}`, (arrangement) => {
      if (ids.every((id) => arrangement.pinned.includes(id))) unpin(arrangement, ids);
      else arrangement.pinned = [...new Set([...arrangement.pinned, ...ids])];
    });
  }
  element.addEventListener("keydown", (event) => {
    const nodes = nodesAt(event);
    const key = event.key.toLowerCase();
    if (nodes.length === 0 || (key !== "s" && key !== "p") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "s") toggleOff(lab, nodes);
    else togglePins(nodes);
    event.preventDefault();
  });
  // Before the card hears of it, which would select: with Shift nothing is, as in the graph.
  element.addEventListener(
    "click",
    (event) => {
      const nodes = event.shiftKey ? nodesAt(event) : [];
      if (nodes.length === 0) return;
      event.stopPropagation();
      togglePins(nodes);
    },
    { capture: true },
  );
  lab.effect(() => {
    const shown = isShown();
    for (const { view, button } of buttons) button.setAttribute("aria-pressed", String(view === (shown ? "story" : "nodes")));
    const [{ button }] = buttons;
    const without = lab.view !== undefined && !toldOf(lab) && !lab.isLive;
    button.toggleAttribute("disabled", without);
    button.title = !without
      ? "The graph told in few cards"
      : lab.view?.story
        ? "The story in this file is of all its nodes: set the sliders back to read it"
        : "This file holds no story: trace its prompt here";
    const coming = viewOf(lab) === "story" && !shown && lab.isLive;
    button.textContent = coming ? "Story follows…" : "Story";
  });
  const isWanted = () => viewOf(lab) === "story" || (lab.view?.pruned.nodes.length ?? 0) <= LARGE;
  mountCards(lab, element, { isShown, isWanted, all: () => lab.part("view-nodes").click() }, drawn);
}
