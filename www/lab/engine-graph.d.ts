/** A graph, traced or read from a file, as the wasm module `wasm/engine.js` offers it. */
import type { OfNodes } from "./engine-nodes.js";
import type { LikenessTold, SteerReport } from "./engine-study.js";

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

/** A head's score before the softmax, or the difference of two, in parts that sum to it. */
export interface HeadScore {
  score: number;
  /** What all other pairs add. */
  rest: number;
  /** How much the head looks at each token; zero after the query. */
  pattern: Float32Array;
  /** All scores of the query, as far as it sees. */
  scores: Float32Array;
  /** Of each pair what stands at the query and at the key: a node, -1 for the position embeddings, -2 for biases. */
  queries: Int32Array;
  keys: Int32Array;
  /** 1 where a pair is of the key that is subtracted; its part has its sign. */
  subtracted: Uint8Array;
  parts: Float32Array;
}

/** One attribution graph, in circuit-tracer's node order: features, errors, tokens, logits. */
export interface Trace extends OfNodes {
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
  /** What its edges take as given. */
  readonly hold: string;
  readonly replacement: number;
  /** Of a graph whose edges are derivatives it says nothing. */
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
   * Parts of edges by what is not held, which sum to them: [pairs, 2 + layers x heads x 2], with all held, through norms, and through where
   * each head looks, of its query and of its key. Throws for a graph from a file.
   */
  shares(sources: Uint32Array, targets: Uint32Array): Promise<Float64Array>;
  /** Why a head looks where it looks; with `minus`, why at `key` and not there. The `most` largest pairs one by one. */
  look(layer: number, head: number, query: number, key: number, minus: number | undefined, most: number): Promise<HeadScore>;
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
