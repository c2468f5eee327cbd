// What can be done with the items of the subgraph: the buttons above it, and the same by keys.

/** @import { Item } from "./items.js" */
/** @import { Subgraph } from "./subgraph.js" */

import { supernodeOf, ungroup, unpin } from "../arrangement.js";
import { FEATURE, isFeature, LOGIT } from "../kinds.js";
import { nameBox } from "../name-box.js";
import { toggleOff } from "../steer/controls.js";
import { suggest } from "./items.js";

const NAMES = /** @type {const} */ (["group", "ungroup", "rename", "open", "unpin", "suggest", "tidy", "clear", "enlarge", "steer"]);

/** @param {Item[]} some @returns {string[]} ids of their nodes, also of those that this graph does not have */
const idsOf = (some) => some.flatMap(({ supernode, key }) => supernode?.ids ?? [key]);

export class Commands {
  /** @param {Subgraph} subgraph */
  constructor(subgraph) {
    this.subgraph = subgraph;
    this.lab = subgraph.lab;
    const button = (/** @type {string} */ name) => /** @type {HTMLButtonElement} */ (this.lab.part(`subgraph-${name}`));
    /** @type {Record<string, HTMLButtonElement>} */
    this.buttons = Object.fromEntries(NAMES.map((name) => [name, button(name)]));
    for (const name of NAMES) this.buttons[name].addEventListener("click", () => this[name]());
  }

  /** Supernodes and features have names that one can change. @param {Item} item */
  #isNamed({ supernode, nodes }) {
    return supernode !== undefined || this.lab.labelOf(nodes[0]) !== undefined || isFeature(this.lab.view?.graph.kind[nodes[0]] ?? LOGIT);
  }

  /** Which of the buttons do something for what is picked. */
  enable() {
    const { buttons, lab } = this;
    const some = this.subgraph.pickedItems;
    const groups = some.filter(({ supernode }) => supernode);
    buttons.group.disabled = some.length < 2;
    buttons.ungroup.disabled = groups.length === 0;
    buttons.open.disabled = groups.length === 0;
    buttons.open.textContent = groups.length > 0 && groups.every(({ supernode }) => supernode?.open) ? "Collapse" : "Expand";
    buttons.rename.disabled = some.length !== 1 || !this.#isNamed(some[0]);
    buttons.unpin.disabled = some.length === 0;
    buttons.steer.disabled = !lab.isLive || !some.some(({ nodes }) => nodes.some((node) => lab.view?.graph.kind[node] === FEATURE));
  }

  /** @param {boolean} large whether the subgraph takes the graph's place */
  showLarge(large) {
    this.buttons.enlarge.setAttribute("aria-pressed", String(large));
    this.buttons.enlarge.textContent = large ? "Smaller" : "Larger";
  }

  group() {
    const { subgraph } = this;
    const some = subgraph.meant;
    if (some.length < 2) return;
    const ids = idsOf(some);
    const named = some.find(({ supernode }) => supernode) ?? some[0];
    this.lab.group(ids, named.label);
    subgraph.picked = new Set([ids[0]]);
    subgraph.stop = ids[0];
    subgraph.redraw();
    this.rename();
  }

  ungroup() {
    const some = this.subgraph.meant.filter(({ supernode }) => supernode);
    if (some.length > 0) this.lab.arrange("ungroup", (arrangement) => ungroup(arrangement, idsOf(some)));
  }

  open() {
    const some = this.subgraph.meant.flatMap(({ supernode }) => (supernode ? [supernode] : []));
    const open = !some.every((each) => each.open);
    const keys = some.map(({ ids }) => ids[0]);
    if (some.length === 0) return;
    this.lab.arrange("open", ({ supernodes }) => {
      for (const each of supernodes) if (keys.includes(each.ids[0])) each.open = open;
    });
  }

  unpin() {
    const some = this.subgraph.meant;
    if (some.length > 0) this.lab.arrange("unpin", (arrangement) => unpin(arrangement, idsOf(some)));
  }

  steer() {
    toggleOff(
      this.lab,
      this.subgraph.meant.flatMap(({ nodes }) => nodes),
    );
  }

  suggest() {
    suggest(this.lab);
  }

  tidy() {
    this.lab.arrange("tidy", (arrangement) => (arrangement.places = {}));
  }

  clear() {
    this.lab.arrange("clear", (arrangement) => unpin(arrangement, [...arrangement.pinned]));
  }

  enlarge() {
    this.lab.address.large = !this.lab.address.large;
    this.subgraph.panel.scrollIntoView({ block: "nearest" });
  }

  /** A box over the card to type its name in. */
  rename() {
    const { lab, subgraph } = this;
    const [item] = subgraph.meant;
    const card = item && subgraph.cards.get(item);
    if (!card || !this.#isNamed(item)) return;
    const { view } = lab;
    const input = nameBox({ value: item.label, label: "Name", class: "rename over" }, (name) => {
      const back = input.contains(lab.focused);
      input.remove();
      if (name !== undefined && name !== item.label) {
        const { supernode } = item;
        if (supernode)
          lab.arrange(`name ${item.key}`, (arrangement) => {
            const same = supernodeOf(arrangement, supernode.ids[0]);
            if (same) same.label = name.trim() || same.label;
          });
        else lab.label(item.nodes[0], name, view);
      }
      if (back) subgraph.focus(item.key);
    });
    input.style.left = `${Math.max(2, card.x - card.width / 2)}px`;
    input.style.top = `${card.y - card.height / 2}px`;
    subgraph.pane.append(input);
    input.focus();
    input.select();
  }
}
