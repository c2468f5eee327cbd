/** What the page and its worker say to each other. */
import type {
  Aligned,
  Answer,
  Arrangement,
  FeatureFacts,
  Grade,
  Inputs,
  LikenessTold,
  Outputs,
  Pruned,
  SampleFacts,
  SteerReport,
  Story,
  Suggestion,
  Trial,
} from "./engine-api.js";
import type {
  BegunAnswer,
  Between,
  Carried,
  Compared,
  EngineChoice,
  FeatureLabel,
  FeaturePlace,
  HeadAsked,
  Looked,
  Manifest,
  NamedPlot,
  Reading,
  Recorded,
  Runner,
  Said,
  Steering,
  Subject,
  Target,
  Thresholds,
  Traced,
  Transcoder,
} from "./shapes.js";

export type * from "./shapes.js";

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
      hold: Reading;
      thresholds: Thresholds;
    }
  | { type: "trace"; request: number; prompt: string; target: Target; hold: Reading; thresholds: Thresholds }
  /** Another transcoder, and the prompt traced with it. */
  | {
      type: "transcoder";
      request: number;
      transcoder: Transcoder;
      engine: EngineChoice;
      prompt: string;
      target: Target;
      hold: Reading;
      thresholds: Thresholds;
    }
  | { type: "open"; request: number; bytes: Uint8Array<ArrayBuffer>; file: string }
  | { type: "compare"; request: number; prompt: string; hold: Reading }
  | { type: "stop comparing" }
  | { type: "heads"; request: number; sources: Uint32Array; targets: Uint32Array }
  | { type: "look"; request: number; asked: HeadAsked; steering: Steering; most: number }
  | { type: "between"; request: number; nodes: number[] }
  /** A subgraph to start from; see `Trace.suggest`. */
  | { type: "suggest"; request: number; chosen: number[]; named: number[]; labels: string[] }
  /** Answered once features have names. */
  | { type: "story"; request: number }
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
  /** `aligned`: the nodes in common with the second prompt's graph, where there is one. */
  | ({ type: "graph"; request: number; recorded: Recorded | undefined; aligned: Aligned | undefined } & Traced)
  /** Whether the prompt of a graph is like the training texts. */
  | { type: "likeness"; request: number; likeness: LikenessTold }
  | ({ type: "compared"; request: number } & Compared)
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
  | ({ type: "looked"; request: number } & Looked)
  | ({ type: "between"; request: number } & Between)
  | ({ type: "suggested"; request: number } & Suggestion)
  /** `meanwhile`: another one follows, named after operand plots. */
  | { type: "story"; request: number; story: Story; meanwhile: boolean }
  | { type: "feature"; layer: number; index: number; facts: FeatureFacts; samples: SampleFacts | undefined; contexts: string[] }
  /** Progress of the sample texts; without any, the density of features is not known. */
  | { type: "samples"; done: number; total: number; ready: boolean }
  | { type: "labels"; labels: FeatureLabel[] }
  | { type: "pruned"; request: number; pruned: Pruned }
  | { type: "node"; request: number; node: number; inputs: Inputs; outputs: Outputs }
  | { type: "operands"; key: string; done: number; total: number }
  | { type: "plots"; key: string; plots: (FeaturePlace & NamedPlot)[] }
  | { type: "json"; request: number; json: string }
  | { type: "failed"; about: Subject; request: number; sentence: string; advice: string };
