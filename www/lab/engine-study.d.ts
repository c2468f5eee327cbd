/** What the wasm module `wasm/engine.js` tells of features set, of a graph's grade, and of a prompt. */
import type { Engine } from "./engine-api.js";

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
  /** By the graph with patterns and norms held. */
  predicted: number[];
  /** By the live one. */
  live: number[];
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
