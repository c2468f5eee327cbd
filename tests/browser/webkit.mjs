// WebKit (WebKitGTK's MiniBrowser), driven by WebKitWebDriver over HTTP on loopback, on a screen that only Xvfb sees.

import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { folder, start, twice } from "./processes.mjs";
import { COMMANDS } from "./webdriver.mjs";

/** @import { Browser } from "./webdriver.mjs" */

/** @returns {Promise<Browser>} */
export function openWebKit() {
  return twice(launch);
}

/** @returns {Promise<Browser>} */
async function launch() {
  const binary = process.env.MINI_BROWSER;
  if (!binary) throw new Error("MINI_BROWSER is not set: run this with `cargo xtask test browsers`");
  const home = folder("webkit");
  /** @type {ReturnType<typeof start>[]} */
  const running = [];
  let session = "";
  const port = await freePort();
  /** @param {string} method @param {string} path @param {object} [body] */
  const call = async (method, path, body) => {
    const json = { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, { method, ...(body && json) });
    const { value } = /** @type {{ value: any }} */ (await response.json());
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  const close = async () => {
    // The driver ends the browser with its session.
    if (session) await call("DELETE", session).catch(() => {});
    for (const program of running.toReversed()) await program.end();
  };
  try {
    const screen = start("Xvfb", ["-displayfd", "1", "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]);
    running.push(screen);
    const display = await screen.until("its screen", async () => screen.said.find((line) => /^\d+$/.test(line)));
    const downloads = join(home, "downloads");
    await mkdir(downloads);
    await writeFile(join(home, "user-dirs.dirs"), `XDG_DOWNLOAD_DIR="${downloads}"\n`);
    const folders = { HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home };
    const env = { ...process.env, ...folders, DISPLAY: `:${display}`, GDK_BACKEND: "x11" };
    const driver = start("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], { env });
    running.push(driver);
    await driver.until("its answer", () => call("GET", "status").catch(() => null));
    const options = { binary, args: ["--automation"] };
    const { sessionId, capabilities } = await call("POST", "session", {
      capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } },
    });
    session = `session/${sessionId}`;
    return {
      name: `WebKit ${capabilities.browserVersion}`,
      send: (command, parameters = {}) =>
        call("POST", `${session}/${COMMANDS[command].path.replace("{id}", String(parameters.id))}`, parameters),
      said: driver.said,
      downloads,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A port of loopback that nobody listens on. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
