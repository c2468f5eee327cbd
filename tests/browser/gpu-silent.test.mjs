// A GPU that never answers: told after seconds, the CPU takes over, and it is not tried again.

import { test } from "node:test";
import { checkFallBack } from "./gpu-faults.mjs";

const FAULTS = [
  {
    what: "requestAdapter never answers",
    script: "navigator.gpu.requestAdapter = () => new Promise(() => {});",
    says: /GPU does not answer[^]*on the CPU/,
  },
  {
    what: "requestDevice never answers",
    script: "GPUAdapter.prototype.requestDevice = () => new Promise(() => {});",
    says: /GPU does not answer[^]*on the CPU/,
  },
  {
    what: "mapAsync never answers",
    script: "GPUBuffer.prototype.mapAsync = () => new Promise(() => {});",
    says: /GPU failed: it did not answer for \d+ s[^]*on the CPU/,
  },
  {
    what: "popErrorScope never answers",
    script: "GPUDevice.prototype.popErrorScope = () => new Promise(() => {});",
    says: /GPU failed: it did not answer for \d+ s[^]*on the CPU/,
  },
];

for (const { what, script, says } of FAULTS) {
  test(`${what}: the CPU takes over, and the GPU is not tried again`, (t) => checkFallBack(t, script, "gpu", { says }));
}
