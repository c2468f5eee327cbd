// Never runs: tsc fails on it when the wasm modules no longer offer what the page is written against.

import type { EngineModule, TokenizerModule } from "../../www/lab/engine-api.js";
import * as engine from "../../target/web/types/wasm/engine.js";
import * as tokenizer from "../../target/web/types/wasm/tokenizer.js";

export const engineModule: EngineModule = engine;
export const tokenizerModule: TokenizerModule = tokenizer;
