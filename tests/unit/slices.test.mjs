// Work in slices: all of it is done, in order, and what takes the place of other work ends that.

import assert from "node:assert/strict";
import { test } from "node:test";

/** @type {Map<number, (now: number) => void>} */ const frames = new Map();
let number = 0;
Object.assign(globalThis, {
  requestAnimationFrame: (/** @type {(now: number) => void} */ run) => {
    frames.set(++number, run);
    return number;
  },
  cancelAnimationFrame: (/** @type {number} */ which) => frames.delete(which),
});
const { Slices } = await import("../../www/lab/graph/slices.js");

/** Lets frames come, `ms` apart, until nothing waits for one. @param {number} ms @param {number} [most] */
function run(ms, most = 1000) {
  for (let now = ms; frames.size > 0 && most-- > 0; now += ms) {
    const waiting = [...frames.values()];
    frames.clear();
    for (const each of waiting) each(now);
  }
}

/** A picture of `count` things that notes its slices. @param {number} count */
function picture(count) {
  /** @type {[number, number][]} */ const drawn = [];
  /** @type {boolean[]} */ const told = [];
  const slices = new Slices((busy) => told.push(busy));
  const start = () => slices.start({ from: 0, to: count, draw: (from, end) => drawn.push([from, end]) });
  return { drawn, told, slices, start };
}

test("all is drawn, in order, once", () => {
  const { drawn, told, start } = picture(5000);
  start();
  run(16);
  assert.equal(drawn[0][0], 0);
  assert.equal(drawn.at(-1)?.[1], 5000);
  for (let i = 1; i < drawn.length; i++) assert.equal(drawn[i][0], drawn[i - 1][1]);
  assert.deepEqual(told, [true, false]);
});

test("slices grow where frames are quick, and shrink where they are slow", () => {
  const quick = picture(5000);
  quick.start();
  run(16);
  const slow = picture(5000);
  slow.start();
  run(100);
  const sizes = (/** @type {[number, number][]} */ drawn) => drawn.map(([from, end]) => end - from);
  assert.ok(Math.max(...sizes(quick.drawn)) > 2 * quick.drawn[0][1]);
  assert.ok(Math.max(...sizes(slow.drawn)) === slow.drawn[0][1]);
  assert.ok(slow.drawn.length > quick.drawn.length);
});

test("other work takes the place of what is left; nothing is no work", () => {
  const { drawn, slices, start, told } = picture(5000);
  start();
  run(16, 2);
  slices.start(undefined);
  run(16);
  assert.ok((drawn.at(-1)?.[1] ?? 0) < 5000);
  assert.equal(told.at(-1), false);
});

test("paper waits for nothing", () => {
  const { drawn, slices, start } = picture(5000);
  start();
  slices.finish();
  assert.deepEqual(drawn, [[0, 5000]]);
  assert.equal(frames.size, 0);
});
