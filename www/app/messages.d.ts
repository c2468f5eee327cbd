/** What the page and its worker say to each other, and the shapes both sides know. */
import type { Answer, EngineDescription, Inputs, OperandPlot, Outputs, Pruned, Timing } from "./engine-api.js";

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
  examples: Example[];
  quality: Quality[];
  files: ModelFile[];
}

export type EngineChoice = "auto" | "cpu" | "gpu";

export interface Thresholds {
  node: number;
  edge: number;
}

/** A plain copy of a trace's nodes, so that the page needs no call to read them. */
export interface Graph {
  tokens: string[];
  answers: Answer[];
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
  activeFeatures: number;
  timing: Timing;
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

/** What a failure was about, which decides how long its notice stands. */
export type Subject = "model" | "tokenizer" | "engine" | "prompt";

export type ToWorker =
  | { type: "start"; request: number; model: string; transcoder: Transcoder; engine: EngineChoice; prompt: string | undefined; thresholds: Thresholds }
  | { type: "trace"; request: number; prompt: string; thresholds: Thresholds }
  | { type: "prune"; thresholds: Thresholds }
  | { type: "inspect"; request: number; node: number }
  | { type: "plots"; key: string; wanted: FeaturePlace[] }
  | { type: "json"; request: number; thresholds: Thresholds };

export type FromWorker =
  | { type: "manifest"; manifest: Manifest; name: string; models: string[]; transcoder: Transcoder }
  | { type: "download"; loaded: number; total: number; cached: boolean }
  | { type: "engine"; active: "cpu" | "gpu"; runners: Runner[]; note: string }
  | { type: "graph"; request: number; prompt: string; graph: Graph; pruned: Pruned; operands: Operands | undefined }
  | { type: "pruned"; request: number; pruned: Pruned }
  | { type: "node"; request: number; node: number; inputs: Inputs; outputs: Outputs }
  | { type: "operands"; key: string; done: number; total: number }
  | { type: "plots"; key: string; plots: (FeaturePlace & OperandPlot)[] }
  | { type: "json"; request: number; json: string }
  | { type: "failed"; about: Subject; request: number; sentence: string; advice: string };
