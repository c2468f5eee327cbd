// The state that all panels share, and the few things one can do to it.

/** @import { Bar } from "./address-bar.js" */
/** @import { Arrangement } from "./arrangement.js" */
/** @import { Answer, Grade, Inputs, LikenessTold, Outputs, SteerReport, Trial } from "./engine-api.js" */
/** @import { BegunAnswer, Between, Carried, Graph, Manifest, NamedPlot, Operands, Recorded } from "./messages.js" */
/** @import { Said, Target, Thresholds, Traced, Transcoder } from "./messages.js" */
/** @import { Recording } from "./recorded/recording.js" */
/** @import { Steering } from "./steer/steering.js" */
/** @import { Address } from "./url.js" */

import { NO_BAR } from "./address-bar.js";
import { ZOOM } from "./address-fields.js";
import { checkedArrangement, cleanLabel, emptyArrangement, supernodeOf, ungroup, unpin } from "./arrangement.js";
import { Bus } from "./bus.js";
import { nameOf } from "./format.js";
import { readKept } from "./kept-graph.js";
import { BIAS, FEATURE, featureKey, LOGIT, placeOf } from "./kinds.js";
import { Presses } from "./press.js";
import { CUT, cutPrompt } from "./prompt-length.js";
import { plotKey } from "./recorded/recording.js";
import { Rooted } from "./rooted.js";
import { noSteering } from "./steer/steering.js";
import { Steps } from "./undo.js";
import { WorkerClient } from "./worker-client.js";

/**
 * The graph on show.
 * @typedef {Traced & { request: number, recorded: Recorded | undefined, indexOf: Map<string, number>, recording?: Recording, early?:
 *   boolean }} View
 *   `recorded`: it is from a file; `recording`: what the page began with is the same graph, or is this one where it is `early`
 */
/**
 * A graph that was opened from a file, and what was set before it: that is set again once a prompt is traced.
 * @typedef {object} OpenedFile
 * @property {File} file
 * @property {Address} before
 * @property {Record<string, string>} automatic labels that nobody gave, by feature
 * @property {{ arrangement: Arrangement, selected: string | undefined }} adopted as the page took it over
 * @property {Map<number, string>} biases names of biases, by node
 */
/** @typedef {{ node: number, inputs: Inputs, outputs: Outputs }} Detail */
/**
 * A graph with its place among its template's plots.
 * @typedef {{ graph: Graph, operands: Operands | undefined, recording?: Recording }} Plotted
 */

export class Lab extends Rooted {
  bus = new Bus();
  worker = new WorkerClient(this);
  steps = new Steps(this);
  #presses = new Presses(this);
  /** Colours of the stylesheet, as long as they are the same. @type {Map<string, string>} */ #colours = new Map();
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
  /** @type {View | undefined} */ view;
  /** The file that the graph on show was read from. @type {OpenedFile | undefined} */ opened;
  /** What is to be set in a file that is being opened again. @type {Address | undefined} */ #again;
  /** What a reader did to the graphs of each transcoder. @type {Map<Transcoder, Arrangement>} */ #arrangements = new Map();
  /** The graph of the second prompt, while two are compared. @type {Traced | undefined} */ other;
  /** The node under the pointer. @type {number | undefined} */ hovered;
  /** What the worker told last of a node. @type {Detail | undefined} */ detail;
  /** All edges among the pinned nodes. @type {Between | undefined} */ between;
  /** The heads that carry the selected node's strongest edges. @type {Carried | undefined} */ carried;
  /** What the model goes on to say after the prompt. @type {{ tokens: Answer[], said: Said[], done: boolean } | undefined} */ continuation;

  /** Whether the prompt is like the training texts. @type {LikenessTold | undefined} */ likeness;

  /** What came of the features that are set. @type {SteerReport | undefined} */ steered;
  /**
   * The answers that its tokens begin, without and with them set; missing until they are known.
   * @type {{ before: BegunAnswer[], after: BegunAnswer[] } | undefined}
   */
  steeredWhole;
  /** How the text goes on with them. @type {{ tokens: Answer[], done: boolean } | undefined} */ steeredText;
  /** How far the graph on show can be trusted. @type {{ grade: Grade, seconds: number } | undefined} */ graded;
  /** One node on the ladder of freezing. @type {{ node: number, trials: Trial[] } | undefined} */ rungs;

  /**
   * @param {HTMLElement} root holds its parts
   * @param {Address} address what is set; kept up to date
   * @param {Bar} bar where that is written
   */
  constructor(root, address, bar = NO_BAR) {
    super(root);
    this.address = address;
    this.bar = bar;
  }

  /** A property of the stylesheet, as a canvas wants it. @param {string} name without its dashes */
  colour(name) {
    let colour = this.#colours.get(name);
    if (colour === undefined) this.#colours.set(name, (colour = getComputedStyle(this.root).getPropertyValue(`--${name}`)));
    return colour;
  }

  /** The stylesheet's colours are others now. */
  repaint() {
    this.#colours.clear();
    this.bus.emit("theme", undefined);
  }

  /** Redraws what an element holds, but not under the pointer of who is pressing it. @param {Element} element @param {() => void} draw */
  whenReleased(element, draw) {
    this.#presses.whenReleased(element, draw);
  }

  destroy() {
    this.worker.end();
    super.destroy();
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

  /** Index of the selected node in the graph on show, if it has one. */
  get selected() {
    return this.address.selected === undefined ? undefined : this.view?.indexOf.get(this.address.selected);
  }

  /** Indices of the pinned nodes that the graph on show has. */
  get pinned() {
    const { view } = this;
    return this.arrangement.pinned.map((id) => view?.indexOf.get(id)).filter((node) => node !== undefined);
  }

  /** @param {number | undefined} node */
  select(node) {
    this.address.selected = node === undefined ? undefined : this.view?.graph.id[node];
    this.bus.emit("selection", undefined);
  }

  /** @param {number | undefined} node */
  hover(node) {
    if (node === this.hovered) return;
    this.hovered = node;
    this.bus.emit("hover", undefined);
  }

  /** Goes to another prompt, from which the browser's Back returns. @param {string} prompt */
  goTo(prompt) {
    if (prompt === this.prompt && !this.view?.recorded) return;
    this.bar.keep(this.lasting);
    this.ask(prompt);
  }

  /**
   * Shows what another entry of the history, or another step, holds.
   * @param {Address} address
   * @param {File} [file] that its graph was read from
   */
  restore(address, file) {
    if (file && file !== this.opened?.file) {
      this.#again = address;
      return void this.openFile(file);
    }
    const before = { ...this.address };
    if (!file) this.opened = undefined;
    this.#set(address);
    if (file) return this.worker.prune();
    if (address.transcoder !== before.transcoder) {
      this.bus.emit("transcoder", undefined);
      this.worker.takeTranscoder(address.transcoder);
    } else if (
      address.prompt !== before.prompt ||
      this.view?.recorded ||
      JSON.stringify(address.target) !== JSON.stringify(before.target)
    ) {
      if (this.prompt !== undefined) this.worker.trace(this.prompt);
    } else {
      this.worker.prune();
      this.#steerAgain();
    }
    this.#compareAgain();
  }

  /** @param {Address} address the colours stay as they are */
  #set(address) {
    Object.assign(this.address, address, { theme: this.address.theme });
    this.hover(undefined);
    for (const name of /** @type {const} */ ([
      "thresholds",
      "target",
      "prompt",
      "arrangement",
      "selection",
      "compare",
      "steering",
      "grade",
      "zoom",
    ]))
      this.bus.emit(name, undefined);
  }

  /** Shows a graph from a file; it is told where that cannot be read. @param {File} file */
  async openFile(file) {
    try {
      this.worker.open(new Uint8Array(await file.arrayBuffer()), file);
    } catch {
      this.#again = undefined;
      this.bus.emit("notice", { about: "file", sentence: `${file.name} could not be read.`, advice: "The graph on show stays." });
    }
  }

  /**
   * Goes back to what was set before a file was opened: nothing that it says is of another graph.
   * @param {string} [prompt] another than that of before
   */
  leaveFile(prompt = this.opened?.before.prompt) {
    const before = this.opened?.before;
    this.opened = undefined;
    if (before) this.#set({ ...before, prompt, zoom: this.address.zoom });
  }

  /** Traces the prompt of the file on show, which is of this model and transcoder, with all that its reader did. */
  traceHere() {
    if (!this.opened || !this.isOwn) return;
    this.steps.begin("prompt");
    this.opened = undefined;
    this.bus.emit("prompt", undefined);
    this.worker.trace(this.address.prompt ?? "");
  }

  /** @param {string} prompt */
  ask(prompt) {
    this.steps.begin("prompt");
    this.leaveFile(prompt);
    this.address.prompt = prompt;
    this.bus.emit("prompt", undefined);
    this.worker.trace(prompt);
  }

  /** @param {Target} target */
  explain(target) {
    this.steps.begin("target");
    this.leaveFile();
    this.address.target = target;
    this.bus.emit("target", undefined);
    if (this.prompt !== undefined) this.worker.trace(this.prompt);
  }

  /** Traces again, with the model's other transcoder. @param {Transcoder} transcoder */
  traceWith(transcoder) {
    this.leaveFile();
    this.bus.emit("transcoder", undefined);
    this.worker.takeTranscoder(transcoder);
  }

  /**
   * The transcoder that is used from now on.
   * @param {Transcoder} transcoder
   * @param {boolean} taken or not: the one asked for did not come
   */
  tookTranscoder(transcoder, taken) {
    if (taken && transcoder !== this.address.transcoder) {
      this.bar.keep(this.address);
      this.hover(undefined);
      // The features of one are not those of the other, and nothing that is said of them.
      this.select(undefined);
      this.#arrangements.set(this.address.transcoder, this.arrangement);
      this.address.arrangement = this.#arrangements.get(transcoder) ?? emptyArrangement();
      this.bus.emit("arrangement", undefined);
      this.address.steering = noSteering();
      this.bus.emit("steering", undefined);
    }
    this.address.transcoder = transcoder;
    this.bus.emit("tookTranscoder", undefined);
  }

  /** @param {Partial<Thresholds>} change */
  prune(change) {
    this.steps.begin("thresholds");
    Object.assign(this.address.thresholds, change);
    this.bus.emit("thresholds", undefined);
    this.worker.prune();
  }

  /** @param {number} zoom */
  zoomTo(zoom) {
    this.address.zoom = Math.min(ZOOM.most, Math.max(ZOOM.least, zoom));
    this.bus.emit("zoom", undefined);
  }

  /**
   * Changes pins, supernodes, labels or places, as one step of undo.
   * @param {string} kind
   * @param {(arrangement: Arrangement) => void} change
   */
  arrange(kind, change) {
    this.steps.begin(kind);
    change(this.arrangement);
    this.bus.emit("arrangement", undefined);
  }

  /** Pins a node, or takes it out of the subgraph again. @param {number} node */
  togglePin(node) {
    const id = this.view?.graph.id[node];
    if (id === undefined) return;
    this.arrange(`pin ${id}`, (arrangement) => {
      if (arrangement.pinned.includes(id)) unpin(arrangement, [id]);
      else arrangement.pinned.push(id);
    });
  }

  /** Makes one supernode of nodes of the subgraph. @param {string[]} ids @param {string} label */
  group(ids, label) {
    this.arrange("group", (arrangement) => {
      ungroup(arrangement, ids);
      arrangement.supernodes.push({ label: cleanLabel(label) || "Supernode", ids, open: false });
    });
  }

  /**
   * Names the feature of a node, wherever it is active; without a text it goes by its automatic label again.
   * @param {number} node
   * @param {string} text
   */
  label(node, text) {
    const key = this.view && featureKey(this.view.graph, node);
    if (key === undefined) return;
    this.arrange(`label ${key}`, ({ labels }) => {
      const label = cleanLabel(text);
      if (label && label !== this.automaticLabel(node)) labels[key] = label;
      else delete labels[key];
    });
  }

  /**
   * Sets features, or lets go of them, as one step of undo.
   * @param {string} kind
   * @param {(steering: Steering) => void} change
   */
  steer(kind, change) {
    this.steps.begin(kind);
    change(this.address.steering);
    this.#steerAgain();
  }

  /** @param {string[]} keys as steering has them @param {string | undefined} value nothing: as it is */
  steerTo(keys, value) {
    this.steer(`steer ${keys.join()}`, ({ set }) => {
      for (const key of keys) {
        if (value === undefined) delete set[key];
        else set[key] = value;
      }
    });
  }

  #steerAgain() {
    if (Object.keys(this.address.steering.set).length === 0) this.steered = this.steeredText = this.steeredWhole = undefined;
    this.worker.steer();
    this.bus.emit("steering", undefined);
    if (!this.steered) this.bus.emit("steered", undefined);
  }

  /** @param {boolean} on */
  showGrade(on) {
    if (on && this.address.compare !== undefined) this.compare(undefined);
    this.address.grade = on;
    this.bus.emit("grade", undefined);
  }

  /** @param {string | undefined} prompt */
  compare(prompt) {
    this.steps.begin("compare");
    if (prompt !== undefined && this.address.grade) this.showGrade(false);
    this.address.compare = prompt === undefined ? undefined : cutPrompt(prompt);
    this.bus.emit("compare", undefined);
    if (this.address.compare !== prompt) this.bus.emit("notice", CUT);
    this.#compareAgain();
  }

  #compareAgain() {
    if (this.address.compare) this.worker.compare(this.address.compare);
    else this.other = undefined;
  }

  /**
   * A new graph arrived.
   * @param {View} view
   * @param {File} [file] that it was read from
   * @param {boolean} [again] whether it was on show before, and lives on in a new worker
   */
  show(view, file, again = false) {
    // Who looks at a node of the recorded graph goes on looking at it in the live one.
    const id = view.recording && this.hovered !== undefined ? this.view?.graph.id[this.hovered] : undefined;
    if (id === undefined) this.hover(undefined);
    else this.hovered = view.indexOf.get(id);
    this.view = view;
    this.detail =
      this.between =
      this.carried =
      this.continuation =
      this.steered =
      this.steeredText =
      this.steeredWhole =
      this.graded =
      this.rungs =
        undefined;
    if (view.recorded) this.likeness = undefined;
    if (view.recorded && file && !again) this.#adopt(view, view.recorded, file);
    this.bus.emit("graph", undefined);
    this.bus.emit("notice", undefined);
  }

  /** Takes over what a file says of pins, supernodes and labels. @param {View} view @param {Recorded} recorded @param {File} file */
  #adopt(view, { arrangement, thresholds, own, biases }, file) {
    const { address } = this;
    const before = this.opened?.before ?? structuredClone(address);
    const kept = readKept(own?.page, view.graph.tokens.length);
    const labels = Object.entries(arrangement.labels).flatMap(([id, label]) => {
      const node = view.indexOf.get(id);
      const key = node === undefined ? undefined : featureKey(view.graph, node);
      // What nobody named goes by its automatic label again.
      return key === undefined || kept.labels[key] === cleanLabel(label) ? [] : [[key, label]];
    });
    let places;
    try {
      places = JSON.parse(arrangement.positions);
    } catch {
      // Other viewers keep places in other ways.
    }
    address.prompt = view.prompt;
    address.target = kept.target;
    address.thresholds = { ...thresholds };
    address.arrangement = checkedArrangement({ pinned: arrangement.pinned, supernodes: arrangement.supernodes, labels, places });
    address.selected = arrangement.clicked || undefined;
    address.steering = noSteering();
    address.grade = false;
    address.compare = undefined;
    const adopted = { arrangement: structuredClone(address.arrangement), selected: address.selected };
    this.opened = { file, before, automatic: kept.labels, adopted, biases: new Map(biases) };
    if (this.#again) Object.assign(address, this.#again, { theme: address.theme });
    this.#again = undefined;
    for (const name of /** @type {const} */ (["prompt", "target", "thresholds", "arrangement", "compare", "steering", "grade"]))
      this.bus.emit(name, undefined);
  }

  /**
   * The operand plot of a feature, if it is here already.
   * @param {number} node
   * @param {Plotted | undefined} [view] the graph on show, unless another is meant
   * @returns {NamedPlot | undefined}
   */
  plot(node, view = this.view) {
    if (!view?.operands || view.graph.kind[node] !== FEATURE) return undefined;
    const place = placeOf(view.graph, node);
    return this.worker.plotAt(view.operands.key, place) ?? view.recording?.plots.get(plotKey(place));
  }

  /**
   * What a feature is called where nobody named it, if anything.
   * @param {number} node
   * @param {Plotted | undefined} [view]
   * @returns {string | undefined}
   */
  automaticLabel(node, view = this.view) {
    const key = view && featureKey(view.graph, node);
    if (key === undefined) return undefined;
    if (this.opened && view === this.view) return this.opened.automatic[key];
    return this.plot(node, view)?.label ?? this.worker.labelOf(key) ?? view?.recording?.labels[key];
  }

  /**
   * The label of a feature, its reader's or an automatic one; what a file calls a bias.
   * @param {number} node
   * @param {Plotted | undefined} [view]
   * @returns {string | undefined}
   */
  labelOf(node, view = this.view) {
    if (view?.graph.kind[node] === BIAS) return this.opened?.biases.get(node);
    const key = view && featureKey(view.graph, node);
    if (key === undefined) return undefined;
    // A file's labels are of its own features alone.
    const { arrangement } = view === this.view ? this.address : this.lasting;
    return arrangement.labels[key] ?? this.automaticLabel(node, view);
  }

  /** A node's name for people: a feature's label, where it has one. @param {number} node @param {Plotted | undefined} [view] */
  nameOf(node, view = this.view) {
    return this.labelOf(node, view) ?? (view ? nameOf(view.graph, node) : "");
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
