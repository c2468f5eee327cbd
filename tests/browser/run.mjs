// Runs the browser tests, tests/browser/*.test.mjs, on the built site: `cargo xtask test browser`.
// Arguments are names of test files; without any, all are run.

import { readdir } from "node:fs/promises";
import { withSite } from "./site.mjs";

const folder = new URL(".", import.meta.url).pathname;
const named = process.argv.slice(2);
const files = (await readdir(folder)).filter((name) => name.endsWith(".test.mjs"));
const wanted = files.filter((name) => !named.length || named.includes(name)).sort();
if (!wanted.length) throw new Error(`no test is called ${named.join(" ")}; there are: ${files.join(" ")}`);

// One file at a time: several software GPUs on a few cores would make each other's tests late.
const options = ["--test", "--test-concurrency=1", "--test-reporter=spec", "--test-timeout=120000"];
process.exitCode = await withSite([...options, ...wanted.map((name) => folder + name)]);
