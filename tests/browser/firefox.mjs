// Firefox, driven over Marionette, its own wire for WebDriver's commands: JSON over TCP on loopback, with the length of each message
// before it.

import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { folder, start, twice } from "./processes.mjs";
import { COMMANDS } from "./webdriver.mjs";

/** @import { Browser } from "./webdriver.mjs" */

const PREFERENCES = {
  "marionette.port": 0, // any that is free
  "devtools.console.stdout.content": true,
  "browser.dom.window.dump.enabled": true,
  // Firefox itself is to fetch nothing.
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.region.update.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
  // A file is saved without a question.
  "browser.download.folderList": 2,
  "browser.download.alwaysOpenPanel": false,
  "browser.download.manager.addToRecentDocs": false,
};
/** On Linux Firefox has WebGPU by preference only. */
const WEBGPU = { "dom.webgpu.enabled": true, "dom.webgpu.workers.enabled": true, "gfx.webgpu.ignore-blocklist": true };

/** @param {{ webgpu: boolean }} options @returns {Promise<Browser>} */
export function openFirefox(options) {
  return twice(() => launch(options));
}

/** @param {{ webgpu: boolean }} options @returns {Promise<Browser>} */
async function launch({ webgpu }) {
  const program = process.env.FIREFOX;
  if (!program) throw new Error("FIREFOX is not set: run this with `cargo xtask test browsers`");
  const profile = folder("firefox");
  const downloads = join(profile, "downloads");
  const preferences = { ...PREFERENCES, ...(webgpu ? WEBGPU : {}), "browser.download.dir": downloads };
  const lines = Object.entries(preferences).map((preference) => `user_pref(${preference.map((part) => JSON.stringify(part)).join(", ")});`);
  await writeFile(join(profile, "user.js"), lines.join("\n"));
  const firefox = start(program, ["--headless", "--marionette", "--no-remote", "--profile", profile, "about:blank"]);
  /** @type {Marionette | undefined} */
  let wire;
  const close = async () => {
    wire?.socket.destroy();
    await firefox.end();
  };
  try {
    const port = await firefox.until("its port", () => readFile(join(profile, "MarionetteActivePort"), "utf8").catch(() => ""));
    wire = new Marionette(Number(port));
    const { capabilities } = await wire.send("WebDriver:NewSession", { capabilities: {} });
    const { send } = wire;
    return {
      name: `Firefox ${capabilities.browserVersion}`,
      send: (command, parameters) => send.call(wire, COMMANDS[command].marionette, parameters),
      said: firefox.said,
      downloads,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

class Marionette {
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  #last = 0;
  #read = Buffer.alloc(0);

  /** @param {number} port */
  constructor(port) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (bytes) => this.#take(bytes));
    this.socket.on("error", () => {}); // "close" comes after it
    this.socket.on("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Firefox has hung up"));
      this.#waiting.clear();
    });
  }

  /** @param {string} name @param {Record<string, unknown>} [parameters] @returns {Promise<any>} */
  async send(name, parameters = {}) {
    const id = ++this.#last;
    const message = JSON.stringify([0, id, name, parameters]);
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.socket.write(`${Buffer.byteLength(message)}:${message}`);
    const result = await answer;
    return result !== null && typeof result === "object" && "value" in result ? result.value : result;
  }

  /** @param {Buffer} bytes */
  #take(bytes) {
    this.#read = Buffer.concat([this.#read, bytes]);
    for (;;) {
      const colon = this.#read.indexOf(":");
      const end = colon + 1 + Number(this.#read.subarray(0, Math.max(colon, 0)).toString());
      if (colon < 0 || this.#read.length < end) return;
      const message = JSON.parse(this.#read.subarray(colon + 1, end).toString());
      this.#read = this.#read.subarray(end);
      if (!Array.isArray(message)) continue; // its greeting
      const [, id, error, result] = message;
      if (error) this.#waiting.get(id)?.reject(new Error(`${error.error}: ${error.message}`));
      else this.#waiting.get(id)?.resolve(result);
      this.#waiting.delete(id);
    }
  }
}
