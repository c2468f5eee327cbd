// Runs the browser tests on the built site: tests/browser/*.test.mjs in Chromium (`cargo xtask test browser`), or, with
// --journeys, *.journey.mjs in Firefox and WebKit (`cargo xtask test browsers`). Names of files choose some of them.
//
// A browser on a shared machine is now and then late by seconds. A file with a test that failed is run once more when all else is
// done; what fails again is a failure, and what does not is named at the end, for somebody to look at.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
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
/** So many files with failures are bad luck; more are a fault. */
const UNLUCKY = 3;

/** Runs test files; its exit code, and the files with tests that failed. @param {string[]} names @param {number} atOnce */
async function run(names, atOnce) {
  const scratch = await mkdtemp(join(tmpdir(), "attograph-tests-"));
  const list = join(scratch, "failed");
  const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout"];
  reporters.push(`--test-reporter=${folder}failed-files.mjs`, `--test-reporter-destination=${list}`);
  const options = ["--test", `--test-concurrency=${atOnce}`, ...reporters, `--test-timeout=${limit}`];
  const code = await withSite([...options, ...names.map((name) => folder + name)]);
  const lines = (await readFile(list, "utf8").catch(() => "")).split("\n");
  await rm(scratch, { recursive: true });
  const failed = new Set(lines.map((line) => basename(line)));
  return { code, failed: names.filter((name) => failed.has(name)) };
}

const first = await run(wanted, files);
process.exitCode = first.code;
if (first.code !== 0 && first.failed.length > 0 && first.failed.length <= UNLUCKY) {
  console.log(`\nTests failed in ${first.failed.join(", ")}: once more, one file at a time.`);
  const second = await run(first.failed, 1);
  process.exitCode = second.code;
  if (second.code === 0) console.log(`\nNOT STEADY: ${first.failed.join(", ")} failed at first and passed when run alone.`);
}
