/** What the wasm modules `wasm/engine.js` and `wasm/tokenizer.js` offer. Only the worker calls them. */

/** What is explained: the most probable next tokens where nothing is said, these tokens, or one logit minus another. */
export type Targets = { tokens: number[] } | { token: number; minus: number };

export interface TraceOptions {
  targets?: Targets;
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
  /** The token that is put in front of a prompt that begins with no special token; missing where the model has none. */
  bos?: number;
}

/** Tokens in a row that are one text; `whole` where it ends with a character, and so can be typed. */
export interface Piece {
  text: string;
  tokens: number;
  whole: boolean;
}

/** A candidate for the next token. */
export interface Answer {
  token: string;
  /** What `Engine.token` finds this token by, and no other: its text, or `#12`. */
  name: string;
  id: number;
  probability: number;
  /** NaN in a graph from a file. */
  logit: number;
}

/** An answer that the model was trained to give: see `Engine.begun`. */
export interface WholeAnswer {
  text: string;
  /** How many tokens it is. */
  tokens: number;
  /** The product of its tokens' probabilities, each after those before it. */
  probability: number;
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

/**
 * The unpruned inputs of a node by |weight|; weights and remainder sum to total, its pre-activation. Errors and tokens
 * have none; of a graph from a file, remainder and total are NaN.
 */
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

/** What a reader did to a graph, which its file keeps: the schema's `qParams`, and labels of features. */
export interface Arrangement {
  /** Ids of nodes. */
  pinned: string[];
  /** A name, then ids of nodes. */
  supernodes: string[][];
  clicked: string;
  /** Places in the subgraph; any text without line breaks. */
  positions: string;
  /** By id of a feature's node: its `clerp`. */
  labels: Record<string, string>;
}

/** A feature's activation without and with what was set. */
export interface Moved {
  layer: number;
  position: number;
  index: number;
  before: number;
  after: number;
}

/** A token's probability and logit without and with what was set. */
export interface Shift {
  token: string;
  id: number;
  before: number;
  after: number;
  logit_before: number;
  logit_after: number;
}

/** What came of features set to values. */
export interface SteerReport {
  /** The features that were set. */
  set: Moved[];
  /** Tokens among the ten most probable before or after, by their probability after. */
  answers: Shift[];
  /** The change of every token's logit, the largest first. */
  logits: { token: string; id: number; change: number }[];
  /** The graph's features, in its order. */
  features: Moved[];
  /** Features that fire where they were silent, the strongest first; at most 20. */
  woken: { layer: number; position: number; index: number; activation: number }[];
  /** Names of the graph's targets. */
  targets: string[];
  /**
   * Change of the pre-activation of each feature of the graph, then of each target, as the graph predicts it; missing where a feature
   * that was set is no node of the graph.
   */
  predicted?: number[];
  /** The same as it came. */
  measured: number[];
  /** Of measured on predicted, over what was not set and should move; missing where too little does. */
  pearson?: number;
  slope?: number;
}

/**
 * What responds when a feature writes less: nothing of the original (the graph's features answer in proportion), its
 * MLPs, its norms too, its attention too.
 */
export type Rung = "features" | "mlps" | "norms" | "everything";

/** What was predicted and measured, a point a feature. */
export interface Points {
  predicted: number[];
  measured: number[];
}

/** Every feature less by a share, each on its own, on one rung. */
export interface Trial {
  /** As the ids of its figures begin: `faithful/mlps-free/5`. */
  id: string;
  rung: Rung;
  /** 0.05, or 1 for all of it. */
  share: number;
  /** The answer's logit less the runner-up's. */
  difference: Points;
  /** The answer's logit less the mean logit. */
  answer: Points;
}

/** Each token's path to the answer, as one kind of transcoder tells it and as the other does: [here and there][tokens]. */
export interface TokenPaths {
  /** What the token adds, along all paths, to the answer's logit less the runner-up's. */
  effects: number[][];
  /** Of the influence that begins at it, the share that passes through a feature of a layer between the first and the last. */
  middle: number[][];
  /** Positions of the tokens about which the two disagree. */
  differ: number[];
  /** The share of the tokens' influence that begins where they do not. */
  agreement: number;
}

/** How far a graph can be trusted on its prompt. */
export interface Grade {
  answer: string;
  runner_up: string;
  /** One number each; `attograph evaluate` averages figures of the same ids. */
  figures: { group: string; id: string; name: string; value: number; unit: string }[];
  /** What they mean, in plain words. */
  findings: { trust: "yes" | "partly" | "no"; about: string; text: string }[];
  /** What is foretold clearly better with nothing frozen; missing where neither is. */
  better_target?: "difference" | "answer";
  /** Both shares on all four rungs. */
  trials: Trial[];
  /** The features tried, in the order of the trials' points. `divergence`: of switching it off with nothing frozen, in nats. */
  features: {
    layer: number;
    position: number;
    index: number;
    activation: number;
    influence: number;
    kept: boolean;
    divergence: number;
    influence_rank: number;
    divergence_rank: number;
  }[];
  active_features: number;
  /** The change of the residual stream some MLPs on from a feature that is switched off, against the frozen model's. */
  travels: { rung: Rung; layers_on: number; count: number; cosine: number; error: number }[];
  /** Shares of the influence that begin at errors: [layers][tokens], and in all. */
  errors: { shares: number[][]; all: number };
  /** The answer with every MLP replaced by the transcoder. */
  replaced: { token: string; probability: number; same: boolean };
  /** The same prompt through the other kind of transcoder. `path_lengths`: here and there. */
  second?: {
    per_layer: boolean;
    features: number;
    replacement: number;
    completeness: number;
    path_lengths: [number, number];
    agreement?: number;
    paths: TokenPaths;
  };
}

/** A graph that is being graded, in slices. */
export interface Grading {
  readonly total: number;
  readonly done: number;
  /** Asks a second opinion of the same language model with the other kind of transcoder. */
  ask_also(engine: Engine): void;
  /** True once no step is left to begin. */
  step(): Promise<boolean>;
  /** Gives a batch of features away, to be tried by another grading of the same prompt and model. */
  give(): number | undefined;
  /** Takes back what was given away and not added yet. */
  take_back(): void;
  /** Has nothing but a batch tried that another grading gave away, in steps. */
  receive(batch: number): void;
  /** What came of a batch that was received, for `add` of the grading that gave it. */
  results(batch: number): Float64Array;
  /** Adds what came of a batch given away; false if it is none of those. */
  add(results: Float64Array): boolean;
  /** Throws while steps are left. */
  finish(): Promise<Grade>;
  /** One feature less by a share, on all four rungs; needs no step. */
  rungs(layer: number, position: number, index: number, share: number): Promise<Trial[]>;
  free(): void;
}

/** Whether a prompt is like the training texts; without `position`, `surprise` and `limit` where the manifest does not say how to tell. */
export interface LikenessTold {
  unlike: boolean;
  /** Of the token that belongs there least. */
  position?: number;
  /** By how much that token surprises more than expected, and what is usual at its place, in nats. */
  surprise?: number;
  limit?: number;
  /** A prompt that the model knows and that is near to this one. */
  near?: string;
}

/** One attribution graph, in circuit-tracer's node order: features, errors, tokens, logits. */
export interface Trace {
  readonly tokens: string[];
  readonly answers: Answer[];
  /** 0 feature, 1 error, 2 token, 3 logit; in files also 4 attention feature, 5 attention error, 6 bias. */
  readonly kind: Uint8Array;
  /** -1 for tokens, the number of layers for logits. */
  readonly layer: Int32Array;
  readonly position: Uint32Array;
  /** Feature index, token id for tokens and logits, 0 for the others. */
  readonly index: Uint32Array;
  /** Of features, NaN where a file does not tell; the probability for logits. */
  readonly activation: Float32Array;
  /** Cumulative share of influence, most important first: low is important. */
  readonly influence: Float32Array;
  readonly id: string[];
  readonly replacement: number;
  readonly completeness: number;
  /** Whether these are the scores of the whole graph, and not of what pruning left in a file. */
  readonly scores_of_all: boolean;
  readonly active_features: number;
  /** Missing for a graph from a file. */
  readonly timing: Timing | undefined;
  /**
   * The part that carries these shares of the whole graph's influence, the strongest edges first. Given the `frequencies`
   * of features, as `Samples` has them, those active on more than a share `density` of the tokens are left out too, but
   * not of a file.
   */
  prune(nodeThreshold: number, edgeThreshold: number, density: number, frequencies?: Float32Array): Pruned;
  /**
   * The thresholds of nodes and edges with which at most so many features and errors, and so many edges, are left: two numbers, 1 where
   * all may stay.
   */
  readable(nodes: number, edges: number): Float32Array;
  inputs(node: number): Inputs;
  outputs(node: number): Outputs;
  /**
   * What `prune` leaves, as graph JSON. Of a graph from a file it is that file, with what its reader changed; the names of
   * model and prompt, and `kept`, are of traced graphs: JSON that comes back as `Opened.own.page`.
   */
  json(
    model: string,
    prompt: string,
    nodeThreshold: number,
    edgeThreshold: number,
    density: number,
    frequencies?: Float32Array,
    arrangement?: Arrangement,
    kept?: string,
  ): string;
  /** Names of the targets, in the order of the graph's logit nodes. */
  readonly target_names: string[];
  readonly layers: number;
  /**
   * How edges pass through attention: for each pair (sources[i], targets[i]) and each layer, what of the edge passes
   * through each head there, and last what passes by all of them in the residual stream. [pairs, layers, heads + 1];
   * each layer's numbers sum to the edge. Throws for a graph from a file.
   */
  heads(sources: Uint32Array, targets: Uint32Array): Promise<Float32Array>;
  /**
   * What the model does with features set. A setting is `LAYER/FEATURE@POSITION=VALUE`, with a multiple of the feature's
   * activation as `x2` and off as `0`; of two on one feature the later counts. The mode says what is held as it was:
   * `direct` (all but the features set), `constrained:1-3` (the MLPs of these layers), `patterns` (attention), `free`
   * (nothing); the meaning is circuit-tracer's. Throws for a graph from a file and for a feature that does not exist.
   */
  steer(settings: string[], mode: string): Promise<SteerReport>;
  /**
   * Whether the prompt is like the texts that the model learned from, and the near form that it knows of these `templates`.
   * `limit` and, after the tokens `after`, `limits` are what the manifest allows a token to surprise by, in nats. Throws for
   * a graph from a file.
   */
  likeness(prompt: string, templates: string[], limit: number | undefined, after: Uint32Array, limits: Float32Array): Promise<LikenessTold>;
  /** The most probable tokens after the prompt and these tokens, with features set in the prompt. */
  steered_next(more: Uint32Array, settings: string[], mode: string): Promise<Answer[]>;
  free(): void;
}

/**
 * A graph that was read from a file. The thresholds are those that it was pruned with before it was written, 1 if that
 * is not told: pruned by them it is all of the file. Without `own` its answers are its logits; its timing is missing, and
 * `heads` throws. The arrangement goes by the ids of the trace, which may not be the file's.
 */
export interface Opened {
  trace: Trace;
  scan: string;
  prompt: string;
  nodeThreshold: number;
  edgeThreshold: number;
  arrangement: Arrangement;
  /** Names of biases, by node. */
  biases: [number, string][];
  /** What only this project's files say: whose it is, and the page's own JSON. */
  own: { model: string; transcoder: string; density: number; page: string | undefined } | undefined;
  /** Links that are no part of the graph: of nodes that are not in the file, and second ones between two nodes. */
  linksOfMissingNodes: number;
  repeatedLinks: number;
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
  /** What the plot shows, in few words, such as "sum = _5"; undefined where no simple rule describes it. */
  label(layer: number, position: number, index: number): string | undefined;
  free(): void;
}

/** A token, and how strongly something acts on it. */
export interface Effect {
  token: string;
  id: number;
  value: number;
}

/** Another feature, and a weight. */
export interface Connection {
  layer: number;
  index: number;
  weight: number;
}

/** What the weights alone say of a feature, whatever the prompt. */
export interface FeatureFacts {
  /** Effects on the logits of a unit of activation through the unembedding, mean logit taken away: strongest first. */
  top: Effect[];
  bottom: Effect[];
  /** The same for the numbers 0 to 199, where each is one token of the vocabulary. */
  numbers?: Float32Array<ArrayBuffer>;
  /** Tokens whose embedding its encoder reads most strongly. */
  reads: Effect[];
  /** Strongest virtual weights through the residual stream, from earlier features and to later ones. */
  inputs: Connection[];
  outputs: Connection[];
}

/** One place of a sample text where a feature is active. */
export interface SampleExample {
  /** Index into the contexts, and of the prompt among all. */
  context: number;
  prompt: number;
  /** Token with the largest activation. */
  position: number;
  tokens: string[];
  /** One a token. */
  activations: Float32Array<ArrayBuffer>;
}

export interface SampleFacts {
  /** Tokens it is active on, and tokens in all (without the first of each prompt). */
  active: number;
  tokens: number;
  max: number;
  /** Counts of activations above zero, in equal steps from 0 to max. */
  histogram: Uint32Array<ArrayBuffer>;
  /** Of every context where it is active, the strongest few. */
  examples: SampleExample[];
  /** A name by what it reads or says, where no operand plot tells. */
  label: string;
}

/** Activations of all features over the model's sample texts, computed in slices. */
export interface Samples {
  readonly total: number;
  readonly done: number;
  step(): Promise<boolean>;
  feature(layer: number, index: number): SampleFacts;
  /** Share of the tokens on which each feature is active, [layers, features]. */
  frequencies(): Float32Array<ArrayBuffer>;
  free(): void;
}

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
