/** The elements that this package defines, and what they tell. */

/** `load`: a graph is on show. */
export interface LoadDetail {
  /** Whether it was recorded, and not traced here. */
  recorded: boolean;
  prompt: string;
}
/** `progress`: bytes of the model. */
export interface ProgressDetail {
  loaded: number;
  total: number;
}
/** `trace`: a prompt was traced here. */
export interface TraceDetail {
  prompt: string;
  answer?: string;
  probability?: number;
  milliseconds?: number;
}
/** `node-select`: a node was selected, or none is. */
export interface NodeSelectDetail {
  id?: string;
  name?: string;
}
/** `error`: something to tell in words; the element shows it too. */
export interface ErrorDetail {
  sentence: string;
  advice: string;
}

export interface AttoEventMap {
  load: CustomEvent<LoadDetail>;
  progress: CustomEvent<ProgressDetail>;
  trace: CustomEvent<TraceDetail>;
  "node-select": CustomEvent<NodeSelectDetail>;
  error: CustomEvent<ErrorDetail>;
  break: CustomEvent<{ held: boolean }>;
}

export interface AttoElement extends HTMLElement {
  lab?: string;
  src?: string;
  model?: string;
  base?: string;
  prompt?: string;
  state?: string;
  view?: "graph";
  hold?: "patterns,norms" | "patterns" | "norms" | "errors" | "nothing";
  theme?: "light" | "dark" | "auto";
  interactive?: "true" | "false";
  loading?: "click" | "visible" | "eager";
  /** What a reader set, as a text with a version. */
  getState(): string;
  /** Throws a RangeError with a sentence where it is none, or of another graph than the recorded one. */
  setState(state: string): void;
  addEventListener<K extends keyof AttoEventMap>(type: K, listener: (event: AttoEventMap[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}
export interface AttoPlot extends AttoElement {
  feature?: string;
  shows?: "operands" | "outputs";
}
export interface AttoSteer extends AttoElement {
  features?: string;
  control?: "switch" | "slider";
}

/** Of `elements/stories.js`. */
export interface AttoBreak extends AttoElement {
  /** Cards of the story, by what they have to do with two numbers, apart by `;`. */
  parts?: string;
  /** What a card says, in place of parts. */
  words?: string;
  /** What features are set to, `x0` if not given. */
  value?: string;
  /** Features by name, in place of cards. */
  steer?: string;
  readonly held: boolean;
}
export interface AttoBoard extends AttoElement {
  template?: string;
}

/** Of `elements/atto.js`. */
export declare const ELEMENTS: Record<"atto-graph" | "atto-plot" | "atto-answers" | "atto-steer" | "atto-prompt", CustomElementConstructor>;

interface AttoTags {
  "atto-graph": AttoElement;
  "atto-plot": AttoPlot;
  "atto-answers": AttoElement;
  "atto-steer": AttoSteer;
  "atto-prompt": AttoElement;
  "atto-story": AttoElement;
  "atto-break": AttoBreak;
  "atto-outcome": AttoElement;
  "atto-verdict": AttoElement;
  "atto-board": AttoBoard;
}

declare global {
  interface HTMLElementTagNameMap extends AttoTags {}
}
