// Whether a live graph is the recorded one, as far as two engines compute alike: the same nodes and edges, and the same answers.

/** @import { Traced } from "../messages.js" */
/** @import { Recording } from "./recording.js" */

/** Of the largest edge: what two engines may differ by, and what an edge may weigh that only one of them keeps. */
const EDGE = { off: 1e-3, alone: 0.02 };
/** Of the cumulative share of influence: a node as near to the threshold may be on show in one graph and not in the other. */
const NODE = 1e-3;
const PROBABILITY = 1e-3;
const SCORE = 1e-3;

/**
 * What is different, in words; nothing where it is the same.
 * @param {Recording} recording
 * @param {Pick<Traced, "graph" | "pruned">} live
 * @param {boolean} pruned whether it is pruned at the recording's thresholds, so that what is on show can be compared
 * @returns {string | undefined}
 */
export function differenceOf(recording, live, pruned) {
  const { graph } = recording;
  const off = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ most) => !(Math.abs(a - b) <= most);
  if (graph.tokens.join("\n") !== live.graph.tokens.join("\n")) return "its tokens are others";
  if (graph.targets.join("\n") !== live.graph.targets.join("\n")) return "other answers are explained";
  // Of answers that are nearly as improbable, the order may be either.
  const chances = new Map(live.graph.answers.map(({ id, probability }) => [id, probability]));
  const likely = graph.answers.filter(({ probability }) => probability > PROBABILITY);
  const other = likely.find(({ id, probability }) => off(chances.get(id) ?? 0, probability, PROBABILITY));
  if (other || graph.answers[0]?.id !== live.graph.answers[0]?.id) return "its answers are others";
  const { replacement, completeness } = live.graph;
  if (off(graph.replacement, replacement, SCORE) || off(graph.completeness, completeness, SCORE)) return "its scores are others";
  return pruned ? differenceOnShow(recording, live) : undefined;
}

/** @param {Recording} recording @param {Pick<Traced, "graph" | "pruned">} live */
function differenceOnShow({ graph, pruned, thresholds }, live) {
  /** Whether each node on show is one by a hair, by id. @param {Pick<Traced, "graph" | "pruned">} of */
  const shownIn = (of) =>
    new Map(Array.from(of.pruned.nodes, (node) => [of.graph.id[node], Math.abs(of.graph.influence[node] - thresholds[0]) <= NODE]));
  const [before, now] = [shownIn({ graph, pruned }), shownIn(live)];
  /** On show in one of the two alone, by a hair: then so are its edges. @type {Set<string>} */ const marginal = new Set();
  for (const [one, other] of [
    [now, before],
    [before, now],
  ])
    for (const [id, hair] of one) {
      if (other.has(id)) continue;
      if (!hair) return `its nodes are others (${id})`;
      marginal.add(id);
    }
  const edges = (/** @type {Pick<Traced, "graph" | "pruned">} */ of) =>
    new Map(
      Array.from(of.pruned.weights.keys()).flatMap((edge) => {
        const ends = [of.pruned.sources[edge], of.pruned.targets[edge]].map((node) => of.graph.id[node]);
        return ends.some((id) => marginal.has(id)) ? [] : [[ends.join(" → "), of.pruned.weights[edge]]];
      }),
    );
  const [old, fresh] = [edges({ graph, pruned }), edges(live)];
  const largest = Math.max(...Array.from(pruned.weights, Math.abs));
  for (const name of new Set([...old.keys(), ...fresh.keys()])) {
    const [a, b] = [old.get(name), fresh.get(name)];
    // The last edges to be kept are as good as those left out: rounding may choose between them.
    const fits = a === undefined || b === undefined ? Math.abs(a ?? b ?? 0) <= EDGE.alone * largest : Math.abs(a - b) <= EDGE.off * largest;
    if (!fits) return `its edges are others (${name}: ${b ?? "none"}, recorded ${a ?? "none"})`;
  }
}
