// A lab: the state of one graph, and the few things one can do to it.

/** @import { Arrangement } from "./arrangement.js" */
/** @import { Target, Thresholds, ToWorker, Transcoder } from "./messages.js" */
/** @import { Steering } from "./steer/steering.js" */
/** @import { Address } from "./url.js" */
/** @import { View } from "./view.js" */

import { ZOOM } from "./address-fields.js";
import { cleanLabel, ungroup, unpin } from "./arrangement.js";
import { featureKey } from "./kinds.js";
import { Labelled } from "./labelled.js";
import { adopt } from "./opened-file.js";
import { CUT, cutPrompt } from "./prompt-length.js";
import { batch } from "./store.js";
import { Steps } from "./undo.js";
import { observed } from "./view.js";
import { WorkerClient } from "./worker-client.js";

export class Lab extends Labelled {
  worker = new WorkerClient(this);
  steps = new Steps(this);
  /** What is to be set in a file that is being opened again. @type {Address | undefined} */ #again;

  /** @param {ToWorker} message */
  say(message) {
    this.worker.say(message);
  }

  destroy() {
    this.worker.end();
    super.destroy();
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
    batch(() => {
      if (!file) this.opened = undefined;
      this.#set(address);
      if (file) return this.worker.prune();
      if (address.transcoder !== before.transcoder) {
        this.worker.takeTranscoder(address.transcoder);
      } else if (
        address.prompt !== before.prompt ||
        this.view?.recorded ||
        address.hold !== before.hold ||
        JSON.stringify(address.target) !== JSON.stringify(before.target)
      ) {
        if (this.prompt !== undefined) this.worker.trace(this.prompt);
      } else {
        this.worker.prune();
        this.worker.steer();
      }
      this.worker.compare(this.address.compare);
    });
  }

  /** @param {Address} address the colours stay as they are */
  #set(address) {
    batch(() => Object.assign(this.address, address, { theme: this.address.theme }));
    this.hover(undefined);
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
    batch(() => {
      this.opened = undefined;
      if (before) this.#set({ ...before, prompt, zoom: this.address.zoom });
    });
  }

  /** Traces the prompt of the file on show, which is of this model and transcoder, with all that its reader did. */
  traceHere() {
    if (!this.opened || !this.isOwn) return;
    this.steps.begin("prompt");
    this.opened = undefined;
    this.worker.trace(this.address.prompt ?? "");
  }

  /** @param {string} prompt */
  ask(prompt) {
    this.steps.begin("prompt");
    this.leaveFile(prompt);
    this.address.prompt = prompt;
    this.worker.trace(prompt);
  }

  /** @param {Target} target @param {Address["hold"]} [hold] what edges take as given */
  explain(target, hold = this.address.hold) {
    this.steps.begin("target");
    this.leaveFile();
    const other = hold !== this.address.hold;
    Object.assign(this.address, { target, hold });
    if (other) this.worker.compare(this.address.compare);
    if (this.prompt !== undefined) this.worker.trace(this.prompt);
  }

  /** Traces again, with the model's other transcoder. @param {Transcoder} transcoder */
  traceWith(transcoder) {
    this.leaveFile();
    this.worker.takeTranscoder(transcoder);
  }

  /** @param {Partial<Thresholds>} change */
  prune(change) {
    this.steps.begin("thresholds");
    this.address.thresholds = { ...this.address.thresholds, ...change };
    this.worker.prune();
  }

  /** @param {number} zoom */
  zoomTo(zoom) {
    this.address.zoom = Math.min(ZOOM.most, Math.max(ZOOM.least, zoom));
  }

  /**
   * Changes pins, supernodes, labels or places, as one step of undo.
   * @param {string} kind
   * @param {(arrangement: Arrangement) => void} change of a copy, which takes the place of what is set
   */
  arrange(kind, change) {
    this.steps.begin(kind);
    const arrangement = structuredClone(this.arrangement);
    change(arrangement);
    this.address.arrangement = arrangement;
  }

  /** Pins a node, or takes it out of the subgraph again. @param {number} node @param {View | undefined} [view] that it was shown in */
  togglePin(node, view = this.view) {
    const id = view?.graph.id[node];
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
   * @param {View | undefined} [view] that it was shown in when the naming began: a live graph may have come since
   */
  label(node, text, view = this.view) {
    const key = view && featureKey(view.graph, node);
    if (key === undefined) return;
    this.arrange(`label ${key}`, ({ labels }) => {
      const label = cleanLabel(text);
      if (label && label !== this.automaticLabel(node, view)) labels[key] = label;
      else delete labels[key];
    });
  }

  /**
   * Sets features, or lets go of them, as one step of undo.
   * @param {string} kind
   * @param {(steering: Steering) => void} change of a copy, which takes the place of what is set
   */
  steer(kind, change) {
    this.steps.begin(kind);
    const steering = structuredClone(this.address.steering);
    change(steering);
    batch(() => {
      this.address.steering = steering;
      this.worker.steer();
    });
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

  /** @param {boolean} on */
  showGrade(on) {
    if (on && this.address.compare !== undefined) this.compare(undefined);
    this.address.grade = on;
  }

  /** @param {string | undefined} prompt */
  compare(prompt) {
    this.steps.begin("compare");
    const cut = prompt === undefined ? undefined : cutPrompt(prompt);
    batch(() => {
      if (cut !== undefined && this.address.grade) this.showGrade(false);
      this.address.compare = cut;
      this.worker.compare(cut);
    });
    if (cut !== prompt) this.bus.emit("notice", CUT);
  }

  /**
   * A new graph arrived.
   * @param {View} view
   * @param {File} [file] that it was read from
   * @param {boolean} [again] whether it was on show before, and lives on in a new worker
   */
  show(view, file, again = false) {
    batch(() => {
      this.view = observed(view);
      if (!view.recorded || !file || again) return;
      this.opened = adopt(this.address, view, view.recorded, { file, before: this.opened?.before ?? { ...this.address } });
      if (this.#again) Object.assign(this.address, this.#again, { theme: this.address.theme });
      this.#again = undefined;
    });
  }
}
