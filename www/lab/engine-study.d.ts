/** What the wasm module `wasm/engine.js` tells of features set, of a graph's grade, and of a prompt. */
import type { Engine } from "./engine-api.js";
import type { Grade, Trial } from "./wire.js";

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
