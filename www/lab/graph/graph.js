// The graph panel: draws the graph on show, and follows pointer and keyboard.

/** @import { Lab } from "../lab.js" */
/** @import { View } from "../view.js" */

import { byTouch } from "../device.js";
import { onResize } from "../dom.js";
import { markOtherwise } from "../grade/otherwise.js";
import { LOGIT } from "../kinds.js";
import { toggleOff } from "../steer/controls.js";
import { markSteered } from "../steer/marked.js";
import { isOnPaper } from "../theme.js";
import { Picture } from "./picture.js";
import { followGraph, readable, whenReadable } from "./when-readable.js";

export { whenReadable };

const PAPER_HEIGHT = 32; // rem
const BESIDE = 6.5; // rem beside the first answer, where the buttons of zoom are
const KEYS = " Arrow keys move between nodes, Enter selects, P pins, S switches a feature off.";
const LEAST_WIDTH = 40; // rem; in a narrower pane the graph scrolls

/**
 * @param {Lab} lab
 * @param {(draw: () => void) => void} [follow] has it drawn now, and again whenever it is another
 * @returns {() => void} draws it anew, where something else than the lab’s state is another
 */
export function mountGraph(lab, follow = (draw) => followGraph(lab, draw)) {
  const pane = lab.part("pane");
  const picture = new Picture(lab, lab.part("stage"));
  const { root } = picture;
  const [told, ...controls] = ["tooltip", "zoom-value", "zoom-in", "zoom-out", "zoom-fit"].map((part) => lab.part(part));
  /** @type {import("./tooltip.js").Tooltip | undefined} */ let tooltip;
  /** @type {ReturnType<typeof import("./zoom.js").followZoom> | undefined} */ let zoom;
  let followed = 0;
  let answered = "";
  let drawnFor = "";
  let waited = false;
  /** @type {number | undefined} the node of the one tab stop */ let stop;
  /** Its id, by which it is found again in the live graph. @type {string | undefined} */ let stopId;

  const sizeNow = () => `${pane.clientWidth} ${pane.clientHeight}`;

  /** Takes what helps through a graph, once it is here. */
  function takeHelp() {
    const here = zoom ? undefined : readable();
    if (here) [tooltip, zoom] = [new here.Tooltip(lab, pane, told), here.followZoom(lab, pane, controls)];
  }

  function redraw() {
    const { view } = lab;
    if (!view) return;
    // Where the story stands, nobody sees it; its cards have plots too.
    if (pane.inert) return lab.worker.wantPlots(view.pruned.nodes);
    takeHelp();
    if (!zoom) {
      void whenReadable().then(() => {
        const again = !waited || readable() !== undefined;
        waited = true;
        if (again && !lab.lifetime.aborted) redraw();
      });
      if (!waited) return; // where it does not arrive, each draw asks again
    }
    // Where not all fits, the answer is what to see first, until one scrolls elsewhere.
    const { scrollLeft, clientWidth, clientHeight } = pane;
    drawnFor = sizeNow();
    const follows = Math.abs(scrollLeft - followed) < 2;
    const rem = lab.rem;
    const focused = root.contains(lab.focused);
    const paper = isOnPaper(lab);
    const frame = {
      width: clientWidth,
      least: paper ? 0 : LEAST_WIDTH * rem,
      height: paper ? PAPER_HEIGHT * rem : clientHeight,
      zoom: paper ? 1 : lab.address.zoom,
      name: `Attribution graph of “${view.prompt}”.${byTouch ? "" : KEYS}`,
    };
    picture.draw(view, frame);
    // Paper does not scroll, and a page has its end.
    const { layout } = picture;
    const fit = layout ? Math.min(clientWidth / layout.width, frame.height / layout.height) : 1;
    if (paper && fit < 1) picture.draw(view, { ...frame, zoom: fit });
    const { elements } = picture;
    if (stop === undefined || !picture.layout?.boxes.has(stop)) {
      stop =
        lab.selected !== undefined && picture.layout?.boxes.has(lab.selected)
          ? lab.selected
          : [...elements.keys()].find((node) => view.graph.kind[node] === LOGIT);
    }
    stopId = stop === undefined ? undefined : view.graph.id[stop];
    if (stop !== undefined) {
      const element = picture.elementOf(stop);
      element?.setAttribute("tabindex", "0");
      if (focused) element?.focus({ preventScroll: true });
    }
    // Asking how far the pane scrolls takes a layout, which the answer's old place does not need.
    const { x = 0, width = 0 } = (lab.answerNode === undefined ? undefined : picture.boxOf(lab.answerNode)) ?? {};
    const place = [x, width, picture.layout?.width, clientWidth, lab.address.zoom].join();
    if (follows && place !== answered) followed = showAnswer(clientWidth);
    answered = place;
    picture.holdNames(follows ? followed : scrollLeft);
    lab.worker.wantPlots(view.pruned.nodes);
    void markSteered(lab, picture);
    markOtherwise(lab, picture);
    light();
  }

  /**
   * Scrolls to the answering token, but not past the first answer, as far as the pane goes; returns where that is.
   * @param {number} width the pane's
   */
  function showAnswer(width) {
    // What fits does not scroll, and the browser takes back what was: asking it would take a layout.
    if (!isOnPaper(lab) && (picture.layout?.width ?? 0) * lab.address.zoom <= width) return 0;
    const box = lab.answerNode === undefined ? undefined : picture.boxOf(lab.answerNode);
    if (box) pane.scrollLeft = Math.min(pane.scrollWidth, box.x - box.width / 2 - (picture.layout?.stretchOf ? 0.6 : BESIDE) * picture.rem);
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
    picture.light({ centre: lab.hovered ?? lab.selected, selected: lab.selected, pinned: new Set(lab.pinned) });
  }

  let stood = { left: 0, top: 0 };
  pane.addEventListener("scroll", () => {
    if (!isOnPaper(lab)) stood = { left: pane.scrollLeft, top: pane.scrollTop };
    picture.holdNames(pane.scrollLeft);
  });
  // Not where it comes over a node: what is drawn under a pointer that rests is not pointed at.
  root.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || event.buttons !== 0) return;
    const node = picture.nodeOf(event);
    if (picture.crowded) root.style.cursor = node === undefined ? "" : "pointer";
    lab.hover(node);
  });
  root.addEventListener("pointerleave", () => lab.hover(undefined));
  root.addEventListener("click", (event) => {
    const node = picture.nodeOf(event);
    if (zoom?.wasDrag() && (node === undefined || picture.crowded)) return;
    if (event.shiftKey && node !== undefined) {
      lab.togglePin(node);
      return visit(node);
    }
    lab.select(node === lab.selected ? undefined : node);
    if (node !== undefined) visit(node);
    // Nothing hovers on a touch screen, and its panel may be out of sight.
    if (event instanceof PointerEvent && event.pointerType === "touch") lab.hover(lab.selected);
  });
  // Not on the SVG itself: what listens for the focus there becomes a tab stop.
  pane.addEventListener("focusout", (event) => {
    if (!(event.relatedTarget instanceof Node && root.contains(event.relatedTarget))) lab.hover(undefined);
  });
  root.addEventListener("keydown", (event) => {
    const node = picture.nodeOf(event);
    if (node === undefined || !picture.layout || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") lab.select(node);
    else if (event.key.toLowerCase() === "p") lab.togglePin(node);
    else if (event.key.toLowerCase() === "s") toggleOff(lab, [node]);
    else if (zoom?.key(event.key)) visit(node);
    else {
      const next = readable()?.neighbour(picture.layout, node, event.key);
      if (next === undefined) return;
      visit(next);
      lab.hover(next);
    }
    event.preventDefault();
  });
  lab.listen(document, "keydown", (event) => {
    if (event.key !== "Escape") return;
    lab.hover(undefined);
    lab.select(undefined);
  });

  /** Makes a node the tab stop, and goes there. @param {number} node */
  function visit(node) {
    const { elements } = picture;
    if (stop !== undefined) elements.get(stop)?.setAttribute("tabindex", "-1");
    stop = node;
    stopId = lab.view?.graph.id[node];
    const element = picture.elementOf(node);
    element?.setAttribute("tabindex", "0");
    element?.focus({ preventScroll: true });
    show(node);
  }

  lab.bus.on("visit", visit);

  const { address, worker, plots, features } = lab;
  /** @type {View | undefined} */ let drawn;
  follow(() => {
    const { view } = lab;
    if (view !== drawn) stop = view?.recording && stopId !== undefined ? view.indexOf.get(stopId) : undefined;
    drawn = view;
    redraw();
  });
  // The names of nodes: the reader's own, labels, and what the grade says of some.
  lab.watch(
    () => [lab.arrangement, features.names, lab.view?.graded],
    () => picture.nameNodes(),
  );
  lab.watch(
    () => lab.view?.graded,
    () => markOtherwise(lab, picture),
  );
  lab.watch(
    () => plots.arrivals,
    () => {
      picture.paintPlots();
      picture.nameNodes();
      light();
    },
  );
  lab.watch(() => [lab.pointed, address.selected, lab.arrangement], light);
  lab.watch(
    () => lab.hovered,
    () => tooltip?.show(lab.hovered === undefined ? undefined : picture.boxOf(lab.hovered)),
  );
  lab.watch(
    () => [address.steering, lab.view?.steered, lab.view?.steeredWhole],
    () => void markSteered(lab, picture),
  );
  // Once they are computed.
  lab.watch(
    () => lab.view?.operands && plots.isFinished(lab.view.operands.key),
    () => lab.view && worker.wantPlots(lab.view.pruned.nodes),
  );
  // Paper does not scroll; afterwards the screen stands where it stood, once the graph is as wide again.
  lab.listen(window, "afterprint", () => {
    redraw();
    pane.scrollTo({ ...stood, behavior: "instant" });
  });
  onResize(pane, () => void (drawnFor !== sizeNow() && redraw()), lab.lifetime);
  return redraw;
}
