// The page and the command line make the same graph of the same prompt.

import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { onTheCommandLine, sameGraph } from "./command-line.mjs";
import { openPage } from "./harness.mjs";
import { answers, save, type } from "./reading.mjs";

const PROMPT = "calc: 17+25=";

for (const engine of ["cpu", "gpu"]) {
  test(`the page's graph is the command line's: ${engine}`, async (t) => {
    const page = await openPage(t, { query: `?engine=${engine}` });
    await answers(page, "95");
    await type(page, PROMPT);
    await answers(page, "42");
    const [download] = await Promise.all([page.waitForEvent("download"), save(page)]);
    sameGraph(JSON.parse(await readFile(await download.path(), "utf8")), onTheCommandLine("trace", PROMPT));
  });
}
