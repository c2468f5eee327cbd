/** The shapes that the page and its worker both know: models, graphs, and what goes with them. */
import type {
  Aligned,
  Among,
  Answer,
  Arrangement,
  EngineDescription,
  HeadScore,
  Opened,
  OperandPlot,
  Pruned,
  Timing,
  WholeAnswer,
} from "./engine-api.js";

export interface Example {
  topic: string;
  title: string;
  prompt: string;
  ids: number[];
}

/** A cross-layer transcoder, or one transcoder a layer. */
export type Transcoder = "cross-layer" | "per-layer";

/** A measured figure of a model, written by `attograph evaluate`. */
export interface Quality {
  /** The kind of measure, for headings. */
  group: string;
  /** Stays the same from run to run; with the transcoder, no two have the same. */
  measure: string;
  name: string;
  /** In `unit`; shares are in percent. */
  value: number;
  /** How many of what was counted or averaged over. */
  of?: number;
  /** "%", "features", "MB", or "" for correlations and scores. */
  unit: string;
  /** What the project holds it to, in `unit`. */
  target?: { at_least: number } | { at_most: number } | { between: [number, number] };
  /** Missing where only the language model counts. */
  transcoder?: "cross-layer" | "per-layer";
  /** The command that measured it. */
  how: string;
}

export interface ModelFile {
  path: string;
  bytes: number;
  sha256: string;
}

/** models/<name>/manifest.json: what the page reads before anything else. */
export interface Manifest {
  name: string;
  title: string;
  description: string;
  /** What everyone who reads the answers should know; may be empty. */
  notice?: string;
  domain: string;
  licence: string;
  /** Texts about two numbers that the model knows, with placeholders for them; a text of theirs has operand plots. */
  templates: string[];
  /** Every text that the model was trained to answer with, as it stands behind a prompt. */
  answers?: string[];
  /**
   * How much more a token may surprise the model than it expected to be surprised, in nats, in a prompt like the training
   * texts; more after some tokens; and how much all of them on average. Measured on held-out texts by `attograph evaluate`.
   */
  likeness?: { surprise: number; after: { token: number; surprise: number }[]; mean?: number };
  /** Ids of the tokens that no training text has: "3-35,41". */
  unseen?: string;
  examples: Example[];
  quality: Quality[];
  files: ModelFile[];
}

export type EngineChoice = "auto" | "cpu" | "gpu";

export interface Thresholds {
  /** Shares of the influence that nodes and edges on show carry. */
  node: number;
  edge: number;
  /** Largest share of the sample texts' tokens on which a feature on show may be active; 1: any. */
  density: number;
}

/** What the graph explains: the most probable answers, these tokens, or how one token stands above another. */
export type Target = { kind: "answers" } | { kind: "tokens"; tokens: string[] } | { kind: "difference"; token: string; minus: string };

/** A graph read from a file, as that file describes it. */
export interface Recorded {
  /** Name of the file. */
  file: string;
  /** The model that it names. */
  scan: string;
  arrangement: Arrangement;
  /** What is shown first: at the thresholds of the file all of it, or of a large graph as much as can be read. */
  thresholds: Thresholds;
  /** All that the file holds. */
  whole: { nodes: number; edges: number };
  own?: Opened["own"];
  biases: Opened["biases"];
  linksOfMissingNodes: number;
  repeatedLinks: number;
}

/** An answer that the model was trained to give, with the token that begins it; maybe that is all of it. */
export interface BegunAnswer extends WholeAnswer {
  id: number;
  token: string;
}

/** What edges take as given. With both held, a graph says what an answer is made of; else edges are derivatives. */
export type Reading = "patterns,norms" | "patterns" | "norms" | "errors" | "nothing";

/** A plain copy of a trace's nodes, so that the page needs no call to read them. */
export interface Graph {
  tokens: string[];
  answers: Answer[];
  /** The answers that the answers' and targets' tokens begin; missing until they are known, and where the model has none. */
  whole?: BegunAnswer[];
  /** Names of the logit nodes, in their order. */
  targets: string[];
  layers: number;
  hold: Reading;
  kind: Uint8Array;
  layer: Int32Array;
  position: Uint32Array;
  index: Uint32Array;
  activation: Float32Array;
  influence: Float32Array;
  id: string[];
  replacement: number;
  completeness: number;
  scoresOfAll: boolean;
  activeFeatures: number;
  timing: Timing | undefined;
}

/** A text that the model goes on with: a token, or several that are one character. */
export interface Said {
  text: string;
  /** Of each of its tokens. */
  probabilities: number[];
  /** The prompt with all that is said as far as here; missing where no text becomes just these tokens. */
  prompt: string | undefined;
  /** False for a part of a character. */
  whole: boolean;
}

/** A prompt with its graph. */
export interface Traced {
  prompt: string;
  /** Whether position 0 holds a token of the text itself, since the model has none to put in front. */
  bare: boolean;
  graph: Graph;
  pruned: Pruned;
  operands: Operands | undefined;
}

/** An operand plot, and what it shows in few words where a simple rule describes it. */
export type NamedPlot = OperandPlot & { label: string | undefined };

/** All edges among some nodes, also those that pruning leaves out. */
export interface Between extends Among {
  nodes: number[];
}

/** A second graph; `aligned` are its nodes in common with the graph of request `beside`. */
export interface Compared extends Traced {
  aligned: Aligned | undefined;
  beside: number | undefined;
}

/** How edges pass through attention; see `Trace.heads`. */
export interface Carried {
  sources: Uint32Array;
  targets: Uint32Array;
  /**
   * Of a graph with all held [pairs, layers, heads + 1], as `Trace.heads` has it; else [pairs, 3 + layers x heads x 2], as
   * `Trace.shares`.
   */
  values: Float32Array;
}

/** A head at a token that looks, the one looked at, where that is not the one looked at most, and one that it is held against. */
export interface HeadAsked {
  layer: number;
  head: number;
  query: number;
  key?: number;
  minus?: number;
}

/** What was asked of a head, and its answer; without a score there is no such head among the `heads` of each layer. */
export interface Looked {
  asked: HeadAsked;
  /** With this the pattern is `steered`, where something is set. */
  steering: Steering;
  steered: Float32Array | undefined;
  heads: number;
  key: number;
  minus: number | undefined;
  found: HeadScore | undefined;
}

/** Where a prompt's operand plots are kept, and its own place in them. */
export interface Operands {
  key: string;
  a: number;
  b: number;
  aPosition: number;
  bPosition: number;
  /** Steps of the plots taken, and in all. */
  done: number;
  total: number;
}

/** What a feature is called, by `layer_index`: after the sample texts, and after what it follows on the answering token, if that is known. */
export interface FeatureLabel {
  key: string;
  label: string;
  atAnswer?: string | undefined;
}

export interface FeaturePlace {
  layer: number;
  position: number;
  index: number;
}

export interface Runner {
  description: EngineDescription;
  /** Median of the measurement, once there was one. */
  medianMs?: number;
}

/** Features set to values, and what is held as it was; see `Trace.steer`. */
export interface Steering {
  settings: string[];
  mode: string;
}

/** What a failure was about, which decides how long its notice stands. */
export type Subject = "model" | "transcoder" | "tokenizer" | "engine" | "prompt" | "compare" | "file" | "steering" | "grade";
