// The worker: owns the engines and answers the page. All work on a model happens here.

/** @import { Answer, Tokenizer, Trace, TraceOptions } from "../lab/engine-api.js" */
/** @import { BegunAnswer, FromWorker, Graph, Recorded, Target, Thresholds, ToWorker, Traced } from "../lab/messages.js" */
/** @import { Model } from "./model.js" */

import { asText, Continuation, goOn, roomAfter } from "./continuation.js";
import { copy, edgesAmong, firstView } from "./copies.js";
import { Engines } from "./engines.js";
import { Failure, sentenceOf } from "./failure.js";
import { loadTokenizer, openModel } from "./model.js";
import { PlotShelf } from "./plots.js";
import { SampleShelf } from "./samples.js";
import { Schedule } from "./schedule.js";
import { Trials } from "./trials.js";
import { unpacked } from "./unpack.js";
import { findAnswers, firstOf } from "./whole-answers.js";

/** How long a prompt must stand before its operand plots are begun: not for every key pressed. */
const SETTLED_MS = 250;

/**
 * Prompts like those that the transcoder learned from have a few hundred active features. In a text of another
 * kind tens of thousands may be active; the most influential of them are chosen as circuit-tracer does.
 */
const TRACE_OPTIONS = { max_features: 512, batch_size: 128 };
const MOST_PLOTTED = 2000;

const schedule = new Schedule(
  [
    "trace",
    "likeness",
    "prune",
    "steer",
    "inspect",
    "between",
    "json",
    "heads",
    "compare",
    "plots",
    "feature",
    "labels",
    "rungs",
    "answers",
    "steeredAnswers",
    "otherAnswers",
    "steeredText",
    "continuation",
    "race",
    "operands",
    "other operands",
    "grade",
    "samples",
  ],
  (error) => {
    if (!gpuFailed(error)) fail(Failure.from(error, "engine", "Reload the page to start afresh."), newest);
  },
);
const shelf = new PlotShelf();
const samples = new SampleShelf();
const engines = new Engines({ schedule, post, fail: (failure) => fail(failure, newest), changed: engineChanged });

/** @type {Model} */ let model;
/** @type {Promise<Tokenizer>} */ let tokenizer;
/** The same once it is here. @type {Tokenizer | undefined} */ let ready;
/**
 * The graph on show; one from a file has no ids.
 * @type {{ trace: Trace, request: number, ids: Uint32Array | undefined, prompt: string, question: Question | undefined } | undefined}
 */
let current;
let newest = 0;
/** Number of the last second prompt that was traced. */
let compared = 0;
let settling = 0;
/** Whether the engines are still to be measured against each other. */
let raceIsOn = false;
/** As the page's sliders stand. @type {Thresholds} */ let thresholds;

const trials = new Trials({
  schedule,
  shown: () => current,
  active: () => engines.active,
  known,
  source: () => model.source,
  loadSecond,
  post,
  fail,
  gpuFailed,
});

/**
 * @param {FromWorker} message
 * @param {Transferable[]} [transfer]
 */
function post(message, transfer = []) {
  self.postMessage(message, { transfer });
}

/** @param {Failure} failure @param {number} request */
function fail(failure, request) {
  post({ type: "failed", about: failure.about, request, sentence: failure.message, advice: failure.advice });
}

self.onmessage = (/** @type {MessageEvent<ToWorker>} */ event) => {
  const message = event.data;
  switch (message.type) {
    case "start":
      thresholds = message.thresholds;
      newest = message.request;
      void start(message);
      break;
    case "trace":
      thresholds = message.thresholds;
      newest = message.request;
      if (engines.ready && !changing) void ask(message);
      else waiting = message;
      break;
    case "transcoder":
      thresholds = message.thresholds;
      newest = message.request;
      void changeTranscoder(message);
      break;
    case "beat":
      post({ type: "beat" });
      break;
    case "prune":
      thresholds = message.thresholds;
      schedule.put("prune", prune);
      break;
    case "steer":
      trials.steer(message.request, message.steering);
      break;
    case "grade":
      trials.grade(message.request);
      break;
    case "stop grading":
      trials.stopGrading();
      break;
    case "rungs":
      trials.climb(message.request, message.node, message.share);
      break;
    case "inspect":
      schedule.put("inspect", () => inspect(message.request, message.node));
      break;
    case "json":
      schedule.put("json", () => {
        if (current?.request !== message.request) return;
        const { trace, prompt } = current;
        const { node, edge, density } = message.thresholds;
        const json = trace.json(model.manifest.name, prompt, node, edge, density, frequencies(), message.arrangement, message.kept);
        post({ type: "json", request: message.request, json });
      });
      break;
    case "open":
      newest = message.request;
      schedule.put("trace", () => open(message.request, message.bytes, message.file));
      break;
    case "compare":
      void compare(message.request, message.prompt);
      break;
    case "heads":
      schedule.put("heads", async () => {
        const { request, sources, targets } = message;
        if (current?.request !== request || !current.ids) return;
        post({ type: "heads", request, sources, targets, values: await current.trace.heads(sources, targets) });
      });
      break;
    case "between":
      schedule.put("between", () => {
        if (current?.request !== message.request) return;
        post({ type: "between", request: message.request, ...edgesAmong(current.trace, message.nodes) });
      });
      break;
    case "feature":
      schedule.put("feature", () => {
        const { layer, index } = message;
        const facts = engines.cpu.feature(layer, index);
        post({ type: "feature", layer, index, facts, samples: samples.feature(layer, index), contexts: samples.contexts });
      });
      break;
    case "labels":
      schedule.put("labels", () => {
        if (!samples.finished) return;
        const labels = message.wanted.map(
          ({ layer, index }) => /** @type {[string, string]} */ ([`${layer}_${index}`, samples.feature(layer, index)?.label ?? ""]),
        );
        post({ type: "labels", labels });
      });
      break;
    case "plots":
      schedule.put("plots", () => {
        const plots = shelf.draw(message.key, message.wanted);
        if (plots)
          post(
            { type: "plots", key: message.key, plots },
            plots.map((plot) => plot.pixels.buffer),
          );
      });
      break;
  }
};

/**
 * A prompt with what is to be explained, and the number that the page gave it. @typedef {{ request: number, prompt: string, target:
 * Target }} Question
 */

/** What was typed while the model, or another transcoder, was still on its way. @type {Question | undefined} */
let waiting;
/** Whether another transcoder is on its way, and the number of the last request for one. */
let changing = false;
let lastChange = -1;

/** @param {Extract<ToWorker, { type: "start" }>} message without a prompt, the model's first example is traced */
async function start({ model: name, transcoder, engine, request, prompt, target }) {
  try {
    model = await openModel(name);
    const { manifest, models } = model;
    model.kind = model.has(transcoder) ? transcoder : "cross-layer";
    post({ type: "manifest", manifest, name: model.name, models, transcoder: model.kind });
    if (model.kind !== transcoder)
      fail(new Failure("engine", "This model has no per-layer transcoders.", "Its cross-layer transcoder is used."), request);
    const downloads = model.download(model.kind, (progress) => post({ type: "download", ...progress }));
    tokenizer = loadTokenizer(downloads.get("tokenizer.json"));
    tokenizer.then(
      (made) => (ready = made),
      () => {},
    );
    engines.use(await model.engine(model.kind, downloads));
    samples.from(() => model.texts());
    if (engine === "gpu") await engines.takeGpu();
    raceIsOn = engine === "auto";
    engines.activateLast();
    tokenizer.catch((error) => {
      const { message, advice } = Failure.from(error, "tokenizer", "");
      fail(new Failure("engine", message, advice), 0); // the graph on show stays right
    });
    await ask(waiting ?? { request, prompt: prompt ?? manifest.examples[0]?.prompt ?? "", target });
  } catch (error) {
    fail(Failure.from(error, "model", "Reload the page to try again."), 0);
  }
}

/**
 * Takes the model's other transcoder, or says why not and keeps the one in use.
 * @param {Extract<ToWorker, { type: "transcoder" }>} message
 */
async function changeTranscoder({ request, transcoder, engine, prompt, target }) {
  waiting = { request, prompt, target };
  changing = true;
  lastChange = request;
  const stands = () => request === lastChange;
  try {
    const cpu = await model.engine(
      transcoder,
      model.download(transcoder, (progress) => post({ type: "download", ...progress })),
    );
    if (!stands()) return cpu.free();
    // Between two jobs, so that nothing that runs loses its engine.
    schedule.put("trace", async () => {
      quiet();
      model.kind = transcoder;
      shelf.clear();
      samples.clear();
      trials.modelChanged();
      engines.use(cpu);
      if (engine === "gpu") await engines.takeGpu();
      raceIsOn = engine === "auto";
      engines.activateLast();
      post({ type: "transcoder", request, transcoder, taken: true });
      goOnAsking();
    });
  } catch (error) {
    if (!stands()) return;
    fail(new Failure("transcoder", sentenceOf(error), "The transcoder in use stays."), request);
    post({ type: "transcoder", request, transcoder: model.kind, taken: false });
    goOnAsking();
  }
}

/** Asks what was to be asked once the transcoder is there. */
function goOnAsking() {
  changing = false;
  if (waiting) void ask(waiting);
}

/** Another engine runs now: the graph on show should be its own, with its own time. */
function engineChanged() {
  trials.engineChanged();
  if (!current?.ids || !current.question) return;
  const { ids, question } = current;
  if (question.request === newest) schedule.put("trace", () => trace(question, ids));
}

/** Whether an error is the GPU's; then the CPU goes on with what is on show. @param {unknown} error */
function gpuFailed(error) {
  if (!engines.fallBack(error)) return false;
  shelf.clear(); // plots that the GPU began
  engineChanged();
  return true;
}

/** Takes a prompt apart, and then traces it. Everything else goes on meanwhile. @param {Question} question */
async function ask(question) {
  const { request, prompt } = question;
  try {
    const ids = await encode(prompt, request);
    if (request === newest) schedule.put("trace", () => trace(question, ids));
  } catch (error) {
    fail(Failure.from(error, "prompt", changeIt()), request);
  }
}

function changeIt() {
  return current ? "Change the prompt; the last graph stays below." : "Change the prompt.";
}

/** @param {Question} question @param {Uint32Array} ids */
async function trace(question, ids) {
  const { request, prompt } = question;
  let made;
  try {
    made = await traceOrFallBack(ids, { ...TRACE_OPTIONS, targets: targetsOf(question.target) });
  } catch (error) {
    fail(Failure.from(error, "prompt", changeIt()), request);
    return;
  }
  if (request < newest) return made.free(); // something newer was typed meanwhile
  current?.trace.free();
  current = { trace: made, request, ids, prompt, question };
  const traced = show(made, prompt, ids);
  post({ type: "graph", request, recorded: undefined, ...traced });
  schedule.put("likeness", () => tellLikeness(request));
  quiet();
  const { operands } = traced;
  settling = setTimeout(settle, operands && operands.done > 0 ? 0 : SETTLED_MS, request, ids, traced.graph, operands?.key);
  if (raceIsOn) {
    raceIsOn = false;
    void engines.race(ids, TRACE_OPTIONS);
  }
}

/** Whether the prompt on show is like the training texts, and what form the model knows. @param {number} request */
async function tellLikeness(request) {
  if (current?.request !== request || !current.ids) return;
  const { templates = [], likeness } = model.manifest;
  const after = likeness?.after ?? [];
  const tokens = Uint32Array.from(after, ({ token }) => token);
  const limits = Float32Array.from(after, ({ surprise }) => surprise);
  post({
    type: "likeness",
    request,
    likeness: await current.trace.likeness(current.prompt, templates, likeness?.surprise, tokens, limits),
  });
}

/** Drops the work on an earlier graph. */
function quiet() {
  for (const kind of ["answers", "steeredAnswers", "operands", "continuation", "steeredText", "rungs", "grade"]) schedule.drop(kind);
  clearTimeout(settling);
}

/**
 * What is left to do once a prompt stands.
 * @param {number} request
 * @param {Uint32Array} ids
 * @param {Graph} graph
 * @param {string | undefined} key of its operand plots
 */
function settle(request, ids, graph, key) {
  const { active } = engines;
  const next = (/** @type {Uint32Array} */ more) => active.next(Uint32Array.of(...ids, ...more));
  const stands = () => current?.request === request;
  const { prompt } = /** @type {NonNullable<typeof current>} */ (current);
  wholeAnswers("answers", request, ids, graph, stands);
  const tell = (/** @type {Answer[]} */ tokens, /** @type {boolean} */ done) => {
    post({ type: "continuation", request, tokens, said: asText(active, ready, prompt, ids, tokens), done });
    // What can be typed is known once the tokenizer is here.
    if (done && !ready)
      void tokenizer.then(
        () => stands() && tell(tokens, done),
        () => {},
      );
  };
  goOn(schedule, "continuation", new Continuation(next, active, ids), stands, tell);
  if (key !== undefined) computePlots(key, "operands");
  if (!samples.finished) schedule.put("samples", readSamples);
}

/**
 * Tells which of the model's known answers the tokens of a graph begin.
 * @param {"answers" | "otherAnswers"} type
 * @param {number} request
 * @param {Uint32Array} ids
 * @param {Graph} graph
 * @param {() => boolean} stands
 */
function wholeAnswers(type, request, ids, graph, stands) {
  const { active } = engines;
  /** @type {BegunAnswer[]} */ const whole = [];
  const next = (/** @type {Uint32Array} */ more) => active.next(Uint32Array.of(...ids, ...more));
  findAnswers(
    schedule,
    type,
    active,
    { known: known(), room: roomAfter(active, ids) },
    firstOf(graph).map((first) => ({ first, next, into: whole })),
    stands,
    () => post({ type, request, whole }),
  );
}

/** The answers that the model was trained to give. */
function known() {
  return model.manifest.answers ?? [];
}

/** The other transcoder, for a second opinion; nothing where there is none. */
async function loadSecond() {
  const other = model.kind === "cross-layer" ? "per-layer" : "cross-layer";
  if (!model.has(other)) return undefined;
  try {
    return await model.engine(other);
  } catch (error) {
    fail(new Failure("grade", sentenceOf(error), "There is no second opinion then."), newest);
    return undefined;
  }
}

/** A slice of the sample texts, and then the next. */
async function readSamples() {
  const finished = await samples.step(engines.cpu);
  post({ type: "samples", ...samples.progress, ready: samples.finished });
  if (!finished) schedule.put("samples", readSamples);
  else if (thresholds.density < 1) prune();
}

/** What the page shows of a graph. @param {Trace} made @param {string} prompt @param {Uint32Array | undefined} ids @returns {Traced} */
function show(made, prompt, ids) {
  const graph = copy(made);
  const pruned = pruneNow(made);
  // A text on which very many features fire has no readable plots, and they would fill the memory.
  const plotted = ids && model.manifest.domain === "addition" && made.active_features <= MOST_PLOTTED;
  const bare = ids !== undefined && engines.active.describe().bos === undefined;
  return { prompt, bare, graph, pruned, operands: plotted ? shelf.place(engines.active, ids, model.manifest.templates ?? []) : undefined };
}

/** @param {Trace} trace */
function pruneNow(trace) {
  return trace.prune(thresholds.node, thresholds.edge, thresholds.density, frequencies());
}

/** How often each feature is active, where that decides what is left. */
function frequencies() {
  return thresholds.density < 1 ? samples.frequencies : undefined;
}

/** The tokens that a target names. @param {Target} target */
function targetsOf(target) {
  const id = (/** @type {string} */ text) => {
    const found = engines.active.token(text);
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
async function open(request, bytes, file) {
  let opened;
  try {
    opened = (await model.module).open_graph(await unpacked(bytes));
  } catch (error) {
    return fail(new Failure("file", `${file}: ${sentenceOf(error)}`, "The graph on show stays."), request);
  }
  current?.trace.free();
  current = { trace: opened.trace, request, ids: undefined, prompt: opened.prompt, question: undefined };
  quiet();
  const { trace, prompt, nodeThreshold, edgeThreshold, ...more } = opened;
  const first = firstView(opened);
  thresholds = first.thresholds;
  /** @type {Recorded} */
  const recorded = { file, ...more, ...first };
  post({ type: "graph", request, recorded, ...show(trace, prompt, undefined) });
}

/** Traces a second prompt, beside the one on show. @param {number} request @param {string} prompt */
async function compare(request, prompt) {
  try {
    const ids = await encode(prompt, request, "compare");
    schedule.put("compare", async () => {
      const made = await traceOrFallBack(ids, TRACE_OPTIONS);
      const traced = show(made, prompt, ids);
      made.free();
      post({ type: "compared", request, ...traced });
      compared = request;
      wholeAnswers("otherAnswers", request, ids, traced.graph, () => compared === request);
      if (traced.operands) computePlots(traced.operands.key, "other operands");
    });
  } catch (error) {
    fail(Failure.from(error, "compare", "Change the second prompt."), request);
  }
}

/** Where the GPU fails, as after a lost device, the CPU goes on. @param {Uint32Array} ids @param {TraceOptions} options */
async function traceOrFallBack(ids, options) {
  const { active, cpu } = engines;
  try {
    return await active.trace(ids, options);
  } catch (error) {
    if (active === cpu) throw error;
    const made = await cpu.trace(ids, options); // fails too where it is the prompt that is impossible
    engines.fallBack(error, true);
    shelf.clear();
    trials.engineChanged();
    return made;
  }
}

/** @param {string} prompt @param {number} request @param {"prompt" | "compare"} [about] */
async function encode(prompt, request, about = "prompt") {
  if (prompt.trim() === "") throw new Failure(about, "Type a prompt: there is nothing to trace yet.", "Or take one of the examples.");
  const example = model.manifest.examples.find((each) => each.prompt === prompt);
  if (example) return Uint32Array.from(example.ids);
  if (!ready)
    fail(
      new Failure(about, "The tokenizer is still on its way.", "The graph follows once it is here; the examples do not need it."),
      request,
    );
  return (await tokenizer).encode(prompt, engines.active.describe().context);
}

/** @param {string} key @param {"operands" | "other operands"} kind of work */
function computePlots(key, kind) {
  const step = async () => {
    let finished;
    try {
      finished = await shelf.step(key);
    } catch (error) {
      if (gpuFailed(error)) return;
      shelf.forget(key);
      return fail(Failure.from(error, "engine", "The graph is not affected; its operand plots are missing."), newest);
    }
    post({ type: "operands", key, ...shelf.progress(key) });
    if (!finished) schedule.put(kind, step);
  };
  schedule.put(kind, step);
}

function prune() {
  if (!current) return;
  const { request, trace } = current;
  post({ type: "pruned", request, pruned: pruneNow(trace) });
}

/** @param {number} request @param {number} node */
function inspect(request, node) {
  if (current?.request !== request) return;
  const { trace } = current;
  post({ type: "node", request, node, inputs: trace.inputs(node), outputs: trace.outputs(node) });
}
