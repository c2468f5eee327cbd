// The graph panel: draws the graph on show, and follows pointer and keyboard.

/** @import { App } from "../app.js" */

import { byTouch } from "../device.js";
import { byId, onResize } from "../dom.js";
import { markOtherwise } from "../grade/otherwise.js";
import { LOGIT } from "../kinds.js";
import { markMoved, toggleOff } from "../steer/controls.js";
import { isOnPaper } from "../theme.js";
import { forgetColours } from "./heat.js";
import { neighbour } from "./keyboard.js";
import { Picture } from "./picture.js";
import { Tooltip } from "./tooltip.js";
import { followZoom } from "./zoom.js";

const PAPER_HEIGHT = 32; // rem
const BESIDE = 6.5; // rem beside the first answer, where the buttons of zoom are
const KEYS = " Arrow keys move between nodes, Enter selects, P pins, S switches a feature off.";
const LEAST_WIDTH = 40; // rem; in a narrower pane the graph scrolls

/** @param {App} app */
export function mountGraph(app) {
  const pane = byId("pane");
  const picture = new Picture(app, byId("stage"));
  const { root } = picture;
  const tooltip = new Tooltip(app, pane, byId("tooltip"));
  let followed = 0;
  let answered = "";
  let drawnFor = "";
  /** @type {number | undefined} the node of the one tab stop */ let stop;
  /** Its id, by which it is found again in the live graph. @type {string | undefined} */ let stopId;

  function redraw() {
    const { view } = app;
    if (!view) return;
    // Where not all fits, the answer is what to see first, until one scrolls elsewhere.
    const { scrollLeft, clientWidth, clientHeight } = pane;
    drawnFor = sizeNow();
    const follows = Math.abs(scrollLeft - followed) < 2;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const focused = root.contains(document.activeElement);
    const paper = isOnPaper();
    const frame = {
      width: paper ? clientWidth : Math.max(clientWidth, LEAST_WIDTH * rem),
      height: paper ? PAPER_HEIGHT * rem : clientHeight,
      zoom: paper ? 1 : app.address.zoom,
      name: `Attribution graph of “${view.prompt}”.${byTouch ? "" : KEYS}`,
    };
    picture.draw(view, frame);
    // Paper does not scroll.
    const wide = picture.layout?.width ?? 0;
    if (paper && wide > clientWidth) picture.draw(view, { ...frame, zoom: clientWidth / wide });
    const { elements } = picture;
    if (stop === undefined || !picture.layout?.boxes.has(stop)) {
      stop =
        app.selected !== undefined && picture.layout?.boxes.has(app.selected)
          ? app.selected
          : [...elements.keys()].find((node) => view.graph.kind[node] === LOGIT);
    }
    stopId = stop === undefined ? undefined : view.graph.id[stop];
    if (stop !== undefined) {
      const element = picture.elementOf(stop);
      element?.setAttribute("tabindex", "0");
      if (focused) element?.focus({ preventScroll: true });
    }
    // Asking how far the pane scrolls takes a layout, which the answer's old place does not need.
    const { x = 0, width = 0 } = (app.answerNode === undefined ? undefined : picture.boxOf(app.answerNode)) ?? {};
    const place = [x, width, picture.layout?.width, clientWidth, app.address.zoom].join();
    if (follows && place !== answered) followed = showAnswer();
    answered = place;
    picture.holdNames(follows ? followed : scrollLeft);
    app.worker.wantPlots(view.pruned.nodes);
    markMoved(app, picture);
    markOtherwise(app, picture);
    light();
  }

  /** Scrolls to the answering token, but not past the first answer, as far as the pane goes; returns where that is. */
  function showAnswer() {
    const box = app.answerNode === undefined ? undefined : picture.boxOf(app.answerNode);
    if (box) pane.scrollLeft = Math.min(pane.scrollWidth, box.x - box.width / 2 - BESIDE * picture.rem);
    return pane.scrollLeft;
  }

  /** Scrolls as little as brings a node into sight, with some room beside it. @param {number} node */
  function show(node) {
    const box = picture.boxOf(node);
    if (!box) return;
    const { rem } = picture;
    const [left, right] = [box.x - box.width / 2 - rem, box.x + box.width / 2 + rem];
    if (left < pane.scrollLeft) pane.scrollLeft = left;
    else if (right > pane.scrollLeft + pane.clientWidth) pane.scrollLeft = right - pane.clientWidth;
    const [top, bottom] = [box.y - box.height / 2 - rem, box.y + box.height / 2 + rem];
    if (top < pane.scrollTop) pane.scrollTop = top;
    else if (bottom > pane.scrollTop + pane.clientHeight) pane.scrollTop = bottom - pane.clientHeight;
    picture.elements.get(node)?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }

  function light() {
    picture.light({ centre: app.hovered ?? app.selected, selected: app.selected, pinned: new Set(app.pinned) });
  }

  let stood = { left: 0, top: 0 };
  pane.addEventListener(
    "scroll",
    () => {
      if (!isOnPaper()) stood = { left: pane.scrollLeft, top: pane.scrollTop };
      picture.holdNames(pane.scrollLeft);
    },
    { passive: true },
  );
  root.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch" && event.buttons === 0) app.hover(picture.nodeOf(event));
  });
  root.addEventListener("pointermove", (event) => {
    if (!picture.crowded || event.pointerType === "touch" || event.buttons !== 0) return;
    const node = picture.nodeOf(event);
    root.style.cursor = node === undefined ? "" : "pointer";
    app.hover(node);
  });
  root.addEventListener("pointerleave", () => app.hover(undefined));
  const zoom = followZoom(app, pane);
  root.addEventListener("click", (event) => {
    const node = picture.nodeOf(event);
    if (zoom.wasDrag() && (node === undefined || picture.crowded)) return;
    if (event.shiftKey && node !== undefined) {
      app.togglePin(node);
      return visit(node);
    }
    app.select(node === app.selected ? undefined : node);
    if (node !== undefined) visit(node);
    // Nothing hovers on a touch screen, and its panel may be out of sight.
    if (event instanceof PointerEvent && event.pointerType === "touch") app.hover(app.selected);
  });
  // Not on the SVG itself: what listens for the focus there becomes a tab stop.
  pane.addEventListener("focusout", (event) => {
    if (!(event.relatedTarget instanceof Node && root.contains(event.relatedTarget))) app.hover(undefined);
  });
  root.addEventListener("keydown", (event) => {
    const node = picture.nodeOf(event);
    if (node === undefined || !picture.layout || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") app.select(node);
    else if (event.key.toLowerCase() === "p") app.togglePin(node);
    else if (event.key.toLowerCase() === "s") toggleOff(app, [node]);
    else if (zoom.key(event.key)) visit(node);
    else {
      const next = neighbour(picture.layout, node, event.key);
      if (next === undefined) return;
      visit(next);
      app.hover(next);
    }
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    app.hover(undefined);
    app.select(undefined);
  });

  /** Makes a node the tab stop, and goes there. @param {number} node */
  function visit(node) {
    const { elements } = picture;
    if (stop !== undefined) elements.get(stop)?.setAttribute("tabindex", "-1");
    stop = node;
    stopId = app.view?.graph.id[node];
    const element = picture.elementOf(node);
    element?.setAttribute("tabindex", "0");
    element?.focus({ preventScroll: true });
    show(node);
  }

  app.bus.on("graph", () => {
    const { view } = app;
    stop = view?.recording && stopId !== undefined ? view.indexOf.get(stopId) : undefined;
    redraw();
  });
  for (const name of /** @type {const} */ (["pruned", "answers"])) app.bus.on(name, redraw);
  app.bus.on("zoom", redraw);
  app.bus.on("hover", () => {
    light();
    tooltip.show(hoveredBox());
  });
  const hoveredBox = () => (app.hovered === undefined ? undefined : picture.boxOf(app.hovered));
  app.bus.on("selection", light);
  app.bus.on("arrangement", () => {
    picture.nameNodes(); // a name of the reader's own may be new
    light();
  });
  app.bus.on("labels", () => picture.nameNodes());
  app.bus.on("graded", () => {
    picture.nameNodes();
    markOtherwise(app, picture);
  });
  app.bus.on("steering", () => markMoved(app, picture));
  app.bus.on("steered", () => markMoved(app, picture));
  app.bus.on("plots", () => {
    picture.paintPlots();
    picture.nameNodes();
    light();
  });
  app.bus.on("operands", ({ done, total }) => {
    if (done >= total && app.view) app.worker.wantPlots(app.view.pruned.nodes);
  });
  app.bus.on("theme", () => {
    forgetColours();
    redraw();
  });
  // Paper does not scroll; afterwards the screen stands where it stood.
  addEventListener("afterprint", () => pane.scrollTo({ ...stood, behavior: "instant" }));
  const sizeNow = () => `${pane.clientWidth} ${pane.clientHeight}`;
  onResize(pane, () => {
    if (drawnFor !== sizeNow()) redraw();
  });
}
