// 36+59 is answered and traced, and so is the next sum typed: on every engine, asked for or not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, nodes, type } from "./reading.mjs";

const FIRST = "calc: 36+59=";
const SECOND = "calc: 17+25=";

/** @type {{ name: string, webgpu: boolean, query: string, engine: RegExp }[]} */
const WAYS = [
  { name: "by itself, with WebGPU", webgpu: true, query: "", engine: /CPU|GPU/ },
  { name: "by itself, without WebGPU", webgpu: false, query: "", engine: /CPU/ },
  { name: "told to use the GPU", webgpu: true, query: "?engine=gpu", engine: /GPU/ },
  { name: "told to use the CPU", webgpu: true, query: "?engine=cpu", engine: /CPU/ },
];

for (const { name, webgpu, query, engine } of WAYS) {
  test(`answers 95, then 42: ${name}`, async (t) => {
    const page = await openPage(t, { webgpu, query });
    await answers(page, "95");
    assert.equal(await page.locator("[data-part=prompt]").inputValue(), FIRST);
    assert.match(await page.locator("[data-part=engines] .active").innerText(), engine);
    const first = await nodes(page);
    assert.ok(first.length > 12, "features are drawn, not only tokens and the answer");
    assert.ok((await page.locator(".node.feature").count()) > 3);

    await type(page, SECOND);
    await answers(page, "42");
    assert.notDeepEqual(await nodes(page), first);
    assert.match((await page.locator(".node.logit").first().textContent()) ?? "", /42/);
    assert.match(await page.locator("[data-part=tokens]").innerText(), /17[^]*25/);
    assert.match(await page.locator("[data-part=trace-time]").innerText(), /Traced in [\d.]+ ms/);
  });
}

test("each key pressed gives the graph of what stands there", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu" });
  await answers(page, "95");
  await page.locator("[data-part=prompt]").press("End");
  for (let i = 0; i < 3; i++) await page.keyboard.press("Backspace");
  await page.keyboard.type("3=");
  await answers(page, "39");
  await page.waitForFunction(() => new URLSearchParams(location.search).get("prompt") === "calc: 36+3=");
});
