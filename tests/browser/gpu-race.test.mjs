// A GPU that fails while it is measured beside the work: the CPU goes on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFallBack } from "./gpu-faults.mjs";
import { openPage } from "./harness.mjs";
import { answers } from "./reading.mjs";
import { withEngine } from "./spoiled-engine.mjs";

const FAULTS = [
  { what: "requestAdapter never answers", script: "navigator.gpu.requestAdapter = () => new Promise(() => {});" },
  { what: "mapAsync never answers", script: "GPUBuffer.prototype.mapAsync = () => new Promise(() => {});" },
  { what: "requestAdapter throws", script: 'navigator.gpu.requestAdapter = () => { throw new TypeError("no"); };' },
  {
    what: "createBuffer throws at its 100th call",
    script:
      "const make = GPUDevice.prototype.createBuffer; let made = 0; GPUDevice.prototype.createBuffer = " +
      'function (...all) { if (++made >= 100) { new BroadcastChannel("failed").postMessage(0); throw new ' +
      'RangeError("createBuffer failed"); } return make.apply(this, all); };',
    fails: true,
  },
];

for (const { what, script, fails } of FAULTS) {
  test(`${what}: the CPU goes on, and the GPU is not tried again`, (t) => checkFallBack(t, script, "auto", { fails }));
}

test("an automatic choice without a GPU says nothing of GPUs", async (t) => {
  const page = await openPage(t, { before: (page) => withEngine(page, "navigator.gpu.requestAdapter = async () => null;") });
  await answers(page, "95");
  await page.waitForTimeout(2000);
  assert.doesNotMatch(await page.locator("[data-part=engines]").innerText(), /GPU/);
  assert.equal(await page.locator("[data-part=notice]").isVisible(), false);
});
