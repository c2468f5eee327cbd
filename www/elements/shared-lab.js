// One lab for all elements of a page that name the same; where it starts from, and what is to be told of it.

/** @import { Reading } from "../lab/messages.js" */
/** @import { View } from "../lab/view.js" */
/** @import { AttoElement } from "./atto-element.js" */
/** @import { ElementLab } from "./element-lab.js" */
/** @import { State } from "./state.js" */

import { triedAgain } from "../lab/tried-again.js";
import { findFiles } from "./files-of-engine.js";
import { sentenceOf } from "./sentence.js";
import { Sight } from "./sight.js";
import { EMPTY, readState, stateOf } from "./state.js";

/** @typedef {typeof import("./started.js")} Started */
/** @typedef {{ sentence: string, advice: string }} Told */

const startedParts = triedAgain(() => import("./started.js"));
/** Labs that several elements share, by the name in their attribute. @type {Map<string, SharedLab>} */
const named = new Map();

export class SharedLab {
  /** @type {Set<AttoElement>} */ members = new Set();
  /** @type {"waiting" | "starting" | "recorded" | "live"} */ phase = "waiting";
  /** @type {Told | undefined} */ told;
  /** How far the model’s download is, in words. */ coming = "";
  /** @type {ElementLab | undefined} */ lab;
  /** @type {Started | undefined} */ started;
  #leave = { live: false, wish: () => this.#wish() };
  /** @type {Promise<void> | undefined} */ #begun;
  /** To be set once there is a graph. @type {State | undefined} */ #state;
  /** To be told of a state with its graph. @type {Told | undefined} */ #ofState;
  /** That graph's prompt. @type {string | undefined} */ #asked;
  /** Whether one of its elements is on the screen, and what waits for that. */ sight = new Sight(this.members);
  #ended = false;

  /** @param {AttoElement} member @param {string | undefined} name @returns {SharedLab} */
  static join(member, name) {
    const shared = (name && named.get(name)) || new SharedLab();
    if (name) named.set(name, shared);
    shared.members.add(member);
    if (shared.lab) void shared.#enter(member);
    return shared;
  }

  /** @param {AttoElement} member */
  leave(member) {
    this.members.delete(member);
    if (this.members.size > 0) return;
    for (const [name, shared] of named) if (shared === this) named.delete(name);
    this.#ended = true;
    this.lab?.destroy();
  }

  /** The element that speaks for all: the first graph or story, or else the first. */
  get speaker() {
    const all = [...this.members];
    return all.find(({ localName }) => ["atto-graph", "atto-story"].includes(localName)) ?? all[0];
  }

  /** What the first of its elements that says it says. @param {"src" | "model" | "prompt" | "state" | "base" | "hold" | "loading"} name */
  setting(name) {
    return [...this.members].map((each) => each[name]).find((value) => value !== undefined && value !== null);
  }

  /** Whether anything may be computed here: an element that names nothing but a file shows that file. */
  get canGoLive() {
    const names = /** @type {const} */ (["state", "model", "prompt"]);
    return !this.setting("src") || names.some((name) => this.setting(name) !== undefined);
  }

  /** Loads what draws, and shows the recorded graph, or traces a live one. */
  begin() {
    return (this.#begun ??= this.#begin());
  }

  async #begin() {
    this.phase = "starting";
    this.notify(undefined);
    const state = this.#state;
    try {
      findFiles(this.setting("base"));
      const started = (this.started = await startedParts());
      const [src, prompt] = [this.setting("src"), this.setting("prompt")];
      const view = src ? await started.readRecording(new URL(src, document.baseURI)) : undefined;
      if (this.#ended) return;
      const { address, told } = state ?? readState(this.setting("state") ?? EMPTY);
      this.#ofState = told;
      address.model ||= this.setting("model") ?? "";
      address.prompt ??= prompt;
      address.hold = /** @type {Reading | undefined} */ (this.setting("hold")) || address.hold;
      const lab = (this.lab = new started.ElementLab(this.speaker.place, address, this.#leave));
      if (this.#state === state) this.#state = undefined; // what is set from here on waits for the first graph
      this.#hear(lab, started);
      await Promise.all([...this.members].map((member) => this.#enter(member)));
      if (view) this.#showRecorded(lab, view, started);
      if (!view || (this.canGoLive && ["visible", "eager"].includes(this.setting("loading") ?? ""))) this.#goLive(lab);
    } catch (error) {
      this.lab?.destroy(); // another press begins anew
      this.lab = this.#begun = undefined;
      this.#state ??= state;
      this.phase = "waiting";
      this.notify({ sentence: sentenceOf(error), advice: "" });
    }
  }

  /** @param {AttoElement} member */
  async #enter(member) {
    const { lab, started } = this;
    if (!lab || !started) return;
    await member.enter(lab, await started.styleSheet(/** @type {typeof AttoElement} */ (member.constructor).sheet));
  }

  /** @param {ElementLab} lab @param {View} view @param {Started} started */
  #showRecorded(lab, view, { asksFor }) {
    this.phase = "recorded";
    const { address } = lab;
    if (address.prompt !== undefined && !asksFor(address, view.prompt))
      this.notify({ sentence: `This state asks for another graph than the recorded one of “${view.prompt}”.`, advice: "" });
    address.prompt ??= view.prompt;
    lab.model = view.recording?.model ?? "";
    lab.show(view);
  }

  /** Computes here from now on: a reader asked for it, or the author’s attributes did. */
  async goLive() {
    await this.begin();
    if (this.lab && !this.#leave.live) this.#goLive(this.lab);
  }

  /** @param {ElementLab} lab */
  #goLive(lab) {
    if (!this.canGoLive) return;
    this.#leave.live = true;
    this.phase = "live";
    this.notify(undefined);
    lab.address.model ||= lab.model;
    lab.worker.start();
    this.look();
  }

  /** A panel wants what only an engine knows. */
  #wish() {
    if (!this.lab) return;
    if (this.canGoLive) this.#goLive(this.lab);
    else this.notify({ sentence: "This graph was recorded; nothing else is computed here.", advice: "" });
  }

  /** @param {ElementLab} lab @param {Started} started */
  #hear(lab, { answerChance, answerText, megabytes }) {
    const tellOfGraph = () => {
      const { view } = lab;
      if (!view) return;
      if (this.#state) return this.#settle(this.#state);
      const { graph, prompt } = view;
      this.notify(prompt === (this.#asked ??= prompt) ? this.#ofState : undefined);
      const [first] = graph.answers;
      const answer = first && { answer: answerText(graph, first), probability: answerChance(graph, first) };
      this.#say("load", { recorded: view.early === true, prompt });
      if (lab.isLive) this.#say("trace", { prompt, ...answer, milliseconds: graph.timing?.total_ms });
    };
    lab.watch(() => lab.view, tellOfGraph);
    lab.bus.on("download", ({ loaded, total }) => {
      this.coming = loaded < total ? `Loading the model: ${megabytes(loaded)} of ${megabytes(total)}` : "Starting the engine…";
      this.#say("progress", { loaded, total });
      this.#redraw();
    });
    let begun = false;
    const tellOfSelection = () => {
      if (!begun) return void (begun = true);
      const node = lab.selected;
      const id = node === undefined ? undefined : lab.view?.graph.id[node];
      this.#say("node-select", { id, name: node === undefined ? undefined : lab.nameOf(node) });
    };
    lab.watch(() => lab.address.selected, tellOfSelection);
    lab.bus.on("notice", (notice) => this.notify(notice));
    lab.watch(
      () => [lab.view?.graph.whole, lab.plots.arrivals],
      () => this.#redraw(),
    );
  }

  /** @param {Told | undefined} told nothing: all is well */
  notify(told) {
    this.told = told;
    if (told) this.#say("error", { sentence: told.sentence, advice: told.advice });
    this.#redraw();
  }

  /** @param {string} name @param {object} detail */
  #say(name, detail) {
    this.speaker?.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #redraw() {
    for (const member of this.members) member.requestUpdate();
  }

  /** Whether anybody sees one of its elements: else nothing goes on that nobody waits for. */
  look() {
    this.lab?.worker.see(this.sight.isSeen);
  }

  /** Sets what was asked for before there was a graph. @param {State} state */
  #settle(state) {
    this.#state = undefined;
    const sentence = this.#set(state);
    if (sentence) this.notify({ sentence, advice: "" });
  }

  get state() {
    if (this.#state || !this.lab) return stateOf((this.#state ?? readState(EMPTY)).address);
    return stateOf({ ...this.lab.address, theme: undefined });
  }

  /** @param {string} text @throws {RangeError} with a sentence */
  set state(text) {
    const sentence = this.#set(readState(text));
    if (sentence) throw new RangeError(sentence);
  }

  /** @param {State} state @returns {string | void} why not */
  #set(state) {
    const { address, told } = state;
    const { lab, started } = this;
    if (!lab?.view || !started) return void (this.#state = state);
    if (address.model && address.model !== lab.model)
      return `This state is of the model “${address.model}”, this element shows “${lab.model}”.`;
    if (!this.#leave.live) {
      if (!started.asksFor(address, lab.view.prompt)) return "This state asks for another graph than the recorded one; start it first.";
      address.prompt = lab.address.prompt;
    }
    this.sight.whenSeen(() => {
      this.#asked = address.prompt;
      this.notify((this.#ofState = told));
      lab.restore(address);
    });
  }
}
