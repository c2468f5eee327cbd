/** What the page and its worker say to each other, and the shapes both sides know. */
import type {
  Answer,
  Arrangement,
  EngineDescription,
  FeatureFacts,
  Grade,
  Inputs,
  LikenessTold,
  Opened,
  OperandPlot,
  Outputs,
  Pruned,
  SampleFacts,
  SteerReport,
  Timing,
  Trial,
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
  target?: { at_least: number } | { at_most: number };
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
   * texts; more after some tokens. Measured on held-out texts by `attograph evaluate`.
   */
  likeness?: { surprise: number; after: { token: number; surprise: number }[] };
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
  own: Opened["own"];
  biases: Opened["biases"];
  linksOfMissingNodes: number;
  repeatedLinks: number;
}

/** An answer that the model was trained to give, with the token that begins it; maybe that is all of it. */
export interface BegunAnswer extends WholeAnswer {
  id: number;
  token: string;
}

/** A plain copy of a trace's nodes, so that the page needs no call to read them. */
export interface Graph {
  tokens: string[];
  answers: Answer[];
  /** The answers that the answers' and targets' tokens begin; missing until they are known, and where the model has none. */
  whole?: BegunAnswer[];
  /** Names of the logit nodes, in their order. */
  targets: string[];
  layers: number;
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
export interface Between {
  nodes: number[];
  sources: Uint32Array;
  targets: Uint32Array;
  weights: Float32Array;
}

/** How edges pass through attention; see `Trace.heads`. */
export interface Carried {
  sources: Uint32Array;
  targets: Uint32Array;
  /** [pairs, layers, heads + 1] */
  values: Float32Array;
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

/** What a session is asked. */
export type ToWorker =
  | {
      type: "start";
      request: number;
      model: string;
      transcoder: Transcoder;
      engine: EngineChoice;
      prompt: string | undefined;
      target: Target;
      thresholds: Thresholds;
    }
  | { type: "trace"; request: number; prompt: string; target: Target; thresholds: Thresholds }
  /** Another transcoder, and the prompt traced with it. */
  | {
      type: "transcoder";
      request: number;
      transcoder: Transcoder;
      engine: EngineChoice;
      prompt: string;
      target: Target;
      thresholds: Thresholds;
    }
  | { type: "open"; request: number; bytes: Uint8Array<ArrayBuffer>; file: string }
  | { type: "compare"; request: number; prompt: string }
  | { type: "heads"; request: number; sources: Uint32Array; targets: Uint32Array }
  | { type: "between"; request: number; nodes: number[] }
  | { type: "feature"; layer: number; index: number }
  | { type: "labels"; wanted: { layer: number; index: number }[] }
  | { type: "prune"; thresholds: Thresholds }
  /** Without settings: no longer steered. */
  | { type: "steer"; request: number; steering: Steering }
  | { type: "grade"; request: number }
  | { type: "stop grading" }
  | { type: "rungs"; request: number; node: number; share: number }
  | { type: "inspect"; request: number; node: number }
  | { type: "plots"; key: string; wanted: FeaturePlace[] }
  /** `kept`: JSON that the file of a traced graph keeps for the page. */
  | { type: "json"; request: number; thresholds: Thresholds; arrangement: Arrangement; kept: string };

/**
 * What the page sends: every message names its session. A session is opened before anything is asked of it; while it is suspended,
 * nothing goes on in it that nobody waits for. A `beat`, of session 0, is to be answered at once: whether the worker is alive.
 */
export type Sent = { session: number } & (ToWorker | { type: "open session" | "close session" | "suspend" | "resume" | "beat" });

/** What the page hears. */
export type Heard = { session: number } & (FromWorker | { type: "beat" });

/** What a session answers and tells. */
export type FromWorker =
  | { type: "manifest"; manifest: Manifest; name: string; models: string[]; transcoder: Transcoder }
  /** Bytes of all files together; whether all came from the browser's store, and whether that store works. */
  | { type: "download"; loaded: number; total: number; cached: boolean; kept: boolean }
  | { type: "engine"; active: "cpu" | "gpu"; runners: Runner[]; note: string; gpuFailed: boolean }
  /** The transcoder in use from now on; not `taken`: the one asked for did not come. */
  | { type: "transcoder"; request: number; transcoder: Transcoder; taken: boolean }
  | ({ type: "graph"; request: number; recorded: Recorded | undefined } & Traced)
  /** Whether the prompt of a graph is like the training texts. */
  | { type: "likeness"; request: number; likeness: LikenessTold }
  | ({ type: "compared"; request: number } & Traced)
  /** The answers that tokens of the graph on show, or of the second prompt's, begin. */
  | { type: "answers" | "otherAnswers"; request: number; whole: BegunAnswer[] }
  /** The same with and without features set. */
  | { type: "steeredAnswers"; request: number; steering: Steering; before: BegunAnswer[]; after: BegunAnswer[] }
  /** What the model goes on to say, as far as it has got. */
  | { type: "continuation"; request: number; tokens: Answer[]; said: Said[]; done: boolean }
  | { type: "steered"; request: number; steering: Steering; report: SteerReport }
  /** What the model goes on to say with features set, as far as it has got. */
  | { type: "steeredText"; request: number; steering: Steering; tokens: Answer[]; done: boolean }
  | { type: "grading"; request: number; done: number; total: number; downloading: boolean }
  | { type: "graded"; request: number; grade: Grade; seconds: number }
  | { type: "rungs"; request: number; node: number; trials: Trial[] }
  | ({ type: "heads"; request: number } & Carried)
  | ({ type: "between"; request: number } & Between)
  | { type: "feature"; layer: number; index: number; facts: FeatureFacts; samples: SampleFacts | undefined; contexts: string[] }
  /** Progress of the sample texts; without any, the density of features is not known. */
  | { type: "samples"; done: number; total: number; ready: boolean }
  /** By `layer_index`. */
  | { type: "labels"; labels: [string, string][] }
  | { type: "pruned"; request: number; pruned: Pruned }
  | { type: "node"; request: number; node: number; inputs: Inputs; outputs: Outputs }
  | { type: "operands"; key: string; done: number; total: number }
  | { type: "plots"; key: string; plots: (FeaturePlace & NamedPlot)[] }
  | { type: "json"; request: number; json: string }
  | { type: "failed"; about: Subject; request: number; sentence: string; advice: string };
