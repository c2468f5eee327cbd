// What comes of choosing something that was found: one goes there. A node that is not drawn is, where that leaves a graph that can be read.

/** @import { Lab } from "../lab.js" */
/** @import { Entry } from "./entries.js" */
/** @import { Means } from "./silent.js" */

import { html } from "../dom.js";
import { counted } from "../format.js";
import { shareText, thresholdFor } from "./entries.js";
import { mountSilent } from "./silent.js";

const MOST_DRAWN = 1000; // nodes, beyond which a graph is not read any more

/** @param {Lab} lab @param {Means} means @returns {(entry: Entry) => void} */
export function mountChoosing(lab, means) {
  const silent = mountSilent(lab, means);
  const sentence = html("span");
  const undo = html("button", { type: "button", class: "quiet" }, "Undo");
  const draw = html("button", { type: "button", class: "quiet" }, "Draw it all the same");
  const close = html("button", { type: "button", class: "quiet" }, "Close");
  const line = html("div", { class: "said-line", "data-part": "search-said", role: "status", hidden: true }, sentence, undo, draw, close);
  lab.part("whole").after(line);

  /** A node that is to be drawn, and the thresholds before. */
  /** @type {{ id: string, before: Lab["address"]["thresholds"], tries: number } | undefined} */ let awaited;

  /** @param {string} text @param {HTMLElement[]} buttons */
  function say(text, ...buttons) {
    sentence.textContent = text;
    for (const each of [undo, draw]) each.hidden = !buttons.includes(each);
    line.hidden = text === "";
  }

  /** Puts the graph in sight. */
  function showGraph() {
    const { address } = lab;
    if (address.compare !== undefined) lab.compare(undefined);
    if (address.grade) lab.showGrade(false);
    address.head = undefined;
    address.large = false;
    silent.close();
  }

  /** @param {number} node */
  function goTo(node) {
    const { view } = lab;
    if (!view) return;
    showGraph();
    say("");
    awaited = undefined;
    lab.select(node);
    if (view.pruned.nodes.includes(node)) return lab.bus.emit("visit", node);
    if (view.early) return;
    const count = nodesAt(thresholdFor(lab, node));
    if (count <= MOST_DRAWN) return reveal(node);
    say(`The sliders hide this node: with it ${counted(count, "node")} would be drawn.`, draw);
  }

  /** How many nodes a threshold leaves at most. @param {number} threshold */
  function nodesAt(threshold) {
    return lab.view?.graph.influence.reduce((count, influence) => count + Number(!(influence > threshold)), 0) ?? 0;
  }

  /** @param {number} node */
  function reveal(node) {
    const { view, address } = lab;
    if (!view) return;
    const { thresholds } = address;
    const wanted = { node: Math.max(thresholds.node, thresholdFor(lab, node)) };
    awaited = { id: view.graph.id[node], before: thresholds, tries: 0 };
    // What these leave out although its influence is enough has its edges too weak, or fires too often.
    if (wanted.node > thresholds.node) lab.prune(wanted);
    else more();
  }

  function more() {
    if (!awaited) return;
    awaited.tries += 1;
    lab.prune({ edge: 1, density: 1 });
  }

  lab.watch(
    () => lab.view?.pruned,
    () => {
      const { view } = lab;
      const node = awaited && view?.indexOf.get(awaited.id);
      if (!awaited || !view || node === undefined || lab.selected !== node) return void (awaited = undefined);
      const drawn = view.pruned.nodes.includes(node);
      if (!drawn && awaited.tries === 0) return more();
      const { before } = awaited;
      awaited = undefined;
      if (drawn) say(`The sliders hid this node. ${changes(before)}`, undo);
      else {
        lab.prune(before);
        say("No thresholds draw this node, since nothing leads through it. Selected it is all the same, with its connections.");
      }
      if (drawn) lab.bus.emit("visit", node);
    },
  );

  /** What was done to the sliders. @param {Lab["address"]["thresholds"]} before */
  function changes(before) {
    const { thresholds } = lab.address;
    const done = [
      thresholds.node > before.node ? `Nodes from ${shareText(before.node)} to ${shareText(thresholds.node)}` : "",
      thresholds.edge > before.edge ? `Edges from ${shareText(before.edge)} to ${shareText(thresholds.edge)}` : "",
      thresholds.density > before.density ? "Density to any" : "",
    ].filter((each) => each !== "");
    return `Now it is drawn, with ${done.join(", ")}: ${counted(lab.view?.pruned.nodes.length ?? 0, "node")}.`;
  }

  undo.addEventListener("click", () => {
    say("");
    lab.steps.undo();
  });
  draw.addEventListener("click", () => lab.selected !== undefined && reveal(lab.selected));
  close.addEventListener("click", () => say(""));
  // It is said of the node that is selected.
  lab.watch(
    () => [lab.view, lab.address.selected],
    () => say(""),
  );

  return ({ node, head, feature }) => {
    if (node !== undefined) return goTo(node);
    if (head !== undefined) {
      if (lab.address.compare !== undefined) lab.compare(undefined);
      lab.showGrade(false);
      silent.close();
      lab.address.head = `${head}@${(lab.view?.graph.tokens.length ?? 1) - 1}`;
      lab.part("attention").scrollIntoView?.({ block: "nearest" });
    } else if (feature) {
      if (lab.address.compare !== undefined) lab.compare(undefined);
      lab.showGrade(false);
      lab.select(undefined);
      silent.show(feature);
    }
  };
}
