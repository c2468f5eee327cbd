// Runs the browser tests on the built site: tests/browser/*.test.mjs in Chromium (`cargo xtask test browser`), or, with
// --journeys, *.journey.mjs in Firefox and WebKit (`cargo xtask test browsers`). Names of files choose some of them.

import { readdir } from "node:fs/promises";
import { withSite } from "./site.mjs";

const folder = new URL(".", import.meta.url).pathname;
const journeys = process.argv.includes("--journeys");
const named = process.argv.slice(2).filter((argument) => argument !== "--journeys");
const all = (await readdir(folder)).filter((name) => name.endsWith(journeys ? ".journey.mjs" : ".test.mjs"));
const wanted = all.filter((name) => !named.length || named.includes(name)).sort();
if (!wanted.length) throw new Error(`no test is called ${named.join(" ")}; there are: ${all.join(" ")}`);

// One file at a time: several software GPUs on a few cores would make each other's tests late. The journeys have one such GPU
// and limits of their own.
const [files, limit] = journeys ? [2, 900_000] : [1, 300_000];
const options = ["--test", `--test-concurrency=${files}`, "--test-reporter=spec", `--test-timeout=${limit}`];
process.exitCode = await withSite([...options, ...wanted.map((name) => folder + name)]);
