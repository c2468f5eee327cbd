// The npm package: packed, installed into an empty folder without a network, and its README's page opened.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openPage, screenshot } from "./harness.mjs";

const ROOT = new URL("../../", import.meta.url);
const TYPES = new Map([
  ["js", "text/javascript"],
  ["css", "text/css"],
  ["json", "application/json"],
  ["wasm", "application/wasm"],
]);

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
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? "", "http://here").pathname).slice(1);
    const bytes = name === "" ? page : await readFile(join(folder, name)).catch(() => undefined);
    const type = name === "" ? "text/html" : (TYPES.get(name.split(".").at(-1) ?? "") ?? "application/octet-stream");
    response.writeHead(bytes === undefined ? 404 : 200, { "Content-Type": type });
    response.end(bytes);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });
  const address = server.address();
  const at = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`;
  const tab = await openPage(t, { at, webgpu: false, allow: [/favicon\.ico/] });
  await tab.locator("atto-graph .node.logit").first().waitFor();
  await screenshot(tab, "element-package");
  await tab.getByRole("button", { name: "Trace it here" }).click();
  await tab.locator("atto-graph .bar", { hasText: "95 traced here in" }).waitFor({ timeout: 60_000 });
});
