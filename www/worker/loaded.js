// A model with one kind of transcoder, loaded once for all sessions that use it: its engines, operand plots and sample texts.

/** @import { Transcoder } from "../lab/messages.js" */
/** @import { Progress } from "./download.js" */
/** @import { Gpu } from "./gpu.js" */
/** @import { Model } from "./model.js" */
/** @import { Schedule } from "./schedule.js" */

import { Engines } from "./engines.js";
import { loadEngine } from "./load.js";
import { PlotShelf } from "./plots.js";
import { SampleShelf } from "./samples.js";

/** How long what nobody uses is kept: who closes one graph may open the next. */
const GRACE_MS = 5000;

/** One use of it, until it is released. @typedef {{ loaded: Loaded, release: () => void }} Hold */
/** What is of the page, and every model uses. @typedef {{ schedule: Schedule, gpu: Gpu }} House */

export class Loaded {
  shelf = new PlotShelf();
  samples = new SampleShelf();
  /** There once it is loaded. @type {Engines} */ engines;
  #users = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #grace;
  /** Who hears of the download. @type {Set<(progress: Progress) => void>} */ #hearers = new Set();
  /** @type {Progress | undefined} */ #progress;

  /**
   * @param {Model} model
   * @param {Transcoder} kind
   * @param {House} house
   * @param {() => void} gone called before it is freed
   */
  constructor(model, kind, { schedule, gpu }, gone) {
    this.kind = kind;
    this.gone = gone;
    this.seat = schedule.seat((error) => console.info(`Work for all sessions failed: ${error}`));
    const downloads = model.download(kind, (progress) => this.#arrived(progress));
    model.readTokenizer(downloads.get("tokenizer.json"));
    this.samples.from(() => model.texts());
    if (kind === "cross-layer") this.samples.followedFrom(() => model.followed());
    this.engines = /** @type {any} */ (undefined);
    /** Rejected where it cannot be loaded. @type {Promise<void>} */
    this.ready = loadEngine(model.module, downloads, kind).then((cpu) => {
      this.engines = new Engines(cpu, { gpu, seat: this.seat, lost: (engine) => this.shelf.forgetAllOf(engine) });
      this.#hearers.clear();
    });
    this.ready.catch(() => {}).then(() => model.wantTokenizer()); // whoever awaits it hears of it
  }

  /** @param {Progress} progress */
  #arrived(progress) {
    this.#progress = progress;
    for (const hear of this.#hearers) hear(progress);
  }

  /** One more uses it, and hears of the download, also how far it is. @param {(progress: Progress) => void} hear @returns {Hold} */
  hold(hear) {
    clearTimeout(this.#grace);
    this.#users += 1;
    this.#hearers.add(hear);
    if (this.#progress) hear(this.#progress);
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      this.#hearers.delete(hear);
      this.#users -= 1;
      if (this.#users === 0) this.#grace = setTimeout(() => this.#free(), GRACE_MS);
    };
    return { loaded: this, release };
  }

  #free() {
    this.gone();
    const free = () =>
      this.seat.end(() => {
        this.shelf.clear();
        this.samples.clear();
        this.engines?.free();
      });
    this.ready.then(free, free);
  }
}
