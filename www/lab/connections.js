// Connections of a node: what feeds it and what it feeds, by weight, and which attention heads carry that.

/** @import { Lab } from "./lab.js" */
/** @import { Detail } from "./view.js" */
/** @import { Inputs, Outputs } from "./engine-api.js" */

import { Flows, loadWays } from "./flows.js";
import { isFeature, LOGIT } from "./kinds.js";

const ASKED = 40; // edges of each list whose heads are asked for

/** @param {Lab} lab @param {number} node @param {Inputs} inputs @param {Outputs} outputs */
export function connections(lab, node, inputs, outputs) {
  const kind = lab.view?.graph.kind[node];
  const children = [];
  if (isFeature(kind ?? LOGIT) || kind === LOGIT)
    children.push(...new Flows(lab, "Inputs", node, inputs.nodes, inputs.weights, lab.view?.early ? undefined : inputs).elements);
  if (kind !== LOGIT) children.push(...new Flows(lab, "Outputs", node, outputs.nodes, outputs.weights).elements);
  return children;
}

/** Asks which heads carry the strongest edges of a node. @param {Lab} lab @param {Detail} detail */
export function askForHeads(lab, { node, inputs, outputs }) {
  const [from, to] = [inputs.nodes.slice(0, ASKED), outputs.nodes.slice(0, ASKED)];
  const here = (/** @type {number} */ count) => new Array(count).fill(node);
  const ask = () => lab.worker.heads(Uint32Array.of(...from, ...here(to.length)), Uint32Array.of(...here(from.length), ...to));
  void loadWays().then(ask, () => {}); // without it rows are as they were
}
