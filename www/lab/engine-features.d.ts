/** What the wasm module `wasm/engine.js` tells of features: operand plots, facts of the weights, sample texts. */

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
