import { test } from "node:test";
import { openPage } from "./harness.mjs";
for (const engine of ["cpu"]) test(engine, async (t) => {
  const page = await openPage(t, { query: `?engine=${engine}&model=diagnosis`, viewport: { width: 1440, height: 1000 } });
  await page.locator(".node.feature").first().waitFor({ timeout: 30_000 });
  await page.waitForTimeout(6000);
  const t0 = Date.now();
  await page.locator("#grade-begin").click();
  await page.locator(".findings").waitFor({timeout:60000});
  console.log(engine, Date.now() - t0, await page.locator("#grade .note").last().innerText());
});
