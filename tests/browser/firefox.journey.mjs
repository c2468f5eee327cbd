// The page in Firefox: on the CPU engine, and on the GPU engine with WebGPU switched on by preference (wgpu's WebGPU, on a software
// driver).

import { describe } from "node:test";
import { openFirefox } from "./firefox.mjs";
import { journeys } from "./journeys.mjs";

/** Firefox tells of its own troubles too: with the name of a part of it, or an address in it. @param {string} line */
const isProblem = (line) => /^(console\.error: (?![\w.-]+:)|JavaScript error: (?!resource:|chrome:))/.test(line);

describe("Firefox, CPU engine", () => journeys(() => openFirefox({ webgpu: false }), "cpu", isProblem));
describe("Firefox, GPU engine", () => journeys(() => openFirefox({ webgpu: true }), "gpu", isProblem));
