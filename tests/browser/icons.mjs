// Draws the icons of an installed page from its favicon: `cargo xtask screenshots --icons`.

import { mkdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** The last is cut to its shape by the system, so it has no round corners of its own. */
const ICONS = [
  { name: "icon-192", size: 192, round: true },
  { name: "icon-512", size: 512, round: true },
  { name: "icon-maskable-512", size: 512, round: false },
];

/** @param {URL} www */
export async function drawIcons(www) {
  const favicon = await readFile(new URL("favicon.svg", www), "utf8");
  await mkdir(new URL("icons/", www), { recursive: true });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  try {
    for (const { name, size, round } of ICONS) {
      const svg = round ? favicon : favicon.replace(' rx="7"', "");
      const page = await browser.newPage({ viewport: { width: size, height: size } });
      await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
      const path = fileURLToPath(new URL(`icons/${name}.png`, www));
      await page.screenshot({ path, omitBackground: true });
      await page.close();
      console.log(path);
    }
  } finally {
    await browser.close();
  }
}
