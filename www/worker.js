// The worker: owns the engines and answers the page. All work on a model happens here.

/** @import { Engine, EngineModule, Tokenizer, TokenizerModule, Trace } from "./app/engine-api.js" */
/** @import { EngineChoice, FromWorker, Graph, Manifest, Runner, Thresholds, ToWorker, Transcoder } from "./app/messages.js" */

import { folderOf, OWN, transcodersOf } from "./app/model-files.js";
import { downloadModel, fetchJson, loadWasm } from "./worker/download.js";
import { Failure, sentenceOf } from "./worker/failure.js";
import { PlotShelf } from "./worker/plots.js";
import { Race } from "./worker/race.js";
import { Schedule } from "./worker/schedule.js";

/** How long a prompt must stand before its operand plots are begun: not for every key pressed. */
const SETTLED_MS = 250;

/**
 * Prompts like those that the transcoder learned from have a few hundred active features. In a text of another
 * kind tens of thousands may be active; the most influential of them are chosen as circuit-tracer does.
 */
const TRACE_OPTIONS = { max_features: 512, batch_size: 128 };
const MOST_PLOTTED = 2000;

/** Where the engine looks for the transcoder, whichever it is. */
const TRANSCODER = folderOf("cross-layer");

/** Far more than any model here reads, and not long to take apart. */
const MOST_CHARACTERS = 20_000;

const ON_THE_CPU = "Tracing on the CPU instead.";

const schedule = new Schedule(["trace", "prune", "inspect", "json", "plots", "race", "operands"], (error) =>
  fail(Failure.from(error, "engine", "Reload the page to start afresh."), newest),
);
const shelf = new PlotShelf();

/** @type {EngineModule} */ let engineModule;
/** @type {Engine[]} */ const engines = [];
/** @type {Engine} */ let active;
/** @type {number[] | undefined} */ let medians;
let engineNote = "";
/** @type {Promise<Tokenizer>} */ let tokenizer;
let tokenizerReady = false;
/** @type {Manifest} */ let manifest;
/** @type {{ trace: Trace, request: number, ids: Uint32Array, prompt: string } | undefined} */ let current;
let newest = 0;
let settling = 0;
/** Whether the engines are still to be measured against each other. */
let raceIsOn = false;
/** As the page's sliders stand. @type {Thresholds} */ let thresholds;

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
    case "inspect":
      schedule.put("inspect", () => inspect(message.request, message.node));
      break;
    case "json":
      schedule.put("json", () => {
        if (current?.request !== message.request) return;
        const { trace, prompt } = current;
        const json = trace.json(`attograph/${manifest.name}`, prompt, message.thresholds.node, message.thresholds.edge);
        post({ type: "json", request: message.request, json });
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

/** A prompt, and the number that the page gave it. @typedef {{ request: number, prompt: string }} Question */

/** What was typed while the model was still on its way. @type {Question | undefined} */
let waiting;

/** @param {Extract<ToWorker, { type: "start" }>} message without a prompt, the model's first example is traced */
async function start({ model, transcoder, engine, request, prompt }) {
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

    const needed = manifest.files.filter(({ path }) => OWN.test(path) || path.startsWith(folderOf(kind)));
    const downloads = downloadModel(folder, needed, (loaded, total, cached) => post({ type: "download", loaded, total, cached }));
    tokenizer = loadTokenizer(downloads.get("tokenizer.json"));
    tokenizer.catch(() => {});
    const files = await collect(downloads, kind);
    engineModule = await loadingEngine;
    loadCpu(files, kind);
    await startEngines(engine, { request, prompt: prompt ?? manifest.examples[0]?.prompt ?? "" });
  } catch (error) {
    fail(Failure.from(error, "model", "Reload the page to try again."), 0);
  }
}

/** @param {unknown} value */
function isManifest(value) {
  const it = /** @type {any} */ (value);
  return typeof it?.title === "string" && Array.isArray(it.files) && Array.isArray(it.examples);
}

/**
 * What the engine reads. Of the tokenizer it takes only the names of tokens, and does without where that
 * file is missing; the tokenizer itself, a large module, is not waited for.
 * @param {Map<string, Promise<Uint8Array>>} downloads
 * @param {Transcoder} kind
 */
async function collect(downloads, kind) {
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  const take = async (/** @type {string} */ path, /** @type {Promise<Uint8Array>} */ bytes) => {
    try {
      files[path.replace(folderOf(kind), TRANSCODER)] = await bytes;
    } catch (error) {
      if (path !== "tokenizer.json") throw error;
    }
  };
  await Promise.all([...downloads].map(([path, bytes]) => take(path, bytes)));
  return files;
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

/** @param {Record<string, Uint8Array>} files @param {Transcoder} kind */
function loadCpu(files, kind) {
  try {
    engines.push(engineModule.Engine.load(files));
  } catch (error) {
    throw new Error(sentenceOf(error).replaceAll(TRANSCODER, folderOf(kind))); // files by the names they have here
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
  if (!current) return;
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
    activate(fastest);
    // The graph on show should be the shown engine's own, with its own time.
    if (changed && current) retrace();
  };
  schedule.put("race", step);
}

function retrace() {
  const { request, prompt, ids } = /** @type {NonNullable<typeof current>} */ (current);
  if (request === newest) schedule.put("trace", () => trace({ request, prompt }, ids));
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
async function trace({ request, prompt }, ids) {
  let made;
  try {
    made = await traceOrFallBack(ids);
  } catch (error) {
    fail(Failure.from(error, "prompt", changeIt()), request);
    return;
  }
  if (request < newest) return made.free(); // something newer was typed meanwhile
  current?.trace.free();
  current = { trace: made, request, ids, prompt };
  const pruned = made.prune(thresholds.node, thresholds.edge);
  // A text on which very many features fire has no readable plots, and they would fill the memory.
  const operands = manifest.domain === "addition" && made.active_features <= MOST_PLOTTED ? shelf.place(active, ids, made.tokens) : undefined;
  post({ type: "graph", request, prompt, graph: copy(made), pruned, operands });
  schedule.drop("operands");
  clearTimeout(settling);
  if (operands) settling = setTimeout(computePlots, operands.done > 0 ? 0 : SETTLED_MS, operands.key);
  if (raceIsOn) {
    raceIsOn = false;
    void raceGpu();
  }
}

/** Where the GPU fails, as after a lost device, the CPU goes on. @param {Uint32Array} ids */
async function traceOrFallBack(ids) {
  const [cpu] = engines;
  try {
    return await active.trace(ids, TRACE_OPTIONS);
  } catch (error) {
    if (active === cpu) throw error;
    const made = await cpu.trace(ids, TRACE_OPTIONS); // fails too where it is the prompt that is impossible
    leaveGpu(error);
    return made;
  }
}

/** @param {unknown} error what the GPU said */
function leaveGpu(error) {
  engines.length = 1;
  shelf.clear();
  medians = undefined;
  engineNote = sentenceOf(error);
  activate(engines[0]);
  fail(new Failure("engine", engineNote, ON_THE_CPU), newest);
}

/** @param {string} prompt @param {number} request */
async function encode(prompt, request) {
  if (prompt.trim() === "") throw new Failure("prompt", "Type a prompt: there is nothing to trace yet.", "Or take one of the examples.");
  const example = manifest.examples.find((each) => each.prompt === prompt);
  if (example) return Uint32Array.from(example.ids);
  if (prompt.length > MOST_CHARACTERS) {
    throw new Failure("prompt", `The prompt has ${prompt.length.toLocaleString("en")} characters, far more than the tokens that this model reads.`, changeIt());
  }
  if (!tokenizerReady) fail(new Failure("prompt", "The tokenizer is still on its way.", "The graph follows once it is here; the examples do not need it."), request);
  return (await tokenizer).encode(prompt);
}

/** @param {string} key */
function computePlots(key) {
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
    if (!finished) schedule.put("operands", step);
  };
  schedule.put("operands", step);
}

function prune() {
  if (!current) return;
  const { request, trace } = current;
  post({ type: "pruned", request, pruned: trace.prune(thresholds.node, thresholds.edge) });
}

/** @param {number} request @param {number} node */
function inspect(request, node) {
  if (current?.request !== request) return;
  const { trace } = current;
  post({ type: "node", request, node, inputs: trace.inputs(node), outputs: trace.outputs(node) });
}

/** @param {Trace} trace @returns {Graph} */
function copy(trace) {
  return {
    tokens: trace.tokens,
    answers: trace.answers,
    layers: active.describe().layers,
    kind: trace.kind,
    layer: trace.layer,
    position: trace.position,
    index: trace.index,
    activation: trace.activation,
    influence: trace.influence,
    id: trace.id,
    replacement: trace.replacement,
    completeness: trace.completeness,
    activeFeatures: trace.active_features,
    timing: trace.timing,
  };
}
