// The state that all panels share, and what follows from it.

/** @import { Arrangement } from "./arrangement.js" */
/** @import { Bar } from "./address-bar.js" */
/** @import { Compared, FromWorker, Manifest } from "./messages.js" */
/** @import { Address } from "./url.js" */
/** @import { View } from "./view.js" */

import { NO_BAR } from "./address-bar.js";
import { supernodeOf } from "./arrangement.js";
import { Bus } from "./bus.js";
import { LOGIT } from "./kinds.js";
import { Presses } from "./press.js";
import { Rooted } from "./rooted.js";
import { Changes, computed, observable } from "./store.js";

/**
 * A graph that was opened from a file, and what was set before it: that is set again once a prompt is traced.
 * @typedef {object} OpenedFile
 * @property {File} file
 * @property {Address} before
 * @property {Record<string, string>} automatic labels that nobody gave, by feature
 * @property {{ arrangement: Arrangement, selected: string | undefined }} adopted as the page took it over
 * @property {Map<number, string>} biases names of biases, by node
 */

export class State extends Rooted {
  bus = new Bus(() => this.lifetime);
  #presses = new Presses(this);
  /** Colours of the stylesheet, as long as they are the same. @type {Map<string, string>} */ #colours = new Map();
  #repainted = new Changes();
  #frames = new Changes();
  /** What the reader chose in panels that are made anew. */
  reader = {
    /** Which side of the inspector is on top where there is no room for both. @type {"connections" | "feature"} */
    tab: "connections",
    /** How many rows lists show that were opened further. @type {Record<string, number>} */
    opened: {},
    /** Whether a feature is set at all tokens where it is active, or at the selected one alone. */
    everywhere: false,
  };
  /** @type {Manifest | undefined} */ manifest;
  /** Name of the model's folder, and those of all models on this site. */
  model = "";
  /** @type {string[]} */ models = [];
  /** Which engine runs, and what was measured. @type {Extract<FromWorker, { type: "engine" }> | undefined} */ engine;
  /** Whether the worker has not said a word for so many seconds; 0: it does. */
  late = 0;
  /** @type {View | undefined} */ view;
  /** The file that the graph on show was read from. @type {OpenedFile | undefined} */ opened;
  /** The graph of the second prompt, while two are compared. @type {Compared | undefined} */ other;
  /** Whether the page tells the graph as a story, or shows its nodes. @type {"story" | "nodes"} */ shown = "nodes";
  /** The node under the pointer, and the graph in which it was. @type {{ id: string, view: View } | undefined} */ pointed;

  /**
   * @param {HTMLElement} root holds its parts
   * @param {Address} address what is set; kept up to date
   * @param {Bar} bar where that is written
   */
  constructor(root, address, bar = NO_BAR) {
    super(root);
    this.address = observable(address, /** @type {(keyof Address)[]} */ (Object.keys(address)));
    this.bar = bar;
    observable(this, ["manifest", "model", "models", "engine", "late", "view", "opened", "other", "pointed", "shown"]);
  }

  /** A property of the stylesheet, as a canvas wants it. @param {string} name without its dashes */
  colour(name) {
    void this.colours; // who draws with it follows them
    let colour = this.#colours.get(name);
    if (colour === undefined) this.#colours.set(name, (colour = getComputedStyle(this.root).getPropertyValue(`--${name}`)));
    return colour;
  }

  /** To be read by what draws with colours later: how often they were others. */
  get colours() {
    return this.#repainted.seen;
  }

  /** The stylesheet's colours are others now. */
  repaint() {
    this.#colours.clear();
    this.#repainted.notify();
  }

  /** To be read by what measures the elements around it: how often these were made larger or smaller. */
  get frames() {
    return this.#frames.seen;
  }

  /** The graph is to be drawn anew: what stands around it is larger or smaller. */
  redraw() {
    this.#frames.notify();
  }

  /** Redraws what an element holds, but not under the pointer of who is pressing it. @param {Element} element @param {() => void} draw */
  whenReleased(element, draw) {
    this.#presses.whenReleased(element, draw);
  }

  /** The same, now and again whenever something that is drawn is another. @param {Element} element @param {() => void} draw */
  draw(element, draw) {
    this.effect(() => {
      if (!this.#presses.holds(element)) draw();
    });
  }

  /** The prompt in the box: the model's first example where nothing was typed. */
  get prompt() {
    return this.address.prompt ?? this.manifest?.examples[0]?.prompt;
  }

  get arrangement() {
    return this.address.arrangement;
  }

  /** What the address bar, links and snapshots say: a file cannot be in them, so of its graph they say what was set before it. */
  get lasting() {
    return this.opened ? this.opened.before : this.address;
  }

  /** Whether the graph on show is of the model and the transcoder of this page. */
  get isOwn() {
    const recorded = this.view?.recorded;
    return !recorded || (recorded.own?.model === this.manifest?.name && recorded.own?.transcoder === this.lasting.transcoder);
  }

  /** Whether the graph on show was traced here, so that the engine knows more of it. */
  get isLive() {
    return this.view !== undefined && !this.view.recorded && !this.view.early;
  }

  #selected = computed(() => (this.address.selected === undefined ? undefined : this.view?.indexOf.get(this.address.selected)));
  /** Index of the selected node in the graph on show, if it has one. */
  get selected() {
    return this.#selected.value;
  }

  #hovered = computed(() => {
    const { pointed, view } = this;
    if (!pointed || !view) return undefined;
    const follows = view.recording !== undefined && view.recording === pointed.view.recording;
    return view === pointed.view || follows ? view.indexOf.get(pointed.id) : undefined;
  });
  /** The node under the pointer. Who looks at a node of the recorded graph goes on looking at it in the live one. */
  get hovered() {
    return this.#hovered.value;
  }

  /** @param {number | undefined} node @param {View | undefined} [view] that it was shown in */
  select(node, view = this.view) {
    this.address.selected = node === undefined ? undefined : view?.graph.id[node];
  }

  /** @param {number | undefined} node */
  hover(node) {
    const { view } = this;
    const id = node === undefined ? undefined : view?.graph.id[node];
    if (id === this.pointed?.id && (id === undefined || view === this.pointed?.view)) return;
    this.pointed = view && id !== undefined ? { id, view } : undefined;
  }

  /** Indices of the pinned nodes that the graph on show has. */
  get pinned() {
    const { view } = this;
    return this.arrangement.pinned.map((id) => view?.indexOf.get(id)).filter((node) => node !== undefined);
  }

  /** Whether any features are set. */
  get isSteered() {
    return Object.keys(this.address.steering.set).length > 0;
  }

  /** The supernode that a node is in. @param {number} node */
  supernodeOf(node) {
    const id = this.view?.graph.id[node];
    return id === undefined ? undefined : supernodeOf(this.arrangement, id);
  }

  /** The most probable answer among the graph's nodes. */
  get answerNode() {
    const kind = this.view?.graph.kind;
    const node = kind?.indexOf(LOGIT) ?? -1;
    return node < 0 ? undefined : node;
  }
}
