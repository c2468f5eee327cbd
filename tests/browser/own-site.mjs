// A copy of the built site on a server of the test's own, which can change, fail and stop: for what a browser keeps of it.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { typeOf } from "./served.mjs";

const DIST = new URL("../../dist/", import.meta.url);
const BASE = "/some/path/";

/** @typedef {{ version: string, page: { path: string, bytes: number, sha256: string }[], models: { path: string }[] }} List */

export class OwnSite {
  /** What is sent in place of a file of dist/; nothing: 404. @type {Map<string, string | undefined>} */
  changed = new Map();
  /** What was asked for. @type {string[]} */
  asked = [];
  /** Headers sent with everything. @type {Record<string, string>} */
  headers = {};
  #server = createServer((request, response) => void this.#answer(request.url ?? "", response));

  /** @param {{after: (fn: () => Promise<void>) => void}} test */
  static async start(test) {
    const site = new OwnSite();
    await site.listen(0);
    test.after(() => site.stop());
    return site;
  }

  /** @param {number} port 0: any free one */
  async listen(port) {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    this.port = typeof address === "object" ? address?.port : undefined;
    this.address = `http://127.0.0.1:${this.port}${BASE}`;
  }

  /** Nobody reaches it from here on. */
  async stop() {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #answer(/** @type {string} */ url, /** @type {import("node:http").ServerResponse} */ response) {
    const path = new URL(url, "http://site").pathname;
    const name = path.startsWith(BASE) ? path.slice(BASE.length) || "index.html" : "";
    this.asked.push(name);
    const bytes = await this.read(name).catch(() => undefined);
    response.writeHead(bytes ? 200 : 404, { "Content-Type": typeOf(name), "Cache-Control": "no-cache", ...this.headers });
    response.end(bytes);
  }

  /** @param {string} name @returns {Promise<string | Buffer | undefined>} */
  read(name) {
    return this.changed.has(name) ? Promise.resolve(this.changed.get(name)) : readFile(new URL(name, DIST));
  }

  /**
   * Has a new version: of these files, with these texts added, and listed as they are.
   * @param {string} version
   * @param {Record<string, string>} added
   */
  async update(version, added) {
    const list = /** @type {List} */ (JSON.parse(String(await this.read("files.json"))));
    list.version = version;
    for (const [name, text] of Object.entries(added)) {
      const content = (await this.read(name)) + text;
      this.changed.set(name, content);
      const listed = list.page.find(({ path }) => path === name);
      if (!listed) throw new Error(`files.json does not list ${name}`);
      listed.bytes = Buffer.byteLength(content);
      listed.sha256 = createHash("sha256").update(content).digest("hex");
    }
    this.changed.set("files.json", JSON.stringify(list));
  }
}
