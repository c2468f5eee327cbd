// Which engine runs: measured, or as asked; and it makes no difference to the graph.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, nodes, notice, type } from "./reading.mjs";

test("the measurement decides between the engines, and is shown", async (t) => {
  const page = await openPage(t);
  await page.waitForFunction(
    () =>
      document.querySelectorAll("[data-part=engines] span").length === 2 &&
      /\d ms[^]*\d ms/.test(document.querySelector("[data-part=engines]")?.textContent ?? ""),
    null,
    { timeout: 90_000 },
  );
  const times = await page.locator("[data-part=engines] span").evaluateAll((all) =>
    all.map((each) => ({
      active: each.className === "active",
      ms: Number.parseFloat(/([\d.]+) ms$/.exec(each.textContent ?? "")?.[1] ?? ""),
    })),
  );
  const [fastest] = times.toSorted((a, b) => a.ms - b.ms);
  assert.ok(fastest.active, JSON.stringify(times));
  assert.match(await page.locator("[data-part=engines]").innerText(), /software/, "an emulated GPU is called so");
  const plots = await page.getByText(/^Plots over/).innerText();
  assert.match(plots, /done/, "an emulated GPU is measured when nothing else is left to do: it takes the processor itself");
  await answers(page, "95");
});

test("told to use a GPU that is not there: says so, and traces on the CPU", async (t) => {
  const page = await openPage(t, { webgpu: false, query: "?engine=gpu" });
  assert.match(await notice(page), /WebGPU[^]*CPU/);
  await answers(page, "95");
  assert.match(await page.locator("[data-part=engines] .active").innerText(), /CPU/);
});

test("both engines draw the same graphs", async (t) => {
  const pages = [await openPage(t, { query: "?engine=cpu" }), await openPage(t, { query: "?engine=gpu" })];
  for (const [a, b] of [
    [36, 59],
    [8, 7],
    [99, 1],
  ]) {
    const drawn = [];
    for (const page of pages) {
      await type(page, `calc: ${a}+${b}=`);
      await answers(page, String(a + b));
      drawn.push({ nodes: await nodes(page), edges: await page.locator("[data-part=edge-count]").innerText() });
    }
    assert.deepEqual(drawn[1], drawn[0], `${a}+${b}`);
  }
});
