// Keeps every model of a talk loaded while it is on, so that a step of another one shows at once: a session of each, in which nothing goes on.

/** @import { Session } from "../lab/engine-host.js" */
/** @import { Lab } from "../lab/lab.js" */
/** @import { Address } from "../lab/url.js" */

import { host } from "../lab/engine-host.js";

const DEAF = { hear() {}, late() {}, ended() {}, refused() {} };

export class ModelsAhead {
  /** @type {Session[]} */ #sessions = [];

  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
  }

  /** @param {Address[]} addresses of all steps */
  begin(addresses) {
    this.end();
    const first = new Map(addresses.toReversed().map((address) => [address.model, address]));
    if (first.size < 2) return;
    const engine = host.avoidsGpu || this.lab.worker.gpuFailed ? "cpu" : this.lab.address.engine;
    for (const { model, transcoder, prompt, target, hold, thresholds } of first.values()) {
      const session = host.session(DEAF);
      session.suspend();
      session.say({ type: "start", request: 1, model, transcoder, engine, prompt, target, hold, thresholds });
      this.#sessions.push(session);
    }
  }

  end() {
    for (const session of this.#sessions) session.close();
    this.#sessions = [];
  }
}
