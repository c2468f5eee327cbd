// A second worker, with an engine of its own: tries the batches of a grade that the first one gives away.

/** @import { EngineModule, Grading } from "../lab/engine-api.js" */
/** @import { Source } from "./grader.js" */

import { downloadModel } from "./download.js";
import { sentenceOf } from "./failure.js";
import { loadEngine } from "./load.js";
import { loadWasm } from "./wasm.js";

/** What the first worker asks. @typedef {{ source: Source, ids: Uint32Array } | { batch: number }} Asked */
/** Nothing: it is ready. @typedef {{ results?: Float64Array, failed?: string }} Answered */

/** @type {Grading} */ let grading;

self.onmessage = async (/** @type {MessageEvent<Asked>} */ { data }) => {
  /** @type {Answered} */ let answer = {};
  try {
    if ("batch" in data) {
      grading.receive(data.batch);
      while (!(await grading.step()));
      answer = { results: grading.results(data.batch) };
    } else {
      const { folder, files, kind } = data.source;
      const downloads = downloadModel(new URL(folder), files, () => {});
      const engine = await loadEngine(/** @type {Promise<EngineModule>} */ (loadWasm("engine")), downloads, kind);
      grading = await engine.grade(data.ids);
    }
  } catch (error) {
    answer = { failed: sentenceOf(error) };
  }
  self.postMessage(answer);
};
