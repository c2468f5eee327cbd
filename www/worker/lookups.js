// What can be read off what is there: a node's edges, heads, a feature's facts, plots, the graph as a file.

/** @import { Trace } from "../lab/engine-api.js" */
/** @import { Looked, ToWorker } from "../lab/messages.js" */
/** @import { Session } from "./session.js" */

import { storyOf } from "./story.js";

/** @typedef {Extract<ToWorker, { type: "inspect" | "json" | "heads" | "look" | "between" | "suggest" | "story" | "feature" | "labels" | "plots" }>} Lookup */

/**
 * Answers, unless another graph is on show by now.
 * @param {Session} session
 * @param {Lookup} asked
 */
export async function answer(session, asked) {
  const { current } = session;
  if ("request" in asked && current?.request !== asked.request) return;
  if (asked.type === "feature" || asked.type === "labels" || asked.type === "plots") return ofFeatures(session, asked);
  if (!current) return;
  const { trace, request } = current;
  switch (asked.type) {
    case "inspect": {
      const { node } = asked;
      return session.post({ type: "node", request, node, inputs: trace.inputs(node), outputs: trace.outputs(node) });
    }
    case "between":
      return session.post({ type: "between", request, nodes: asked.nodes, ...trace.among(Uint32Array.from(asked.nodes)) });
    case "suggest": {
      const { node, edge, density } = session.thresholds;
      const [chosen, named] = [asked.chosen, asked.named].map((nodes) => Uint32Array.from(nodes));
      const found = trace.suggest(node, edge, density, session.frequencies, chosen, named, asked.labels);
      return session.post({ type: "suggested", request, ...found });
    }
    case "story": {
      const told = current.ids && storyOf(session, current);
      return told && session.post({ type: "story", request, ...told });
    }
    case "heads": {
      if (!current.ids) return;
      const { sources, targets } = asked;
      const held = trace.hold === "patterns,norms";
      const values = held ? await trace.heads(sources, targets) : Float32Array.from(await trace.shares(sources, targets));
      return session.post({ type: "heads", request, sources, targets, values });
    }
    case "look":
      if (current.ids) session.post({ type: "looked", request, ...(await looked(trace, session.engine.describe().heads, asked)) });
      return;
    case "json": {
      const { node, edge, density } = asked.thresholds;
      const name = session.model.manifest.name;
      const json = trace.json(name, current.prompt, node, edge, density, session.frequencies, asked.arrangement, asked.kept);
      return session.post({ type: "json", request, json });
    }
  }
}

/**
 * Why a head looks where it looks; where no key is named, at what it looks at most.
 * @param {Trace} trace @param {number} heads @param {Extract<ToWorker, { type: "look" }>} question
 * @returns {Promise<Looked>}
 */
async function looked(trace, heads, { asked, steering, most }) {
  const { layer, head, query } = asked;
  if (layer >= trace.layers || head >= heads)
    return { asked, steering, steered: undefined, heads, key: 0, minus: undefined, found: undefined };
  const look = (/** @type {number} */ key, /** @type {number | undefined} */ minus, /** @type {number} */ count) =>
    trace.look(layer, head, query, key, minus, count);
  let { key } = asked;
  if (key === undefined) {
    const { pattern } = await look(query, undefined, 0);
    key = pattern.indexOf(Math.max(...pattern));
  }
  const minus = asked.minus === key ? undefined : asked.minus;
  const { settings, mode } = steering;
  // What cannot be set is told by the panel where it was set.
  const moved = async () => trace.steered_pattern(layer, head, query, settings, mode).catch(() => undefined);
  const steered = settings.length > 0 ? await moved() : undefined;
  return { asked, steering, steered, heads, key, minus, found: await look(key, minus, most) };
}

/** What does not depend on the graph on show. @param {Session} session @param {Extract<Lookup, { type: "feature" | "labels" | "plots" }>} asked */
function ofFeatures(session, asked) {
  const { loaded } = session.supply;
  if (!loaded) return;
  const { samples, shelf, engines } = loaded;
  switch (asked.type) {
    case "feature": {
      const { layer, index } = asked;
      const facts = engines.cpu.feature(layer, index);
      return session.post({ type: "feature", layer, index, facts, samples: samples.feature(layer, index), contexts: samples.contexts });
    }
    case "labels": {
      if (!samples.finished) return;
      const labels = asked.wanted.map(({ layer, index }) => ({
        key: `${layer}_${index}`,
        label: samples.feature(layer, index)?.label ?? "",
        atAnswer: samples.followed(layer, index),
      }));
      return session.post({ type: "labels", labels });
    }
    case "plots": {
      const plots = shelf.draw(asked.key, asked.wanted);
      return (
        plots &&
        session.post(
          { type: "plots", key: asked.key, plots },
          plots.map((plot) => plot.pixels.buffer),
        )
      );
    }
  }
}
