/** What crosses between Rust and JavaScript. Written from the Rust types by `cargo xtask wire`. */
import type { Targets } from "./engine-api.js";

/** What runs, and the model's sizes. */
export type EngineDescription = {
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
};

/** How a prompt is to be traced. */
export type TraceOptions = {
  targets?: Targets;
  max_logits?: number;
  probability?: number;
  max_features?: number;
  batch_size?: number;
  /** What edges take as given; patterns and norms where nothing is said. */
  hold?: string;
};

/** A candidate for the next token. */
export type Answer = {
  token: string;
  /** What `Engine.token` finds this token by, and no other: its text, or `#12`. */
  name: string;
  id: number;
  probability: number;
  /** NaN in a graph from a file. */
  logit: number;
};

/** An answer that a model was trained to give, as its tokens write it. */
export type WholeAnswer = {
  text: string;
  /** How many tokens it is. */
  tokens: number;
  /** The product of its tokens' probabilities, each after those before it. */
  probability: number;
};

/** Some tokens in a row that are one text. */
export type Piece = {
  /** Bytes of an unfinished character are shown as `\xF0`. */
  text: string;
  /** How many tokens it is. */
  tokens: number;
  /** Whether it ends where a character ends. If not, it is no text that one could type. */
  whole: boolean;
};

/** Milliseconds of a trace. */
export type Timing = { forward_ms: number; rows_ms: number; total_ms: number };

/** The part of a graph that is left after pruning: node indices, and three parallel arrays of edges. */
export type Pruned = {
  nodes: Uint32Array<ArrayBuffer>;
  sources: Uint32Array<ArrayBuffer>;
  targets: Uint32Array<ArrayBuffer>;
  weights: Float32Array<ArrayBuffer>;
};

/**
 * The unpruned inputs of a node by |weight|; weights and remainder sum to total, its pre-activation. Errors and tokens
 * have none; of a graph from a file, remainder and total are NaN.
 */
export type Inputs = { nodes: Uint32Array<ArrayBuffer>; weights: Float32Array<ArrayBuffer>; remainder: number; total: number };

/** The unpruned outputs of a node by |weight|. */
export type Outputs = { nodes: Uint32Array<ArrayBuffer>; weights: Float32Array<ArrayBuffer> };

/** A head's score before the softmax, or the difference of two, in parts that sum to it. */
export type HeadScore = {
  score: number;
  /** What all other pairs add. */
  rest: number;
  /** How much the head looks at each token; zero after the query. */
  pattern: Float32Array<ArrayBuffer>;
  /** All scores of the query, as far as it sees. */
  scores: Float32Array<ArrayBuffer>;
  /** Of each pair what stands at the query and at the key: a node, -1 for the position embeddings, -2 for biases. */
  queries: Int32Array<ArrayBuffer>;
  keys: Int32Array<ArrayBuffer>;
  /** 1 where a pair is of the key that is subtracted; its part has its sign. */
  subtracted: Uint8Array<ArrayBuffer>;
  parts: Float32Array<ArrayBuffer>;
};

/** All edges among some nodes, three parallel arrays: by target, each one's strongest first. */
export type Among = { sources: Uint32Array<ArrayBuffer>; targets: Uint32Array<ArrayBuffer>; weights: Float32Array<ArrayBuffer> };

/** A subgraph to start from: its nodes, those of them that are a supernode, and the most influential of each of these. */
export type Suggestion = { nodes: Uint32Array<ArrayBuffer>; groups: Array<Uint32Array<ArrayBuffer>>; leaders: Uint32Array<ArrayBuffer> };

/** A graph told in few items, and what flows between them, the strongest first. */
export type Story = {
  items: Array<StoryItem>;
  /** Places among the items: source and target, and the signed influence that passes. */
  flows: Array<[number, number, number]>;
  /** Replacement and completeness with what stands in no item counted as an error. */
  scores: [number, number];
  /** The same of all that pruning leaves. */
  pruned: [number, number];
  /** Features on show that stand in no item. */
  leftOut: number;
  /** Tokens that stand in no item, and their share of what all tokens add. */
  idle: [number, number];
};

/** One item of a story: tokens (and what is read there), features that do the same, or an answer. */
export type StoryItem = {
  kind: "tokens" | "features" | "answer";
  /** What it has to do with two numbers, such as `sum ones`. */
  part?: string;
  /** From the tokens, 0, up to the answers, 4. */
  row: number;
  words: string;
  nodes: Array<number>;
  leader: number;
  influence: number;
};

/** Nodes that two graphs have in common, in pairs; in a file several of the second may be one of the first. */
export type Aligned = { first: Uint32Array<ArrayBuffer>; second: Uint32Array<ArrayBuffer> };

/**
 * Pinned nodes, their groups and places, and labels: the schema's `qParams`, and the `clerp` of
 * features. Nodes go by their ids; see [`super::node_id`].
 */
export type Arrangement = {
  pinned: Array<string>;
  /** Each a name, then its nodes. */
  supernodes: Array<Array<string>>;
  /** The selected node, or nothing. */
  clicked: string;
  /** Places in the subgraph, as the viewer that wrote them spells them. */
  positions: string;
  /** By feature node: its label. */
  labels: { [key in string]: string };
};

/** What only this project's files say: whose it is, and the page's own JSON. */
export type FileOwn = { model: string; transcoder: string; density: number; page?: string };

/**
 * A graph that was read from a file, less its trace. The thresholds are those that it was pruned with before it was written, 1 if that
 * is not told: pruned by them it is all of the file. Without `own` its answers are its logits.
 */
export type FileFacts = {
  scan: string;
  prompt: string;
  nodeThreshold: number;
  edgeThreshold: number;
  /** Names of biases, by node. */
  biases: Array<[number, string]>;
  own?: FileOwn;
  /** Links that are no part of the graph: of nodes that are not in the file, and second ones between two nodes. */
  linksOfMissingNodes: number;
  repeatedLinks: number;
};

/** Whether a prompt is like the training texts; without `position` where the manifest does not say how to tell. */
export type LikenessTold = {
  unlike: boolean;
  /** Of the token that belongs there least. */
  position?: number;
  /** The word that it is of, where no training text has that token. */
  unseen?: string;
  /** Where all tokens are in training texts: by how much it surprises more than expected, and what is usual at its place, in nats. */
  surprise?: number;
  limit?: number;
  /** A prompt that the model knows and that is near to this one. */
  near?: string;
};

/** A feature's activation over all 100 x 100 operand pairs: row = a, column = b, 255 = max. */
export type OperandPlot = { pixels: Uint8Array<ArrayBuffer>; max: number };

/** A token, and how strongly something acts on it. */
export type Effect = { token: string; id: number; value: number };

/** Another feature, and a weight. */
export type Connection = { layer: number; index: number; weight: number };

/** What the weights alone say of a feature, whatever the prompt. */
export type FeatureFacts = {
  /** Effects on the logits of a unit of activation through the unembedding, mean logit taken away: strongest first. */
  top: Array<Effect>;
  bottom: Array<Effect>;
  /** The same for the numbers 0 to 199, where each is one token of the vocabulary. */
  numbers?: Float32Array<ArrayBuffer>;
  /** Tokens whose embedding its encoder reads most strongly. */
  reads: Array<Effect>;
  /** Strongest virtual weights through the residual stream, from earlier features and to later ones. */
  inputs: Array<Connection>;
  outputs: Array<Connection>;
};

/** One place of a sample text where a feature is active. */
export type SampleExample = {
  /** Index into the contexts, and of the prompt among all. */
  context: number;
  prompt: number;
  /** Token with the largest activation. */
  position: number;
  tokens: Array<string>;
  /** One a token. */
  activations: Float32Array<ArrayBuffer>;
};

/** A feature over the model's sample texts. */
export type SampleFacts = {
  /** Tokens it is active on, and tokens in all (without the first of each prompt). */
  active: number;
  tokens: number;
  max: number;
  /** Counts of activations above zero, in equal steps from 0 to max. */
  histogram: Uint32Array<ArrayBuffer>;
  /** Of every context where it is active, the strongest few. */
  examples: Array<SampleExample>;
  /** A name by what it reads or says, where no operand plot tells. */
  label: string;
  /** Whether the name fits well. */
  fits: boolean;
};

/** See [`Steering`]. */
export type SteerReport = {
  /** The features that were set. */
  set: Array<Moved>;
  /** Tokens among the first answers before or after, by their probability after. */
  answers: Array<Shift>;
  /** The change of every token's logit, largest first. */
  logits: Array<LogitChange>;
  /** The graph's features, in its order. */
  features: Array<Moved>;
  /** Features that fire where they were silent, the strongest first. */
  newly_active: Array<ActiveFeature>;
  /** Names of the graph's targets. */
  targets: Array<string>;
  /**
   * Change of the pre-activation of each of the graph's features and then targets, as the graph
   * predicts it; nothing where a feature that was set is no node of the graph.
   */
  predicted?: Array<number>;
  /** The same as it came. */
  measured: Array<number>;
  /**
   * Of measured on predicted, over the features and targets that were not set and should move;
   * nothing where too few do.
   */
  pearson?: number;
  slope?: number;
};

/** A feature's activation before and after. */
export type Moved = { layer: number; position: number; index: number; before: number; after: number };

/** A token's probability and logit before and after. */
export type Shift = { token: string; id: number; before: number; after: number; logit_before: number; logit_after: number };

/** How a token's logit changed. */
export type LogitChange = { token: string; id: number; change: number };

/** An active feature. */
export type ActiveFeature = {
  layer: number;
  position: number;
  /** Index within its layer. */
  index: number;
  activation: number;
};

/** What a graph's trials show. */
export type Grade = {
  /** The most probable next token, and the second. */
  answer: string;
  runner_up: string;
  /** Everything that is one number, with its name. */
  figures: Array<Figure>;
  /** In plain words, what can be trusted and what cannot. */
  findings: Array<Finding>;
  /** The target that is foretold clearly better than the other. */
  better_target?: BetterTarget;
  trials: Array<Trial>;
  /** The features tried, in the order of the trials' points. */
  features: Array<Tried>;
  /** How many features are active; more than were tried where there are very many. */
  active_features: number;
  travels: Array<Travel>;
  errors: ErrorShares;
  /** What the model says with every MLP replaced by the transcoder, and how probable that is. */
  replaced: Replaced;
  /** The same prompt through the other kind of transcoder, where there is one. */
  second?: SecondOpinion;
};

/** One number. */
export type Figure = {
  /** The kind of figure, for headings. */
  group: string;
  /** Stays the same from prompt to prompt. */
  id: string;
  name: string;
  value: number;
  /** `"%"`, or empty. */
  unit: string;
};

/** One sentence or two, about one thing. */
export type Finding = {
  trust: Trust;
  /** The thing: `exact`, `mlps`, `everything`, `reading`, `target`, `influence`, `errors`, `replaced`, `second`. */
  about: string;
  text: string;
};

/** How far one can rely on something. */
export type Trust = "yes" | "partly" | "no";

/** What had better be explained. */
export type BetterTarget = "difference" | "answer";

/** An experiment that is made with every feature. */
export type Trial = {
  /** As ids of figures begin: `faithful/mlps-free/5`. */
  id: string;
  /** What is free to respond. */
  rung: Rung;
  /** How much is taken away of what the feature writes. */
  share: number;
  /** The answer's logit less the runner-up's. */
  difference: Points;
  /** The answer's logit less the mean logit. */
  answer: Points;
};

/** What was predicted and measured, a point a feature. */
export type Points = {
  /** By the graph with patterns and norms held. */
  predicted: Array<number>;
  /** By the live one. */
  live: Array<number>;
  measured: Array<number>;
};

/** What responds to a nudge. Each rung frees more of the original model. */
export type Rung = "features" | "mlps" | "norms" | "everything";

/** A feature that was tried. */
export type Tried = {
  layer: number;
  position: number;
  index: number;
  activation: number;
  influence: number;
  /** Whether pruning at the default thresholds keeps it. */
  kept: boolean;
  /** Of switching it off with nothing frozen, in nats. */
  divergence: number;
  /** Their ranks among the features tried, from 1 on; equal ones share the mean of theirs. */
  influence_rank: number;
  divergence_rank: number;
};

/**
 * The change of the residual stream, so many MLPs on from where features were switched off, on all
 * tokens, against what the frozen model makes of it.
 */
export type Travel = {
  rung: Rung;
  /** MLPs that could respond. */
  layers_on: number;
  /** Features. */
  count: number;
  /** Of predicted and measured change, mean over features. */
  cosine: number;
  /** Squared error over squared change, both summed over features. */
  error: number;
};

/**
 * Of the influence on the answers that begins anywhere, at tokens or at errors, the shares that
 * begin at error nodes.
 */
export type ErrorShares = {
  /** [layers][tokens] */
  shares: Array<Array<number>>;
  /** All together: what the replacement score leaves. */
  all: number;
};

/** The replaced model's answer. */
export type Replaced = { token: string; probability: number; same: boolean };

/** What the other graph is like. */
export type SecondOpinion = {
  per_layer: boolean;
  features: number;
  replacement: number;
  completeness: number;
  /** Of this graph and of the other: see [`Graph::path_length`]. */
  path_lengths: [number, number];
  /**
   * Correlation over the prompt's tokens: how much each token's embedding adds, along all paths,
   * to the answer's logit less the runner-up's, in this graph and in the other.
   */
  agreement?: number;
  paths: TokenPaths;
};

/** Each token's path to the answer, as this graph tells it and as the other does. */
export type TokenPaths = {
  /** What each token's embedding adds, along all paths, to the answer's logit less the runner-up's: [here and there][tokens]. */
  effects: Array<Array<number>>;
  /**
   * Of the influence that begins at each token, the share that passes through a feature of a layer between the first and
   * the last: [here and there][tokens].
   */
  middle: Array<Array<number>>;
  /**
   * Positions of the tokens about which the two disagree: more than [`NOTEWORTHY`] of the influence begins there, and the
   * effects have opposite signs or the shares differ, either by more than [`TOLERANCE`].
   */
  differ: Array<number>;
  /** Of the influence that begins at tokens, in this graph, the share at those about which they do not. */
  agreement: number;
};
