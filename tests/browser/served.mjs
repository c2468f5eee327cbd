// Files that a test serves itself, on loopback, for as long as it runs.

import { once } from "node:events";
import { createServer } from "node:http";

const TYPES = new Map([
  ["html", "text/html"],
  ["js", "text/javascript"],
  ["css", "text/css"],
  ["svg", "image/svg+xml"],
  ["png", "image/png"],
  ["json", "application/json"],
  ["wasm", "application/wasm"],
  ["webmanifest", "application/manifest+json"],
]);

/** What a file is sent as, by its name. @param {string} name */
export function typeOf(name) {
  return TYPES.get(name.split(".").at(-1) ?? "") ?? "application/octet-stream";
}

/**
 * @param {{after: (fn: () => Promise<void>) => void}} test
 * @param {(name: string) => Promise<string | Buffer | undefined>} read a file by its path, `index.html` where none is named; nothing: 404
 * @param {Record<string, string>} [headers] sent with all of them
 * @returns {Promise<string>} the address of their folder
 */
export async function serve(test, read, headers = {}) {
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? "", "http://here").pathname).slice(1) || "index.html";
    const content = await read(name).catch(() => undefined);
    response.writeHead(content === undefined ? 404 : 200, { "Content-Type": typeOf(name), ...headers });
    response.end(content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}/`;
}
