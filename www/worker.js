// The worker: owns the engines and answers the page. All work on a model happens here.

/** @import { Engine, EngineModule, Tokenizer, TokenizerModule, Trace, TraceOptions } from "./app/engine-api.js" */
/** @import { EngineChoice, FromWorker, Manifest, Recorded, Runner, Target, Thresholds, ToWorker, Traced, Transcoder } from "./app/messages.js" */

import { folderOf, OWN, transcodersOf } from "./app/model-files.js";
import { Continuation, goOn } from "./worker/continuation.js";
import { copy, edgesAmong, thinned } from "./worker/copies.js";
import { downloadModel, fetchJson, loadWasm } from "./worker/download.js";
import { Failure, sentenceOf } from "./worker/failure.js";
import { loadEngine } from "./worker/load.js";
import { PlotShelf } from "./worker/plots.js";
import { Race } from "./worker/race.js";
import { SampleShelf } from "./worker/samples.js";
import { Schedule } from "./worker/schedule.js";
import { Trials } from "./worker/trials.js";

/** How long a prompt must stand before its operand plots are begun: not for every key pressed. */
const SETTLED_MS = 250;

/**
 * Prompts like those that the transcoder learned from have a few hundred active features. In a text of another
 * kind tens of thousands may be active; the most influential of them are chosen as circuit-tracer does.
 */
const TRACE_OPTIONS = { max_features: 512, batch_size: 128 };
const MOST_PLOTTED = 2000;

/** Far more than any model here reads, and not long to take apart. */
const MOST_CHARACTERS = 20_000;

const ON_THE_CPU = "Tracing on the CPU instead.";

const schedule = new Schedule(["trace", "prune", "steer", "inspect", "between", "json", "heads", "compare", "plots", "feature", "labels", "rungs", "steeredText", "continuation", "race", "operands", "other operands", "grade", "samples"], (error) =>
  fail(Failure.from(error, "engine", "Reload the page to start afresh."), newest),
);
const shelf = new PlotShelf();
const samples = new SampleShelf();

/** @type {EngineModule} */ let engineModule;
/** @type {Engine[]} */ const engines = [];
/** @type {Engine} */ let active;
/** @type {number[] | undefined} */ let medians;
let engineNote = "";
/** @type {Promise<Tokenizer>} */ let tokenizer;
let tokenizerReady = false;
/** @type {Manifest} */ let manifest;
/** The graph on show; one from a file has no ids. @type {{ trace: Trace, request: number, ids: Uint32Array | undefined, prompt: string, question: Question | undefined } | undefined} */ let current;
let newest = 0;
let settling = 0;
/** Whether the engines are still to be measured against each other. */
let raceIsOn = false;
/** As the page's sliders stand. @type {Thresholds} */ let thresholds;
/** Where the model's files are, and which transcoder is in use. @type {{ folder: URL, kind: Transcoder }} */ let source;

const trials = new Trials({ schedule, shown: () => current, active: () => active, source: () => ({ folder: source.folder.href, files: filesOf(source.kind), kind: source.kind }), loadSecond, post, fail });

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
      if (active) void ask(message);
      else waiting = message;
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
        const { node, edge } = message.thresholds;
        const json = trace.json(`attograph/${manifest.name}`, prompt, node, edge, message.arrangement);
        post({ type: "json", request: message.request, json });
      });
      break;
    case "open":
      newest = message.request;
      schedule.put("trace", () => open(message.request, message.json, message.file));
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
        const facts = engines[0].feature(layer, index);
        post({ type: "feature", layer, index, facts, samples: samples.feature(layer, index), contexts: samples.contexts });
      });
      break;
    case "labels":
      schedule.put("labels", () => {
        if (!samples.finished) return;
        const labels = message.wanted.map(({ layer, index }) => /** @type {[string, string]} */ ([`${layer}_${index}`, samples.feature(layer, index)?.label ?? ""]));
        post({ type: "labels", labels });
      });
      break;
    case "plots":
      schedule.put("plots", () => {
        const plots = shelf.draw(message.key, message.wanted);
        if (plots) post({ type: "plots", key: message.key, plots }, plots.map((plot) => plot.pixels.buffer));
      });
      break;
  }
};

/** A prompt with what is to be explained, and the number that the page gave it. @typedef {{ request: number, prompt: string, target: Target }} Question */

/** What was typed while the model was still on its way. @type {Question | undefined} */
let waiting;

/** @param {Extract<ToWorker, { type: "start" }>} message without a prompt, the model's first example is traced */
async function start({ model, transcoder, engine, request, prompt, target }) {
  try {
    const loadingEngine = /** @type {Promise<EngineModule>} */ (loadWasm("engine"));
    loadingEngine.catch(() => {});
    const models = new URL("models/", import.meta.url);
    const index = await fetchJson(new URL("index.json", models), "models/index.json", (value) => Array.isArray(/** @type {any} */ (value)?.models));
    const name = model || index.models[0];
    if (!index.models.includes(name)) {
      throw new Failure("model", `There is no model called “${name}” here.`, `Models on this site: ${index.models.join(", ")}.`);
    }
    const folder = new URL(`${name}/`, models);
    manifest = await fetchJson(new URL("manifest.json", folder), "manifest.json", isManifest);
    const kind = transcodersOf(manifest).includes(transcoder) ? transcoder : "cross-layer";
    post({ type: "manifest", manifest, name, models: index.models, transcoder: kind });
    if (kind !== transcoder) fail(new Failure("engine", "This model has no per-layer transcoders.", "Its cross-layer transcoder is used."), request);

    source = { folder, kind };
    const downloads = downloadModel(folder, filesOf(kind), (loaded, total, cached) => post({ type: "download", loaded, total, cached }));
    tokenizer = loadTokenizer(downloads.get("tokenizer.json"));
    tokenizer.catch(() => {});
    engines.push(await loadEngine(loadingEngine, downloads, kind));
    engineModule = await loadingEngine;
    const texts = manifest.files.find(({ path }) => path === "samples.json");
    samples.from(texts && (() => downloadModel(folder, [texts], () => {}).get("samples.json")));
    await startEngines(engine, { request, prompt: prompt ?? manifest.examples[0]?.prompt ?? "", target });
  } catch (error) {
    fail(Failure.from(error, "model", "Reload the page to try again."), 0);
  }
}

/** The files of the model with one kind of transcoder. @param {Transcoder} kind */
function filesOf(kind) {
  return manifest.files.filter(({ path }) => OWN.test(path) || path.startsWith(folderOf(kind)));
}

/** @param {unknown} value */
function isManifest(value) {
  const it = /** @type {any} */ (value);
  return typeof it?.title === "string" && Array.isArray(it.files) && Array.isArray(it.examples);
}

/** @param {Promise<Uint8Array> | undefined} json */
async function loadTokenizer(json) {
  const advice = "The examples still work; other prompts need the tokenizer.";
  if (!json) throw new Failure("tokenizer", "The manifest names no tokenizer.json.", advice);
  let module, bytes;
  try {
    module = /** @type {TokenizerModule} */ (await loadWasm("tokenizer"));
    bytes = await json;
  } catch (error) {
    throw new Failure("tokenizer", sentenceOf(error), advice);
  }
  try {
    const made = new module.Tokenizer(bytes);
    tokenizerReady = true;
    return made;
  } catch (error) {
    const why = sentenceOf(error);
    throw new Failure("tokenizer", why.includes("tokenizer.json") ? why : `tokenizer.json could not be read: ${why}`, advice);
  }
}

/**
 * @param {EngineChoice} choice
 * @param {Question} question
 */
async function startEngines(choice, question) {
  if (choice === "gpu") {
    const reason = await loadGpu();
    if (reason) fail(new Failure("engine", reason, ON_THE_CPU), 0);
  }
  raceIsOn = choice === "auto";
  activate(engines[engines.length - 1]);
  tokenizer.catch((error) => {
    const { message, advice } = Failure.from(error, "tokenizer", "");
    fail(new Failure("engine", message, advice), 0); // the graph on show stays right
  });
  await ask(waiting ?? question);
}

/** @returns {Promise<string>} why it did not work, or nothing */
async function loadGpu() {
  if (!("gpu" in navigator)) return "This browser has no WebGPU.";
  try {
    engines.push(await engines[0].on_gpu());
    return "";
  } catch (error) {
    return sentenceOf(error);
  }
}

/** Measures the GPU against the CPU on the prompt at hand, and keeps the faster. */
async function raceGpu() {
  const reason = await loadGpu();
  if (reason) {
    engineNote = reason;
    activate(active);
    return;
  }
  if (!current?.ids) return;
  const race = new Race(engines, current.ids, TRACE_OPTIONS);
  const step = async () => {
    try {
      if (!(await race.step())) return schedule.put("race", step);
    } catch (error) {
      engineNote = sentenceOf(error);
      return activate(active);
    }
    medians = race.medians;
    const fastest = engines[medians.indexOf(Math.min(...medians))];
    const changed = fastest !== active;
    if (changed) trials.engineChanged();
    activate(fastest);
    // The graph on show should be the shown engine's own, with its own time.
    if (changed && current) retrace();
  };
  schedule.put("race", step);
}

function retrace() {
  const { ids, question } = /** @type {NonNullable<typeof current>} */ (current);
  if (ids && question?.request === newest) schedule.put("trace", () => trace(question, ids));
}

/** @param {Engine} engine */
function activate(engine) {
  active = engine;
  /** @type {Runner[]} */
  const runners = engines.map((each, i) => ({ description: each.describe(), medianMs: medians?.[i] }));
  post({ type: "engine", active: engine.describe().engine, runners, note: engineNote });
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
  quiet();
  const { operands } = traced;
  settling = setTimeout(settle, operands && operands.done > 0 ? 0 : SETTLED_MS, request, ids, operands?.key);
  if (raceIsOn) {
    raceIsOn = false;
    void raceGpu();
  }
}

/** Drops the work on an earlier graph. */
function quiet() {
  for (const kind of ["operands", "continuation", "steeredText", "rungs", "grade"]) schedule.drop(kind);
  clearTimeout(settling);
}

/** What is left to do once a prompt stands. @param {number} request @param {Uint32Array} ids @param {string | undefined} key of its operand plots */
function settle(request, ids, key) {
  const next = (/** @type {Uint32Array} */ more) => active.next(Uint32Array.of(...ids, ...more));
  const stands = () => current?.request === request;
  goOn(schedule, "continuation", new Continuation(next, active, ids), stands, (tokens, done) => post({ type: "continuation", request, tokens, done }));
  if (key !== undefined) computePlots(key, "operands");
  if (!samples.finished) schedule.put("samples", readSamples);
}

/** The other transcoder, for a second opinion; nothing where there is none. */
async function loadSecond() {
  const other = source.kind === "cross-layer" ? "per-layer" : "cross-layer";
  if (!transcodersOf(manifest).includes(other)) return undefined;
  try {
    const downloads = downloadModel(source.folder, filesOf(other), () => {});
    return await loadEngine(engineModule, downloads, other);
  } catch (error) {
    fail(new Failure("grade", sentenceOf(error), "There is no second opinion then."), newest);
    return undefined;
  }
}

/** A slice of the sample texts, and then the next. */
async function readSamples() {
  const finished = await samples.step(engines[0]);
  post({ type: "samples", ...samples.progress, ready: samples.finished });
  if (!finished) schedule.put("samples", readSamples);
  else if (thresholds.density < 1) prune();
}

/** What the page shows of a graph. @param {Trace} made @param {string} prompt @param {Uint32Array | undefined} ids @returns {Traced} */
function show(made, prompt, ids) {
  const graph = copy(made);
  const pruned = pruneNow(made, ids === undefined);
  // A text on which very many features fire has no readable plots, and they would fill the memory.
  const plotted = ids && manifest.domain === "addition" && made.active_features <= MOST_PLOTTED;
  return { prompt, graph, pruned, operands: plotted ? shelf.place(active, ids, manifest.templates ?? []) : undefined };
}

/** @param {Trace} trace @param {boolean} recorded whether it is a file's, whose features need not be this model's */
function pruneNow(trace, recorded) {
  const pruned = trace.prune(thresholds.node, thresholds.edge);
  return thresholds.density < 1 && samples.frequencies && !recorded ? thinned(trace, pruned, samples.frequencies, thresholds.density) : pruned;
}

/** The tokens that a target names. @param {Target} target */
function targetsOf(target) {
  const id = (/** @type {string} */ text) => {
    const found = active.token(text);
    if (found === undefined) throw new Failure("prompt", `“${text}” is not one token of this model, so it cannot be explained.`, "Explain another token, or the top answers.");
    return found;
  };
  if (target.kind === "answers") return undefined;
  return target.kind === "tokens" ? { tokens: target.tokens.map(id) } : { token: id(target.token), minus: id(target.minus) };
}

/** @param {number} request @param {string} json @param {string} file its name */
function open(request, json, file) {
  let opened;
  try {
    opened = engineModule.open_graph(json);
  } catch (error) {
    return fail(new Failure("file", `${file}: ${sentenceOf(error)}`, "The graph on show stays."), request);
  }
  current?.trace.free();
  current = { trace: opened.trace, request, ids: undefined, prompt: opened.prompt, question: undefined };
  quiet();
  // The file is what pruning left: all of it is shown.
  thresholds = { node: 1, edge: 1, density: 1 };
  /** @type {Recorded} */
  const recorded = { file, scan: opened.scan, arrangement: opened.arrangement };
  post({ type: "graph", request, recorded, ...show(opened.trace, opened.prompt, undefined) });
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
      if (traced.operands) computePlots(traced.operands.key, "other operands");
    });
  } catch (error) {
    fail(Failure.from(error, "compare", "Change the second prompt."), request);
  }
}

/** Where the GPU fails, as after a lost device, the CPU goes on. @param {Uint32Array} ids @param {TraceOptions} options */
async function traceOrFallBack(ids, options) {
  const [cpu] = engines;
  try {
    return await active.trace(ids, options);
  } catch (error) {
    if (active === cpu) throw error;
    const made = await cpu.trace(ids, options); // fails too where it is the prompt that is impossible
    leaveGpu(error);
    return made;
  }
}

/** @param {unknown} error what the GPU said */
function leaveGpu(error) {
  engines.length = 1;
  shelf.clear();
  trials.engineChanged();
  medians = undefined;
  engineNote = sentenceOf(error);
  activate(engines[0]);
  fail(new Failure("engine", engineNote, ON_THE_CPU), newest);
}

/** @param {string} prompt @param {number} request @param {"prompt" | "compare"} [about] */
async function encode(prompt, request, about = "prompt") {
  if (prompt.trim() === "") throw new Failure(about, "Type a prompt: there is nothing to trace yet.", "Or take one of the examples.");
  const example = manifest.examples.find((each) => each.prompt === prompt);
  if (example) return Uint32Array.from(example.ids);
  if (prompt.length > MOST_CHARACTERS) {
    throw new Failure(about, `The prompt has ${prompt.length.toLocaleString("en")} characters, far more than the tokens that this model reads.`, changeIt());
  }
  if (!tokenizerReady) fail(new Failure(about, "The tokenizer is still on its way.", "The graph follows once it is here; the examples do not need it."), request);
  return (await tokenizer).encode(prompt);
}

/** @param {string} key @param {"operands" | "other operands"} kind of work */
function computePlots(key, kind) {
  const step = async () => {
    let finished;
    try {
      finished = await shelf.step(key);
    } catch (error) {
      if (active !== engines[0]) {
        leaveGpu(error);
        return retrace();
      }
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
  const { request, trace, ids } = current;
  post({ type: "pruned", request, pruned: pruneNow(trace, ids === undefined) });
}

/** @param {number} request @param {number} node */
function inspect(request, node) {
  if (current?.request !== request) return;
  const { trace } = current;
  post({ type: "node", request, node, inputs: trace.inputs(node), outputs: trace.outputs(node) });
}
