/** A graph, traced or read from a file, as the wasm module `wasm/engine.js` offers it. */
import type { OfNodes } from "./engine-nodes.js";
import type { Answer, Arrangement, FileFacts, HeadScore, Inputs, LikenessTold, Outputs, Pruned, SteerReport, Timing } from "./wire.js";

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
   * Parts of edges by what is not held, which sum to them: [pairs, 3 + layers x heads x 2], with all held, through norms, through what
   * errors answer, and through where each head looks, of its query and of its key. Throws for a graph from a file.
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
   * `limit` and, after the tokens `after`, `limits` are what the manifest allows a token to surprise by, in nats, and `mean`
   * on average over the prompt; `unseen` has the first and the last id of each range of tokens that no training text has. Throws for a graph from a file.
   */
  likeness(
    prompt: string,
    templates: string[],
    limit: number | undefined,
    after: Uint32Array,
    limits: Float32Array,
    mean: number | undefined,
    unseen: Uint32Array,
  ): Promise<LikenessTold>;
  /** How much a head looks at each token with features set, settings and mode as in `steer`: [tokens]. */
  steered_pattern(layer: number, head: number, query: number, settings: string[], mode: string): Promise<Float32Array>;
  /** The most probable tokens after the prompt and these tokens, with features set in the prompt. */
  steered_next(more: Uint32Array, settings: string[], mode: string): Promise<Answer[]>;
  free(): void;
}

/** A graph that was read from a file; its timing is missing, and `heads` throws. The arrangement goes by the ids of the trace, which may not be the file's. */
export interface Opened extends FileFacts {
  trace: Trace;
  arrangement: Arrangement;
}
