// The subgraph panel: pinned nodes to arrange, group, name and walk through, with the pointer or by keyboard alone.

/** @import { Lab } from "../lab.js" */
/** @import { Flow, Item } from "./items.js" */
/** @import { Card } from "./places.js" */

import { ungroup, unpin } from "../arrangement.js";
import { byTouch } from "../device.js";
import { html, onResize, svg } from "../dom.js";
import { counted } from "../format.js";
import { FEATURE, isFeature, LOGIT } from "../kinds.js";
import { toggleOff } from "../steer/controls.js";
import { drawCard, drawFlows, MOST_FLOWS } from "./draw.js";
import { flowsOf, itemsOf, suggest } from "./items.js";
import { placeItems, within } from "./places.js";

const DRAG_PX = 4; // less is a click
const KEYS =
  " Arrow keys move between items, with Alt they move the item; Space picks, G groups, R renames, " +
  "S switches its features off, Delete unpins.";
const NUDGE = 0.02; // of the pane, a key press

/** @type {Record<string, [number, number]>} */
const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** @param {Lab} lab */
export function mountSubgraph(lab) {
  const panel = lab.part("subgraph");
  const pane = lab.part("subgraph-pane");
  const count = lab.part("pinned-count");
  const root = svg("svg", { role: "graphics-document", "aria-roledescription": "subgraph" });
  pane.append(root);
  const buttons = Object.fromEntries(
    ["group", "ungroup", "rename", "open", "unpin", "suggest", "tidy", "clear", "enlarge", "steer"].map((name) => [
      name,
      /** @type {HTMLButtonElement} */ (lab.part(`subgraph-${name}`)),
    ]),
  );

  /** @type {Item[]} */ let items = [];
  /** @type {Map<string | undefined, Item>} */ let itemsByKey = new Map();
  /** @type {Flow[]} */ let between = [];
  /** @type {Map<Item, Card>} */ let cards = new Map();
  /** Keys of the items that the next command is about. @type {Set<string>} */ let picked = new Set();
  /** The item of the one tab stop. @type {string | undefined} */ let stop;
  let height = 0;
  let rem = 16;

  /** Whether there is a subgraph: the room that the graph has depends on it. */
  function showOrHide() {
    panel.hidden = lab.pinned.length === 0 && lab.arrangement.pinned.length === 0;
    lab.part("screen").classList.toggle("with-subgraph", !panel.hidden);
    showLarge();
  }

  let soon = 0;
  /** Once, for all that happens at the same time, and in a task of its own. */
  function redrawSoon() {
    showOrHide();
    if (!panel.hidden) soon ||= setTimeout(() => lab.whenReleased(root, redraw));
  }

  function redraw() {
    clearTimeout(soon);
    soon = 0;
    showOrHide();
    const { view, arrangement } = lab;
    if (!view || panel.hidden) return;
    const here = lab.pinned.length;
    const away = arrangement.pinned.length - here;
    count.textContent = `${counted(here, "node")}${away > 0 ? `, ${away} more not in this graph` : ""}`;
    rem = lab.rem;
    items = itemsOf(lab);
    itemsByKey = new Map(items.map((item) => [item.key, item]));
    between = flowsOf(lab, items);
    if (between.length > MOST_FLOWS) count.textContent += `, the strongest ${MOST_FLOWS} of ${counted(between.length, "effect")}`;
    picked = new Set(items.map(({ key }) => key).filter((key) => picked.has(key)));
    const { clientWidth: width } = pane;
    const placed = placeItems(lab, items, { width, height: pane.clientHeight - 2, rem });
    cards = placed.cards;
    height = placed.height;
    root.setAttribute("width", String(width));
    root.setAttribute("height", String(height));
    root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    root.setAttribute("aria-label", `Subgraph of ${counted(items.length, "item")}.${byTouch ? "" : KEYS}`);
    const focused = root.contains(lab.focused);
    const drawn = items.map((item) => {
      const card = /** @type {Card} */ (cards.get(item));
      const element = drawCard(lab, item, card, rem);
      element.setAttribute("transform", `translate(${card.x} ${card.y})`);
      element.classList.toggle("picked", picked.has(item.key));
      element.classList.toggle("selected", lab.selected !== undefined && item.nodes.includes(lab.selected));
      return element;
    });
    if (!items.some(({ key }) => key === stop)) stop = items[0]?.key;
    root.replaceChildren(flows(), ...drawn);
    const tabStop = drawn.find((element) => element.dataset.key === stop);
    tabStop?.setAttribute("tabindex", "0");
    if (focused) tabStop?.focus({ preventScroll: true });
    enable();
  }

  function flows() {
    const isShown = (/** @type {Item} */ item) =>
      picked.has(item.key) || item.nodes.some((node) => node === lab.hovered || node === lab.selected);
    return drawFlows(between, cards, rem, isShown);
  }

  function light() {
    for (const element of root.querySelectorAll("g.item")) {
      const item = itemWith(/** @type {SVGElement} */ (element).dataset.key);
      element.classList.toggle("picked", item !== undefined && picked.has(item.key));
      element.classList.toggle("selected", item !== undefined && lab.selected !== undefined && item.nodes.includes(lab.selected));
      element.classList.toggle("hovered", item !== undefined && lab.hovered !== undefined && item.nodes.includes(lab.hovered));
    }
    root.firstElementChild?.replaceWith(flows());
    enable();
  }

  /** @param {string | undefined} key */
  const itemWith = (key) => itemsByKey.get(key);
  const pickedItems = () => items.filter(({ key }) => picked.has(key));
  /** What a command is about: what is picked, or else the item that has the focus. */
  function meant() {
    const some = pickedItems();
    const focused = lab.focused instanceof SVGElement && root.contains(lab.focused) ? itemWith(lab.focused.dataset.key) : undefined;
    return some.length > 0 || !focused ? some : [focused];
  }

  function enable() {
    const some = pickedItems();
    const groups = some.filter(({ supernode }) => supernode);
    buttons.group.disabled = some.length < 2;
    buttons.ungroup.disabled = groups.length === 0;
    buttons.open.disabled = groups.length === 0;
    buttons.open.textContent = groups.length > 0 && groups.every(({ supernode }) => supernode?.open) ? "Collapse" : "Expand";
    buttons.rename.disabled = some.length !== 1 || !isNamed(some[0]);
    buttons.unpin.disabled = some.length === 0;
    buttons.steer.disabled = !lab.isLive || !some.some(({ nodes }) => nodes.some((node) => lab.view?.graph.kind[node] === FEATURE));
  }

  /** Supernodes and features have names that one can change. @param {Item} item */
  const isNamed = ({ supernode, nodes }) =>
    supernode !== undefined || lab.labelOf(nodes[0]) !== undefined || isFeature(lab.view?.graph.kind[nodes[0]] ?? LOGIT);
  const idsOf = (/** @type {Item[]} */ some) => some.flatMap(({ supernode, key }) => supernode?.ids ?? [key]);

  const commands = {
    group: () => {
      const some = meant();
      if (some.length < 2) return;
      const ids = idsOf(some);
      const named = some.find(({ supernode }) => supernode) ?? some[0];
      lab.group(ids, named.label);
      picked = new Set([ids[0]]);
      stop = ids[0];
      redraw();
      commands.rename();
    },
    ungroup: () => {
      const some = meant().filter(({ supernode }) => supernode);
      if (some.length > 0) lab.arrange("ungroup", (arrangement) => ungroup(arrangement, idsOf(some)));
    },
    open: () => {
      const some = meant().flatMap(({ supernode }) => (supernode ? [supernode] : []));
      const open = !some.every((each) => each.open);
      if (some.length > 0) lab.arrange("open", () => some.forEach((each) => (each.open = open)));
    },
    unpin: () => {
      const some = meant();
      if (some.length > 0) lab.arrange("unpin", (arrangement) => unpin(arrangement, idsOf(some)));
    },
    rename: () => {
      const [item] = meant();
      if (item && isNamed(item)) rename(item);
    },
    steer: () =>
      toggleOff(
        lab,
        meant().flatMap(({ nodes }) => nodes),
      ),
    suggest: () => suggest(lab),
    tidy: () => lab.arrange("tidy", (arrangement) => (arrangement.places = {})),
    clear: () => lab.arrange("clear", (arrangement) => unpin(arrangement, [...arrangement.pinned])),
    enlarge: () => {
      lab.address.large = !lab.address.large;
      lab.bus.emit("arrangement", undefined);
      panel.scrollIntoView({ block: "nearest" });
    },
  };
  for (const [name, command] of Object.entries(commands)) buttons[name].addEventListener("click", command);

  function showLarge() {
    const large = lab.address.large && !panel.hidden;
    lab.part("screen").classList.toggle("large-subgraph", large);
    buttons.enlarge.setAttribute("aria-pressed", String(large));
    buttons.enlarge.textContent = large ? "Smaller" : "Larger";
  }

  /** A box over the card to type its name in. @param {Item} item */
  function rename(item) {
    const card = cards.get(item);
    if (!card) return;
    const input = html("input", { class: "rename over", value: item.label, maxlength: 80, "aria-label": "Name" });
    input.style.left = `${Math.max(2, card.x - card.width / 2)}px`;
    input.style.top = `${card.y - card.height / 2}px`;
    let left = false;
    const leave = (/** @type {boolean} */ keep) => {
      if (left) return;
      left = true;
      const { value } = input;
      const back = input.contains(lab.focused);
      input.remove();
      if (keep && value !== item.label) {
        const { supernode } = item;
        if (supernode) lab.arrange(`name ${item.key}`, () => (supernode.label = value.trim() || supernode.label));
        else lab.label(item.nodes[0], value);
      }
      if (back) focus(item.key);
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") leave(event.key === "Enter");
    });
    input.addEventListener("blur", () => leave(true));
    pane.append(input);
    input.focus();
    input.select();
  }

  /** @param {string} key */
  function focus(key) {
    stop = key;
    for (const element of root.querySelectorAll("g.item")) {
      const here = /** @type {SVGElement} */ (element).dataset.key === key;
      element.setAttribute("tabindex", here ? "0" : "-1");
      if (here) /** @type {SVGElement} */ (element).focus();
    }
  }

  /** @param {Event} event */
  const itemAt = (event) => {
    const element = event.target instanceof Element ? event.target.closest("g.item") : null;
    return itemWith(element instanceof SVGElement ? element.dataset.key : undefined);
  };

  /** @type {{ item: Item, card: Card, x: number, y: number, moved: boolean } | undefined} */
  let drag;
  root.addEventListener("pointerdown", (event) => {
    const item = itemAt(event);
    const card = item && cards.get(item);
    if (!item || !card || event.button !== 0) return;
    drag = { item, card: { ...card }, x: event.clientX, y: event.clientY, moved: false };
    root.setPointerCapture(event.pointerId);
  });
  root.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.moved && Math.hypot(dx, dy) < DRAG_PX) return;
    if (!drag.moved) lab.steps.begin(`move ${drag.item.key} ${event.timeStamp}`);
    drag.moved = true;
    const card = within({ ...drag.card, x: drag.card.x + dx, y: drag.card.y + dy }, pane.clientWidth, height);
    cards.set(drag.item, card);
    lab.arrangement.places[drag.item.key] = [card.x / pane.clientWidth, card.y / height];
    root.querySelector(`g.item[data-key="${CSS.escape(drag.item.key)}"]`)?.setAttribute("transform", `translate(${card.x} ${card.y})`);
    root.firstElementChild?.replaceWith(flows());
  });
  root.addEventListener("pointerup", (event) => {
    const ended = drag;
    drag = undefined;
    if (ended?.moved) return lab.bus.emit("arrangement", undefined);
    // The pointer is captured, so the event's target is not what lies under it.
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const member = under?.closest("g.member");
    const item = ended?.item;
    if (!item) {
      picked.clear();
      return light();
    }
    const more = event.shiftKey || event.ctrlKey || event.metaKey;
    if (!more) picked.clear();
    if (more && picked.has(item.key)) picked.delete(item.key);
    else picked.add(item.key);
    focus(item.key);
    const node = member instanceof SVGElement ? lab.view?.indexOf.get(member.dataset.node ?? "") : item.nodes[0];
    if (!more && node !== undefined) lab.select(node);
    light();
  });
  root.addEventListener("pointercancel", () => (drag = undefined));
  root.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch" && !drag) lab.hover(itemAt(event)?.nodes[0]);
  });
  root.addEventListener("pointerleave", () => lab.hover(undefined));

  root.addEventListener("keydown", (event) => {
    const item = itemAt(event);
    const card = item && cards.get(item);
    if (!item || !card || event.ctrlKey || event.metaKey) return;
    const direction = DIRECTIONS[event.key];
    const key = event.key.toLowerCase();
    if (direction && event.altKey) {
      lab.arrange(`nudge ${item.key}`, ({ places }) => {
        const moved = within(
          { ...card, x: card.x + direction[0] * NUDGE * pane.clientWidth, y: card.y + direction[1] * NUDGE * height },
          pane.clientWidth,
          height,
        );
        places[item.key] = [moved.x / pane.clientWidth, moved.y / height];
      });
    } else if (direction) {
      const next = nearest(card, direction);
      if (next) focus(next.key);
    } else if (event.key === "Enter") lab.select(item.nodes[0]);
    else if (event.key === " ") {
      if (!picked.delete(item.key)) picked.add(item.key);
      light();
    } else if (key === "g") commands.group();
    else if (key === "u") commands.ungroup();
    else if (key === "r") commands.rename();
    else if (key === "o") commands.open();
    else if (key === "s") commands.steer();
    else if (event.key === "Delete" || event.key === "Backspace") commands.unpin();
    else return;
    event.preventDefault();
  });

  /** @param {Card} from @param {[number, number]} direction */
  function nearest(from, [dx, dy]) {
    let best;
    let least = Infinity;
    for (const [item, card] of cards) {
      const along = (card.x - from.x) * dx + (card.y - from.y) * dy;
      const aside = Math.abs((card.x - from.x) * dy) + Math.abs((card.y - from.y) * dx);
      if (along > 4 && along + 2 * aside < least) [best, least] = [item, along + 2 * aside];
    }
    return best;
  }

  function ask() {
    const nodes = lab.pinned;
    if (nodes.length > 1) lab.worker.between(nodes);
    else lab.between = undefined;
  }
  lab.bus.on("graph", () => {
    ask();
    redrawSoon();
  });
  lab.bus.on("arrangement", () => {
    const { between } = lab;
    if (lab.pinned.some((node) => !between?.nodes.includes(node)) || lab.pinned.length < 2) ask();
    redrawSoon();
    lab.worker.wantPlots(lab.pinned);
  });
  for (const name of /** @type {const} */ (["between", "plots", "labels", "answers", "theme"])) lab.bus.on(name, redrawSoon);
  lab.bus.on("hover", light);
  lab.bus.on("selection", light);
  onResize(pane, redraw);
}
