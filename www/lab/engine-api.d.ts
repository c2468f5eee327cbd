/** What the wasm modules `wasm/engine.js` and `wasm/tokenizer.js` offer. Only the worker calls them. */
import type { OperandPlots, Samples } from "./engine-features.js";
import type { Opened, Trace } from "./engine-graph.js";
import type { Grading } from "./engine-study.js";
import type { Answer, EngineDescription, FeatureFacts, Piece, TraceOptions, WholeAnswer } from "./wire.js";

export type * from "./engine-features.js";
export type * from "./engine-graph.js";
export type * from "./engine-nodes.js";
export type * from "./engine-study.js";
export type * from "./wire.js";

/** What is explained: the most probable next tokens where nothing is said, these tokens, or one logit minus another. */
export type Targets = { tokens: number[] } | { token: number; minus: number };

export interface Engine {
  describe(): EngineDescription;
  /** Facts that follow from the weights. */
  feature(layer: number, index: number): FeatureFacts;
  /** The most probable next tokens, without a graph. */
  next(ids: Uint32Array): Promise<Answer[]>;
  /**
   * What is known of the answer, of the known ones, that tokens begin: all of it; the place among the most probable next tokens of the
   * one that it goes on with;
   * -1 where these are to be asked for; or nothing: there is none.
   */
  begun(known: string[], tokens: Uint32Array, probabilities: Float32Array, next?: Uint32Array): WholeAnswer | number | undefined;
  /** The id of a token by its number as `#12`, or by its text: exactly, with a space in front, or as it is shown. */
  token(text: string): number | undefined;
  is_special(id: number): boolean;
  /** A run of tokens as texts that cut no character. */
  pieces(ids: Uint32Array): Piece[];
  /** Texts of tokens. */
  texts(ids: Uint32Array): string[];
  /** Sample texts: of each prompt its context, its length, and all ids in a row. Nothing is computed yet. */
  samples(contexts: Uint32Array, lengths: Uint32Array, ids: Uint32Array): Samples;
  /** The same model on the GPU. */
  on_gpu(): Promise<Engine>;
  trace(ids: Uint32Array, options?: TraceOptions): Promise<Trace>;
  operands(ids: Uint32Array, texts: string[]): OperandPlots | undefined;
  /** Begins to grade a prompt's graph. */
  grade(ids: Uint32Array): Promise<Grading>;
  free(): void;
}

type Init = (options: { module_or_path: WebAssembly.Module }) => Promise<unknown>;

export interface EngineModule {
  default: Init;
  Engine: { load(files: Record<string, Uint8Array>): Engine };
  /** Reads graph JSON of the shared schema, ours or another tool's. */
  open_graph(file: Uint8Array): Opened;
}

export interface Tokenizer {
  /** No BOS is added here. A text far too long for a model that reads `limit` tokens is refused at once. */
  encode(text: string, limit: number): Uint32Array;
  /** What to write after a prompt so that `more` tokens follow its own; nothing where no text does so. */
  going_on(prompt: string, ids: Uint32Array, more: Uint32Array, limit: number): string | undefined;
  free(): void;
}

export interface TokenizerModule {
  default: Init;
  Tokenizer: new (json: Uint8Array) => Tokenizer;
}
