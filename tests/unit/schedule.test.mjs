// Whose work is next: what is asked for, what is on screen, and nobody twice while another waits.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Schedule } from "../../www/worker/schedule.js";

// The schedule's channel to itself is open as long as its worker is.
after(() => void setTimeout(() => process.exit(), 100));

const ASKED = ["trace", "inspect"];
const BACKGROUND = ["plots", "samples"];

/** A schedule with seats by name, and the order in which their jobs ran. */
function begin(/** @type {string[]} */ ...names) {
  const schedule = new Schedule(ASKED, BACKGROUND);
  /** @type {string[]} */ const ran = [];
  /** @type {unknown[]} */ const errors = [];
  const seats = names.map((name) => {
    const seat = schedule.seat((error) => errors.push(error));
    const put = (/** @type {string} */ kind, again = 0) => {
      seat.put(kind, () => {
        ran.push(`${name} ${kind}`);
        if (again > 0) put(kind, again - 1);
      });
    };
    return { seat, put };
  });
  return { seats, ran, errors };
}

/** Lets so many jobs run, and those that should not. @param {string[]} ran @param {number} count */
async function settled(ran, count) {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  for (let i = 0; ran.length < count && i < 500; i++) await pause();
  await pause();
}

test("what is asked for comes before what goes on by itself, whosever it is", async () => {
  const { seats, ran } = begin("a", "b");
  seats[0].put("samples", 2);
  seats[0].put("plots", 1);
  seats[1].put("inspect");
  seats[1].put("trace");
  await settled(ran, 7);
  // The first begins at once, since nothing else was there.
  assert.deepEqual(ran, ["a samples", "b trace", "b inspect", "a plots", "a plots", "a samples", "a samples"]);
});

test("those with work of one kind take turns", async () => {
  const { seats, ran } = begin("a", "b", "c");
  for (const { put } of seats) put("plots", 2);
  await settled(ran, 9);
  const turns = [0, 3, 6].map((from) => ran.slice(from, from + 3).sort());
  assert.deepEqual(turns, Array(3).fill(["a plots", "b plots", "c plots"]));
});

test("what is suspended is asked after the others, and does nothing by itself until it is seen", async () => {
  const { seats, ran } = begin("hidden", "shown");
  seats[0].seat.suspended = true;
  seats[1].put("plots", 1);
  seats[0].put("plots");
  seats[0].put("trace");
  seats[1].put("inspect");
  await settled(ran, 4);
  assert.deepEqual(ran, ["shown plots", "shown inspect", "hidden trace", "shown plots"]);
  seats[0].seat.suspended = false;
  await settled(ran, 5);
  assert.equal(ran.at(-1), "hidden plots");
});

test("after its end a seat runs its last job alone, and what fails is told to its own", async () => {
  const { seats, ran, errors } = begin("a", "b");
  seats[0].put("plots", 3);
  seats[0].put("trace");
  seats[0].seat.end(() => ran.push("a's last"));
  seats[0].put("trace");
  seats[1].seat.put("trace", () => {
    throw new Error("b's");
  });
  seats[1].put("inspect");
  await settled(ran, 3);
  assert.deepEqual(ran, ["a plots", "a's last", "b inspect"]);
  assert.match(String(errors), /b's/);
});
