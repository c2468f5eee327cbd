// The npm package: packed, installed into an empty folder without a network, and its README's page opened.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openPage, screenshot } from "./harness.mjs";
import { serve } from "./served.mjs";

const ROOT = new URL("../../", import.meta.url);

test("the page of its README shows a graph, and traces it when asked", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "attograph-package-"));
  t.after(() => rm(folder, { recursive: true }));
  execFileSync(process.env.ATTOGRAPH_XTASK ?? "", ["pack", "--no-build"]);
  const from = new URL("target/npm/attograph/", ROOT).pathname;
  const [{ filename, files }] = JSON.parse(String(execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: from })));
  for (const { path } of files) assert.doesNotMatch(path, /index\.html|^lab\//, "nothing of the page itself");
  await writeFile(join(folder, "package.json"), "{}"); // or npm looks for a project in the folders above
  execFileSync("npm", ["install", "--prefix", folder, "--offline", "--ignore-scripts", "--no-audit", "--no-fund", join(folder, filename)], {
    cwd: folder,
  });

  const readme = await readFile(join(folder, "node_modules/attograph/README.md"), "utf8");
  const page = /```html\n(.*?)```/s.exec(readme)?.[1] ?? "";
  assert.ok(page.trim().split("\n").length <= 10, "in ten lines");
  const at = await serve(t, async (name) => (name === "index.html" ? page : readFile(join(folder, name))));
  const tab = await openPage(t, { at, webgpu: false, allow: [/favicon\.ico/] });
  await tab.locator("atto-graph .node.logit").first().waitFor();
  await screenshot(tab, "element-package");
  await tab.getByRole("button", { name: "Trace it here" }).click();
  await tab.locator("atto-graph .bar", { hasText: "95 traced here in" }).waitFor({ timeout: 60_000 });
});
