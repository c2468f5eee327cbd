// The guide: what its steps say before there is a graph, or where none can be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { STEPS } from "../../www/lab/guide-steps.js";

test("no step has a hole where there is no graph", () => {
  const lab = /** @type {import("../../www/lab/lab.js").Lab} */ (/** @type {unknown} */ ({ view: undefined }));
  for (const { say, title } of STEPS) {
    const { text, node } = say(lab);
    assert.match(text, /^[A-Z]/, title);
    assert.doesNotMatch(text, /, ,| {2}|undefined|NaN/, title);
    assert.equal(node, undefined, title);
  }
});
