// Arrows of the subgraph go up, and around the cards in their way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isOn, pathThrough, routeUp } from "../../www/lab/subgraph/routes.js";

const WIDTH = 800;
/** @param {number} x @param {number} y @param {number} [width] */
const card = (x, y, width = 100) => ({ x, y, width, height: 40 });

/** Points of a route's curve, close to each other. @param {{ x: number, y: number }[]} route */
function along(route) {
  return route.slice(1).flatMap((to, i) =>
    Array.from({ length: 200 }, (_, step) => {
      const t = step / 199;
      const ease = t * t * (3 - 2 * t);
      return { x: route[i].x + (to.x - route[i].x) * ease, y: route[i].y + (to.y - route[i].y) * t };
    }),
  );
}

test("with nothing in the way it is straight", () => {
  const from = { x: 400, y: 500 };
  const to = { x: 200, y: 20 };
  assert.deepEqual(routeUp(from, to, [card(700, 250)], WIDTH), [from, to]);
  assert.deepEqual(routeUp(from, to, [], WIDTH), [from, to]);
});

test("a card in the way is passed, on the nearer side", () => {
  const route = routeUp({ x: 400, y: 500 }, { x: 400, y: 20 }, [card(410, 250)], WIDTH);
  assert.ok(route.length > 2);
  assert.ok(route[1].x < 360);
});

test("beside a higher card in its own row it goes up at the nearer side, and not far round", () => {
  const row = [card(143, 280, 255), card(670, 280, 247), card(900, 280, 183)].map((each) => ({ ...each, height: 61 }));
  const route = routeUp({ x: 455, y: 259 }, { x: 829, y: 234 }, row, 1005);
  assert.ok(route.length > 2);
  assert.ok(route[1].x > 455 && route[1].x < 670 - 247 / 2, `up at ${route[1].x}`);
});

test("of many cards none is crossed, and the arrow never turns down", () => {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  let passed = 0;
  for (let run = 0; run < 200; run++) {
    // Rows of cards with gaps between them, as the subgraph has them.
    const cards = [100, 200, 300, 400].flatMap((y) =>
      [150, 400, 650].filter(() => random() < 0.6).map((x) => card(x + 30 * random(), y, 120)),
    );
    const route = routeUp({ x: 60 + 680 * random(), y: 500 }, { x: 60 + 680 * random(), y: 20 }, cards, WIDTH);
    for (let i = 1; i < route.length; i++) assert.ok(route[i].y <= route[i - 1].y, JSON.stringify(route));
    if (along(route).every((point) => !cards.some((each) => isOn(point, each, 0)))) passed += 1;
  }
  assert.ok(passed >= 190, `${passed} of 200 cross no card`);
});

test("a path begins and ends where its route does", () => {
  assert.equal(
    pathThrough([
      { x: 1, y: 90 },
      { x: 5, y: 30 },
    ]),
    "M1 90C1 70 5 50 5 30",
  );
});
