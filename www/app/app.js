// The state that all panels share, and the few things one can do to it.

/** @import { Arrangement } from "./arrangement.js" */
/** @import { Answer, Grade, Inputs, Outputs, SteerReport, Trial } from "./engine-api.js" */
/** @import { Between, Carried, Graph, Manifest, NamedPlot, Operands, Recorded, Said, Target, Thresholds, Traced, Transcoder } from "./messages.js" */
/** @import { Steering } from "./steer/steering.js" */
/** @import { Address } from "./url.js" */

import { keepInHistory } from "./address-bar.js";
import { checkedArrangement, cleanLabel, supernodeOf, ungroup, unpin } from "./arrangement.js";
import { Bus } from "./bus.js";
import { nameOf } from "./format.js";
import { FEATURE, featureKey, LOGIT, placeOf } from "./kinds.js";
import { CUT, cutPrompt } from "./prompt-length.js";
import { noSteering } from "./steer/steering.js";
import { Steps } from "./undo.js";
import { ZOOM } from "./url.js";
import { WorkerClient } from "./worker-client.js";

/** The graph on show. @typedef {Traced & { request: number, recorded: Recorded | undefined, indexOf: Map<string, number> }} View */
/** @typedef {{ node: number, inputs: Inputs, outputs: Outputs }} Detail */
/** A graph with its place among its template's plots. @typedef {{ graph: Graph, operands: Operands | undefined }} Plotted */

export class App {
  bus = new Bus();
  worker = new WorkerClient(this);
  steps = new Steps(this);
  /** @type {Manifest | undefined} */ manifest;
  /** Name of the model's folder, and those of all models on this site. */
  model = "";
  /** @type {string[]} */ models = [];
  /** @type {View | undefined} */ view;
  /** The graph of the second prompt, while two are compared. @type {Traced | undefined} */ other;
  /** The node under the pointer. @type {number | undefined} */ hovered;
  /** What the worker told last of a node. @type {Detail | undefined} */ detail;
  /** All edges among the pinned nodes. @type {Between | undefined} */ between;
  /** The heads that carry the selected node's strongest edges. @type {Carried | undefined} */ carried;
  /** What the model goes on to say after the prompt. @type {{ tokens: Answer[], said: Said[], done: boolean } | undefined} */ continuation;

  /** What came of the features that are set. @type {SteerReport | undefined} */ steered;
  /** How the text goes on with them. @type {{ tokens: Answer[], done: boolean } | undefined} */ steeredText;
  /** How far the graph on show can be trusted. @type {{ grade: Grade, seconds: number } | undefined} */ graded;
  /** One node on the ladder of freezing. @type {{ node: number, trials: Trial[] } | undefined} */ rungs;

  /** @param {Address} address what the URL says; kept up to date in it */
  constructor(address) {
    this.address = address;
  }

  /** The prompt in the box: the model's first example where nothing was typed. */
  get prompt() {
    return this.address.prompt ?? this.manifest?.examples[0]?.prompt;
  }

  get arrangement() {
    return this.address.arrangement;
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
    keepInHistory(this.address);
    this.ask(prompt);
  }

  /** Shows what another entry of the history, or another step, holds. @param {Address} address */
  restore(address) {
    const before = { ...this.address };
    // The colours stay as they are.
    Object.assign(this.address, address, { theme: this.address.theme });
    this.hover(undefined);
    for (const name of /** @type {const} */ (["thresholds", "target", "prompt", "arrangement", "selection", "compare", "steering", "grade", "zoom"])) this.bus.emit(name, undefined);
    if (address.transcoder !== before.transcoder) {
      this.bus.emit("transcoder", undefined);
      this.worker.takeTranscoder(address.transcoder);
    } else if (address.prompt !== before.prompt || this.view?.recorded || JSON.stringify(address.target) !== JSON.stringify(before.target)) {
      if (this.prompt !== undefined) this.worker.trace(this.prompt);
    } else {
      this.worker.prune();
      this.#steerAgain();
    }
    this.#compareAgain();
  }

  /** @param {string} prompt */
  ask(prompt) {
    this.steps.begin("prompt");
    this.address.prompt = prompt;
    this.bus.emit("prompt", undefined);
    this.worker.trace(prompt);
  }

  /** @param {Target} target */
  explain(target) {
    this.steps.begin("target");
    this.address.target = target;
    this.bus.emit("target", undefined);
    if (this.prompt !== undefined) this.worker.trace(this.prompt);
  }

  /** Traces again, with the model's other transcoder. @param {Transcoder} transcoder */
  traceWith(transcoder) {
    this.bus.emit("transcoder", undefined);
    this.worker.takeTranscoder(transcoder);
  }

  /** The transcoder that is used from now on. @param {Transcoder} transcoder @param {boolean} taken or not: the one asked for did not come */
  tookTranscoder(transcoder, taken) {
    if (taken && transcoder !== this.address.transcoder) {
      keepInHistory(this.address);
      this.hover(undefined);
      this.select(undefined); // the features of one are not those of the other
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

  /** Names the feature of a node, wherever it is active; without a text it goes by its automatic label again. @param {number} node @param {string} text */
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
    if (Object.keys(this.address.steering.set).length === 0) this.steered = this.steeredText = undefined;
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

  /** A new graph arrived. @param {View} view @param {boolean} again whether it was on show before, and lives on in a new worker */
  show(view, again) {
    this.hover(undefined);
    this.view = view;
    this.detail = this.between = this.carried = this.continuation = this.steered = this.steeredText = this.graded = this.rungs = undefined;
    if (view.recorded && !again) this.#adopt(view.recorded, view.prompt);
    this.bus.emit("graph", undefined);
    this.bus.emit("notice", undefined);
  }

  /** Takes over what a file says of pins, supernodes and labels. @param {Recorded} recorded @param {string} prompt */
  #adopt({ arrangement, thresholds }, prompt) {
    const { address } = this;
    address.prompt = prompt;
    const labels = Object.entries(arrangement.labels).map(([id, label]) => [id.split("_").slice(0, 2).join("_"), label]);
    let places;
    try {
      places = JSON.parse(arrangement.positions);
    } catch {
      // Other viewers keep places in other ways.
    }
    address.arrangement = checkedArrangement({ pinned: arrangement.pinned, supernodes: arrangement.supernodes, labels, places });
    address.selected = arrangement.clicked || undefined;
    address.thresholds = { ...thresholds };
    address.compare = undefined;
    for (const name of /** @type {const} */ (["thresholds", "arrangement", "compare"])) this.bus.emit(name, undefined);
  }

  /**
   * The operand plot of a feature, if it is here already.
   * @param {number} node
   * @param {Plotted | undefined} [view] the graph on show, unless another is meant
   * @returns {NamedPlot | undefined}
   */
  plot(node, view = this.view) {
    if (!view?.operands || view.graph.kind[node] !== FEATURE) return undefined;
    return this.worker.plotAt(view.operands.key, placeOf(view.graph, node));
  }

  /** What a feature is called where nobody named it, if anything. @param {number} node @param {Plotted | undefined} [view] @returns {string | undefined} */
  automaticLabel(node, view = this.view) {
    const key = view && featureKey(view.graph, node);
    if (key === undefined) return undefined;
    return this.plot(node, view)?.label ?? this.worker.labelOf(key);
  }

  /** The label of a feature, its reader's or an automatic one. @param {number} node @param {Plotted | undefined} [view] @returns {string | undefined} */
  labelOf(node, view = this.view) {
    const key = view && featureKey(view.graph, node);
    if (key === undefined) return undefined;
    return this.arrangement.labels[key] ?? this.automaticLabel(node, view);
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
