// The network goes after the page has loaded: a switch of model or transcoder says so, and keeps what is there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { STRONGEST, set } from "./circuit.mjs";
import { openPage } from "./harness.mjs";
import { answers, notice, traced, type } from "./reading.mjs";

const CPU = "?engine=cpu";
const ALLOWED = [/ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource/];

test("another transcoder without network is told, and the one in use works on with what was set", async (t) => {
  const page = await openPage(t, { query: `${CPU}&steer=${set(STRONGEST, "x0.9")}`, allow: ALLOWED });
  await answers(page, "95");
  await page.locator("[data-part=answers].steered").waitFor();
  await page.waitForLoadState("networkidle");
  await page.context().setOffline(true);
  await page.locator("[data-part=transcoder]").selectOption("per-layer");
  assert.match(await notice(page), /could not be reached[^]*transcoder in use stays/);
  await traced(page, "calc: 36+59=");
  assert.equal(await page.locator("[data-part=transcoder]").inputValue(), "cross-layer");
  assert.ok(new URL(page.url()).searchParams.has("steer"));
  await page.locator("[data-part=answers].steered").waitFor();
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await page.context().setOffline(false);
  await page.locator("[data-part=transcoder]").selectOption("per-layer");
  await page.waitForFunction(() => location.search.includes("transcoder=per-layer"), null, { timeout: 60_000 });
  await answers(page, "42");
  await page.locator(".stale").waitFor({ state: "detached" });
});

test("another model without network is told, and the page stays; with it, the link leads there", async (t) => {
  const page = await openPage(t, { query: CPU, allow: ALLOWED });
  await answers(page, "95");
  const link = page.locator("[data-part=models] a:not([aria-current])");
  await page.waitForLoadState("networkidle");
  await page.context().setOffline(true);
  await link.click();
  assert.match(await notice(page), /cannot be reached[^]*stays/);
  assert.equal(await page.locator("[data-part=answers] .token").first().innerText(), "95");
  await page.context().setOffline(false);
  await link.click();
  await page.waitForURL(/model=diagnosis/);
});
