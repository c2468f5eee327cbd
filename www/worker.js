// The worker: owns the engines and answers the page. All work on a model happens here.

/** @import { Engine, EngineModule, Tokenizer, TokenizerModule, Trace } from "./app/engine-api.js" */
/** @import { EngineChoice, FromWorker, Graph, Manifest, Runner, Thresholds, ToWorker } from "./app/messages.js" */

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
/** @type {Manifest} */ let manifest;
/** @type {{ trace: Trace, request: number, ids: Uint32Array, prompt: string } | undefined} */ let current;
let newest = 0;
let settling = 0;

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
      void start(message.model, message.engine, message.prompt, message.thresholds);
      break;
    case "trace":
      newest = message.request;
      if (active) schedule.put("trace", () => trace(message.request, message.prompt, message.thresholds));
      else waiting = message;
      break;
    case "prune":
      schedule.put("prune", () => prune(message.request, message.thresholds));
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

/** A prompt that was typed while the model was still on its way. @type {Extract<ToWorker, { type: "trace" }> | undefined} */
let waiting;

/**
 * @param {string} model
 * @param {EngineChoice} choice
 * @param {string | undefined} prompt without one, the model's first example
 * @param {Thresholds} thresholds
 */
async function start(model, choice, prompt, thresholds) {
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
    post({ type: "manifest", manifest, models: index.models });

    const downloads = downloadModel(folder, manifest, (loaded, total, cached) => post({ type: "download", loaded, total, cached }));
    tokenizer = loadTokenizer(downloads.get("tokenizer.json"));
    tokenizer.catch(() => {});
    const files = await collect(downloads);
    engineModule = await loadingEngine;
    await loadEngines(choice, files, prompt ?? manifest.examples[0]?.prompt ?? "", thresholds);
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
 */
async function collect(downloads) {
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  const take = async (/** @type {string} */ path, /** @type {Promise<Uint8Array>} */ bytes) => {
    try {
      files[path] = await bytes;
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
  const module = /** @type {TokenizerModule} */ (await loadWasm("tokenizer"));
  const bytes = await json;
  try {
    return new module.Tokenizer(bytes);
  } catch (error) {
    const why = sentenceOf(error);
    throw new Failure("tokenizer", why.includes("tokenizer.json") ? why : `tokenizer.json could not be read: ${why}`, advice);
  }
}

/**
 * @param {EngineChoice} choice
 * @param {Record<string, Uint8Array>} files
 * @param {string} prompt
 * @param {Thresholds} thresholds
 */
async function loadEngines(choice, files, prompt, thresholds) {
  engines.push(engineModule.Engine.load(files));
  if (choice === "gpu") {
    const reason = await loadGpu();
    if (reason) fail(new Failure("engine", reason, ON_THE_CPU), 0);
  }
  activate(engines[engines.length - 1]);
  const first = waiting ?? { request: 0, prompt, thresholds };
  schedule.put("trace", async () => {
    await trace(first.request, first.prompt, first.thresholds);
    if (choice === "auto") void raceGpu();
  });
  tokenizer.catch((error) => fail(Failure.from(error, "tokenizer", ""), 0));
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
  const { request, prompt } = /** @type {NonNullable<typeof current>} */ (current);
  if (request === newest) schedule.put("trace", () => trace(request, prompt, lastThresholds));
}

/** @param {Engine} engine */
function activate(engine) {
  active = engine;
  /** @type {Runner[]} */
  const runners = engines.map((each, i) => ({ description: each.describe(), medianMs: medians?.[i] }));
  post({ type: "engine", active: engine.describe().engine, runners, note: engineNote });
}

/** @type {Thresholds} */
let lastThresholds = { node: 0.8, edge: 0.98 };

/**
 * @param {number} request
 * @param {string} prompt
 * @param {Thresholds} thresholds
 */
async function trace(request, prompt, thresholds) {
  lastThresholds = thresholds;
  let ids, made;
  try {
    ids = await encode(prompt);
    made = await traceOrFallBack(ids);
  } catch (error) {
    fail(Failure.from(error, "prompt", "Change the prompt; the last graph stays below."), request);
    return;
  }
  if (request < newest) return made.free(); // something newer was typed meanwhile
  current?.trace.free();
  current = { trace: made, request, ids, prompt };
  const pruned = made.prune(thresholds.node, thresholds.edge);
  // A text on which very many features fire has no readable plots, and they would fill the memory.
  const operands = made.active_features <= MOST_PLOTTED ? shelf.place(active, ids) : undefined;
  post({ type: "graph", request, prompt, graph: copy(made), pruned, operands });
  schedule.drop("operands");
  clearTimeout(settling);
  if (operands) settling = setTimeout(computePlots, shelf.progress(operands.key).done > 0 ? 0 : SETTLED_MS, operands.key);
}

/** Where the GPU fails, as after a lost device, the CPU goes on. @param {Uint32Array} ids */
async function traceOrFallBack(ids) {
  const [cpu] = engines;
  try {
    return await active.trace(ids, TRACE_OPTIONS);
  } catch (error) {
    if (active === cpu) throw error;
    const made = await cpu.trace(ids, TRACE_OPTIONS); // fails too where it is the prompt that is impossible
    engines.length = 1;
    medians = undefined;
    engineNote = sentenceOf(error);
    activate(cpu);
    fail(new Failure("engine", engineNote, ON_THE_CPU), newest);
    return made;
  }
}

/** @param {string} prompt */
async function encode(prompt) {
  if (prompt.trim() === "") throw new Failure("prompt", "Type a prompt: there is nothing to trace yet.", "For example calc: 36+59=");
  const example = manifest.examples.find((each) => each.prompt === prompt);
  if (example) return Uint32Array.from(example.ids);
  return (await tokenizer).encode(prompt);
}

/** @param {string} key */
function computePlots(key) {
  const step = async () => {
    let finished;
    try {
      finished = await shelf.step(key);
    } catch (error) {
      shelf.forget(key);
      return fail(Failure.from(error, "engine", "The graph is not affected; its operand plots are missing."), newest);
    }
    post({ type: "operands", key, ...shelf.progress(key) });
    if (!finished) schedule.put("operands", step);
  };
  schedule.put("operands", step);
}

/** @param {number} request @param {Thresholds} thresholds */
function prune(request, thresholds) {
  lastThresholds = thresholds;
  if (current?.request !== request) return;
  post({ type: "pruned", request, pruned: current.trace.prune(thresholds.node, thresholds.edge) });
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
