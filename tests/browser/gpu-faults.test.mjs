// A GPU that throws, refuses or is lost: told in words, the CPU takes over, and it is not tried again.

import { test } from "node:test";
import { checkFallBack } from "./gpu-faults.mjs";

const FAULTS = [
  { what: "requestAdapter throws", script: 'navigator.gpu.requestAdapter = () => { throw new TypeError("no"); };', says: /on the CPU/ },
  {
    what: "requestAdapter is refused",
    script: 'navigator.gpu.requestAdapter = () => Promise.reject(new DOMException("no", "OperationError"));',
    says: /on the CPU/,
  },
  {
    what: "there is no adapter",
    script: "navigator.gpu.requestAdapter = async () => null;",
    says: /no usable GPU here: the browser's WebGPU offers this page none[^]*on the CPU/,
  },
  {
    what: "requestDevice is refused",
    script: 'GPUAdapter.prototype.requestDevice = () => Promise.reject(new DOMException("limit undefined", "OperationError"));',
    says: /did not open the one that it has[^]*on the CPU/,
  },
  {
    what: "createShaderModule throws",
    script: 'GPUDevice.prototype.createShaderModule = () => { throw new TypeError("no"); };',
    says: /on the CPU/,
  },
  {
    what: "createBuffer throws at its 40th call",
    script:
      "const make = GPUDevice.prototype.createBuffer; let made = 0; GPUDevice.prototype.createBuffer = " +
      'function (...all) { if (++made >= 40) throw new RangeError("createBuffer failed"); return ' +
      "make.apply(this, all); };",
    says: /on the CPU/,
  },
  {
    what: "an operation is invalid",
    script:
      "const dispatch = GPUComputePassEncoder.prototype.dispatchWorkgroups; " +
      "GPUComputePassEncoder.prototype.dispatchWorkgroups = function () { return dispatch.call(this, " +
      "0xffffffff, 1, 1); };",
    says: /GPU failed: it refused an operation[^]*on the CPU/,
  },
];

for (const { what, script, says } of FAULTS) {
  test(`${what}: the CPU takes over, and the GPU is not tried again`, (t) => checkFallBack(t, script, "gpu", { says }));
}
