/** What the wasm module `wasm/engine.js` tells of features: operand plots, facts of the weights, sample texts. */
import type { OperandPlot, SampleFacts } from "./wire.js";

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
  /** What it has to do with the two numbers, such as `sum ones`; nothing where it tells hardly any apart. */
  part(layer: number, position: number, index: number): string | undefined;
  free(): void;
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
