// What a session is asked to trace: a prompt, a second one beside it, or a file with a graph.

/** @import { TraceOptions } from "../lab/engine-api.js" */
/** @import { Reading, Recorded, Target } from "../lab/messages.js" */
/** @import { Session } from "./session.js" */

import { firstView } from "./copies.js";
import { Failure, sentenceOf } from "./failure.js";
import { unpacked } from "./unpack.js";

/**
 * A prompt with what is to be explained and how, and the number that the page gave it. @typedef {{ request: number, prompt: string,
 * target: Target, hold: Reading }} Question
 */

/**
 * Prompts like those that the transcoder learned from have a few hundred active features. In a text of another
 * kind tens of thousands may be active; the most influential of them are chosen as circuit-tracer does.
 */
const TRACE_OPTIONS = { max_features: 512, batch_size: 128 };

export class Questions {
  /** What was typed while the model, or another transcoder, was still on its way. @type {Question | undefined} */ waiting;
  /** Number of the last second prompt that was traced. */
  compared = 0;

  /** @param {Session} session */
  constructor(session) {
    this.session = session;
  }

  /** @param {Question} question */
  askOrWait(question) {
    if (this.session.supply.ready) void this.#ask(question);
    else this.waiting = question;
  }

  /** Asks what was to be asked once the engine is there. @param {Question} [otherwise] */
  goOn(otherwise) {
    const question = this.waiting ?? otherwise;
    if (question) void this.#ask(question);
  }

  /** Takes a prompt apart, and then traces it. Everything else goes on meanwhile. @param {Question} question */
  async #ask(question) {
    const { session } = this;
    const { request, prompt } = question;
    try {
      const ids = await this.#encode(prompt, request);
      if (request === session.newest) session.seat.put("trace", () => this.trace(question, ids));
    } catch (error) {
      session.fail(Failure.from(error, "prompt", this.#changeIt), request);
    }
  }

  get #changeIt() {
    return this.session.current ? "Change the prompt; the last graph stays below." : "Change the prompt.";
  }

  /** @param {Question} question @param {Uint32Array} ids */
  async trace(question, ids) {
    const { session } = this;
    const { request, prompt } = question;
    let made;
    try {
      made = await this.#traceOrFallBack(ids, { ...TRACE_OPTIONS, hold: question.hold, targets: this.#targets(question.target) });
    } catch (error) {
      session.fail(Failure.from(error, "prompt", this.#changeIt), request);
      return;
    }
    if (request < session.newest || session.closed) return made.free(); // something newer was typed meanwhile
    const traced = session.traced(made, prompt, ids);
    session.show({ trace: made, request, ids, prompt, question, operands: traced.operands?.key });
    session.post({ type: "graph", request, recorded: undefined, aligned: session.aligned, ...traced });
    session.settled.begin(request, ids, traced);
    session.supply.race(ids, TRACE_OPTIONS);
  }

  /** The tokens that a target names. @param {Target} target */
  #targets(target) {
    const id = (/** @type {string} */ text) => {
      const found = this.session.engine.token(text);
      if (found === undefined)
        throw new Failure(
          "prompt",
          `“${text}” is not one token of this model, so it cannot be explained.`,
          "Explain another token, or the top answers.",
        );
      return found;
    };
    if (target.kind === "answers") return undefined;
    return target.kind === "tokens" ? { tokens: target.tokens.map(id) } : { token: id(target.token), minus: id(target.minus) };
  }

  /** @param {number} request @param {Uint8Array<ArrayBuffer>} bytes @param {string} file its name */
  async open(request, bytes, file) {
    const { session } = this;
    let opened;
    try {
      opened = (await session.page.models.module).open_graph(await unpacked(bytes));
    } catch (error) {
      return session.fail(new Failure("file", `${file}: ${sentenceOf(error)}`, "The graph on show stays."), request);
    }
    const { trace, prompt, nodeThreshold, edgeThreshold, ...more } = opened;
    session.show({ trace, request, ids: undefined, prompt, question: undefined });
    session.settled.quiet();
    const first = firstView(opened);
    session.thresholds = first.thresholds;
    /** @type {Recorded} */
    const recorded = { file, ...more, ...first };
    session.post({ type: "graph", request, recorded, aligned: session.aligned, ...session.traced(trace, prompt, undefined) });
  }

  /** Traces a second prompt, beside the one on show. @param {number} request @param {string} prompt @param {Reading} hold */
  async compare(request, prompt, hold) {
    const { session } = this;
    const fail = (/** @type {unknown} */ error) => session.fail(Failure.from(error, "compare", "Change the second prompt."), request);
    try {
      const ids = await this.#encode(prompt, request, "compare");
      const trace = async () => {
        const made = await this.#traceOrFallBack(ids, { ...TRACE_OPTIONS, hold });
        const traced = session.traced(made, prompt, ids, "second");
        session.other = made.outline();
        made.free();
        session.post({ type: "compared", request, aligned: session.aligned, beside: session.current?.request, ...traced });
        this.compared = request;
        session.settled.beginOther(request, ids, traced);
      };
      session.seat.put("compare", () => trace().catch(fail));
    } catch (error) {
      fail(error);
    }
  }

  /** Where the GPU fails, as after a lost device, the CPU goes on. @param {Uint32Array} ids @param {TraceOptions} options */
  async #traceOrFallBack(ids, options) {
    const { engine, supply, trials } = this.session;
    const { cpu } = supply.loaded.engines;
    try {
      return await engine.trace(ids, options);
    } catch (error) {
      if (engine === cpu) throw error;
      const made = await cpu.trace(ids, options); // fails too where it is the prompt that is impossible
      supply.fallBack(error, true);
      trials.engineChanged();
      return made;
    }
  }

  /** @param {string} prompt @param {number} request @param {"prompt" | "compare"} [about] */
  async #encode(prompt, request, about = "prompt") {
    const { session } = this;
    const { model } = session;
    if (prompt.trim() === "") throw new Failure(about, "Type a prompt: there is nothing to trace yet.", "Or take one of the examples.");
    const example = model.exampleOf(prompt);
    if (example) return Uint32Array.from(example.ids);
    model.wantTokenizer();
    if (!model.readyTokenizer)
      session.fail(
        new Failure(about, "The tokenizer is still on its way.", "The graph follows once it is here; the examples do not need it."),
        request,
      );
    return (await model.tokenizer).encode(prompt, session.engine.describe().context);
  }
}
