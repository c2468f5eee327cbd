/** What the wasm modules `wasm/engine.js` and `wasm/tokenizer.js` offer. Only the worker calls them. */

export interface TraceOptions {
  max_logits?: number;
  probability?: number;
  max_features?: number;
  batch_size?: number;
}

export interface EngineDescription {
  engine: "cpu" | "gpu";
  device: string;
  /** True for a GPU adapter that is emulated on the CPU. */
  software: boolean;
  layers: number;
  width: number;
  heads: number;
  vocabulary: number;
  context: number;
  features_per_layer: number;
  transcoder: "cross-layer" | "per-layer";
}

/** A candidate for the next token. */
export interface Answer {
  token: string;
  id: number;
  probability: number;
  logit: number;
}

export interface Timing {
  forward_ms: number;
  rows_ms: number;
  total_ms: number;
}

/** The part of a graph that is left after pruning: node indices, and three parallel arrays of edges. */
export interface Pruned {
  nodes: Uint32Array;
  sources: Uint32Array;
  targets: Uint32Array;
  weights: Float32Array;
}

/** The unpruned inputs of a node by |weight|; weights and remainder sum to total, its pre-activation. */
export interface Inputs {
  nodes: Uint32Array;
  weights: Float32Array;
  remainder: number;
  total: number;
}

export interface Outputs {
  nodes: Uint32Array;
  weights: Float32Array;
}

/** One attribution graph, in circuit-tracer's node order: features, errors, tokens, logits. */
export interface Trace {
  readonly tokens: string[];
  readonly answers: Answer[];
  /** 0 feature, 1 error, 2 token, 3 logit. */
  readonly kind: Uint8Array;
  /** -1 for tokens, the number of layers for logits. */
  readonly layer: Int32Array;
  readonly position: Uint32Array;
  /** Feature index, 0 for errors, token id for tokens and logits. */
  readonly index: Uint32Array;
  /** Of features; the probability for logits. */
  readonly activation: Float32Array;
  /** Cumulative share of influence, most important first: low is important. */
  readonly influence: Float32Array;
  readonly id: string[];
  readonly replacement: number;
  readonly completeness: number;
  readonly active_features: number;
  readonly timing: Timing;
  prune(nodeThreshold: number, edgeThreshold: number): Pruned;
  inputs(node: number): Inputs;
  outputs(node: number): Outputs;
  json(scan: string, prompt: string, nodeThreshold: number, edgeThreshold: number): string;
  free(): void;
}

/** A feature's activation over all 100 x 100 operand pairs: row = a, column = b, 255 = max. */
export interface OperandPlot {
  pixels: Uint8Array<ArrayBuffer>;
  max: number;
}

/** The activations of every feature over all operand pairs of one prompt template, computed in slices. */
export interface OperandPlots {
  /** The same for every prompt of one template, that is, with its two operands left open. */
  readonly key: string;
  readonly a: number;
  readonly b: number;
  readonly a_position: number;
  readonly b_position: number;
  readonly total: number;
  readonly done: number;
  step(): Promise<boolean>;
  plot(layer: number, position: number, index: number): OperandPlot;
  free(): void;
}

export interface Engine {
  describe(): EngineDescription;
  /** The same model on the GPU. */
  on_gpu(): Promise<Engine>;
  trace(ids: Uint32Array, options?: TraceOptions): Promise<Trace>;
  operands(ids: Uint32Array): OperandPlots | undefined;
  free(): void;
}

type Init = (options: { module_or_path: WebAssembly.Module }) => Promise<unknown>;

export interface EngineModule {
  default: Init;
  Engine: { load(files: Record<string, Uint8Array>): Engine };
}

export interface Tokenizer {
  encode(text: string): Uint32Array;
}

export interface TokenizerModule {
  default: Init;
  Tokenizer: new (json: Uint8Array) => Tokenizer;
}
