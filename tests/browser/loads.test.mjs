// The page opens, with WebGPU and without, in one piece: nothing fails and nothing is asked of another site.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, screenshot } from "./harness.mjs";

for (const webgpu of [true, false]) {
  test(`opens ${webgpu ? "with" : "without"} WebGPU`, async (t) => {
    const page = await openPage(t, { webgpu });
    assert.match(await page.title(), /Attograph/);
    const adapter = await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()));
    assert.equal(adapter, webgpu, "the browser's WebGPU is as the test asked");
    await page.waitForLoadState("networkidle");
    await screenshot(page, webgpu ? "loads-webgpu" : "loads-cpu");
  });
}
