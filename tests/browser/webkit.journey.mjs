// The page in WebKit, Safari's engine, as WebKitGTK has it: without WebGPU, on the CPU engine.

import { describe } from "node:test";
import { journeys } from "./journeys.mjs";
import { openWebKit } from "./webkit.mjs";

// It prints nothing: what the page itself is told of has to do.
describe("WebKit, CPU engine", () => journeys(openWebKit, "cpu", () => false));
