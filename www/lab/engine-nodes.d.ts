/** Some nodes of a graph taken together, and two graphs beside each other, as the wasm module `wasm/engine.js` offers them. */
import type { Aligned, Among, Story, Suggestion } from "./wire.js";

/** What of a graph can be the same in another; it holds nothing of the engine. */
export interface Outline {
  /** As far as the texts agree: their tokens place by place where they have as many, and else along their longest common subsequence. */
  align(second: Outline): Aligned;
  free(): void;
}

/** What one asks of a graph's nodes. */
export interface OfNodes {
  /** All edges among some nodes, pruned or not. Throws for a node that does not exist. */
  among(nodes: Uint32Array): Among;
  /**
   * A subgraph to start from, of what `prune` leaves: of the nodes that are `chosen`, or where these are fewer than two, of the most
   * influential features, the tokens that feed them and the first answer. `named[i]` is called `labels[i]`: features at one token with
   * labels of one kind are a supernode.
   */
  suggest(
    nodeThreshold: number,
    edgeThreshold: number,
    density: number,
    frequencies: Float32Array | undefined,
    chosen: Uint32Array,
    named: Uint32Array,
    labels: string[],
  ): Suggestion;
  /** What pruning leaves, told in few items: `named[i]` is called `words[i]`, and has `parts[i]` in an addition where that is not empty. */
  story(
    nodeThreshold: number,
    edgeThreshold: number,
    density: number,
    frequencies: Float32Array | undefined,
    named: Uint32Array,
    words: string[],
    parts: string[],
  ): Story;
  outline(): Outline;
}
