// The store: what is derived falls away with what it is of, who comes late sees the state, and who is gone hears nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

/** The window, of which only events are wanted. */
Object.assign(globalThis, { window: new EventTarget() });
const { State } = await import("../../www/lab/state.js");
const { batch, observable, effect } = await import("../../www/lab/store.js");
const { readAddress } = await import("../../www/lab/url.js");
const { Changes } = await import("../../www/lab/store.js");
const { KeptPlots } = await import("../../www/lab/kept-plots.js");
const { observed, observedGraph } = await import("../../www/lab/view.js");

/** @import { View } from "../../www/lab/view.js" */

const root = /** @type {HTMLElement} */ (/** @type {unknown} */ ({ querySelectorAll: () => [] }));

/** A graph of two nodes. @param {Partial<View>} [change] */
function view(change) {
  const graph = { id: ["a", "b"], kind: [], tokens: ["x"] };
  const indexOf = new Map([
    ["a", 0],
    ["b", 1],
  ]);
  return observed(/** @type {View} */ (/** @type {unknown} */ ({ request: 1, prompt: "x", graph, indexOf, pruned: {}, ...change })));
}

/** A lab's state, with nothing around it. */
const stateOf = () => new State(root, readAddress(""));

/** What is told of a graph, of which only that it is there matters. @param {Partial<Record<keyof View, string>>} told */
const some = (told) => /** @type {Partial<View>} */ (/** @type {unknown} */ (told));

test("what is told of a graph is gone with it", () => {
  const lab = stateOf();
  /** @type {unknown[]} */ const seen = [];
  lab.effect(() => void seen.push([lab.view?.graded, lab.view?.steered, lab.view?.likeness]));
  const first = view();
  lab.view = first;
  Object.assign(first, some({ graded: "grade", likeness: "like" }));
  lab.view = view({ request: 2 });
  Object.assign(first, some({ steered: "too late" }));
  assert.deepEqual(seen, [
    [undefined, undefined, undefined],
    [undefined, undefined, undefined],
    ["grade", undefined, undefined],
    ["grade", undefined, "like"],
    [undefined, undefined, undefined],
  ]);
  lab.destroy();
});

test("whole answers that arrive are told, of the graph on show and of a second one", () => {
  const lab = stateOf();
  let told = 0;
  lab.watch(
    () => [lab.view?.graph.whole, lab.other?.graph.whole],
    () => (told += 1),
  );
  lab.view = view();
  assert.equal(told, 1, "no whole answers are as many as before");
  lab.view.graph.whole = [];
  lab.other = observedGraph({ ...view({ request: 3 }), aligned: undefined, beside: undefined });
  assert.equal(told, 2);
  lab.other.graph.whole = [];
  assert.equal(told, 3);
  lab.destroy();
});

test("what is selected and pointed at is found in the graph on show", () => {
  const lab = stateOf();
  lab.view = view();
  lab.select(1);
  lab.hover(0);
  assert.deepEqual([lab.selected, lab.hovered], [1, 0]);
  lab.view = view({ request: 2, indexOf: new Map([["b", 5]]) });
  assert.deepEqual([lab.selected, lab.hovered], [5, undefined], "a selection is of every graph, the pointer of one");
  lab.destroy();
});

test("who looks at a node of the recorded graph looks at it in the live one that takes its place", () => {
  const lab = stateOf();
  const recording = /** @type {View["recording"]} */ (/** @type {unknown} */ ({}));
  lab.view = view({ recording, early: true });
  lab.hover(0);
  lab.view = view({ request: 2, recording, indexOf: new Map([["a", 7]]) });
  assert.equal(lab.hovered, 7);
  lab.destroy();
});

test("who reads late sees the state as it is", () => {
  const lab = stateOf();
  batch(() => {
    lab.model = "addition";
    lab.address.compare = "calc: 1+1=";
  });
  lab.late = 4;
  /** @type {unknown[]} */ const seen = [];
  lab.effect(() => void seen.push([lab.model, lab.address.compare, lab.late]));
  assert.deepEqual(seen, [["addition", "calc: 1+1=", 4]]);
  lab.destroy();
});

test("several changes at once are told once, and what stays as it was is not", () => {
  const lab = stateOf();
  let drawn = 0;
  lab.effect(() => {
    void [lab.address.prompt, lab.address.zoom];
    drawn += 1;
  });
  batch(() => {
    lab.address.prompt = "x";
    lab.address.zoom = 2;
  });
  lab.address.zoom = 2;
  assert.equal(drawn, 2);
  lab.destroy();
});

test("what is watched acts when a value of the list is another, whatever it reads itself", () => {
  const lab = stateOf();
  let acted = 0;
  lab.watch(
    () => [lab.view?.graded, lab.address.grade],
    () => {
      void [lab.address.zoom, lab.view];
      acted += 1;
    },
  );
  lab.address.zoom = 3;
  lab.view = view();
  assert.equal(acted, 1, "neither is another yet");
  Object.assign(lab.view, some({ graded: "grade" }));
  assert.equal(acted, 2);
  lab.destroy();
});

test("the address is one object: it is copied, written and set as ever", () => {
  const lab = stateOf();
  lab.address.steering = { set: { "0/1@2": "x0" }, mode: "free" };
  assert.ok(lab.isSteered);
  const copy = { ...lab.address };
  assert.deepEqual(copy.steering, { set: { "0/1@2": "x0" }, mode: "free" });
  lab.address.steering = { set: {}, mode: "free" };
  assert.deepEqual([lab.isSteered, Object.keys(copy.steering.set).length], [false, 1]);
  assert.deepEqual(Object.keys(lab.address), Object.keys(readAddress("")));
  lab.destroy();
});

test("what is gone draws nothing, and hears nothing", () => {
  const lab = stateOf();
  let drawn = 0;
  let heard = 0;
  lab.effect(() => {
    void lab.view;
    drawn += 1;
  });
  lab.bus.on("notice", () => (heard += 1));
  lab.bus.emit("notice", { about: "", sentence: "", advice: "" });
  lab.destroy();
  lab.view = view();
  lab.bus.emit("notice", { about: "", sentence: "", advice: "" });
  lab.effect(() => void (drawn += 1));
  assert.deepEqual([drawn, heard], [1, 1]);
});

test("plots that arrive are told to who looked for one", () => {
  const plots = new KeptPlots();
  const place = { layer: 0, index: 1, position: 2 };
  /** @type {boolean[]} */ const seen = [];
  const end = effect(() => void seen.push(plots.at("sum", place) !== undefined, plots.isFinished("sum")));
  plots.keep("sum", [{ ...place, pixels: new Uint8Array(1), max: 1, label: undefined }]);
  plots.finish("sum");
  plots.finish("sum");
  plots.clear();
  end();
  plots.finish("other");
  assert.deepEqual(seen.slice(0, 6), [false, false, true, false, true, true]);
  assert.deepEqual(seen.slice(-2), [false, false]);
});

test("a property that became a signal is read and set as before", () => {
  const thing = observable({ count: 1, other: 2 }, ["count"]);
  const changes = new Changes();
  /** @type {number[]} */ const seen = [];
  const end = effect(() => void seen.push(thing.count + thing.other + changes.seen));
  thing.count = 5;
  thing.other = 10;
  changes.notify();
  end();
  thing.count = 6;
  assert.deepEqual(seen, [3, 7, 16]);
});
