// The built site over a slow line that everything shares, the worker's requests too: a server in between that lets so many bytes pass.

import { once } from "node:events";
import { createServer, request } from "node:http";
import { site } from "./chromium.mjs";

/** @import { IncomingMessage, ServerResponse } from "node:http" */

/** 1.6 Mbit/s, with 300 ms until an answer begins. */
const LINE = { bytesPerSecond: 1.6e6 / 8, latency: 300 };
const TICK_MS = 10;
const PIECE = 4096; // bytes: one a tick has to be more than the line takes, or a single answer would be slower than that
const BURST = LINE.bytesPerSecond / 20; // what may pass at once after a pause

/** @returns {Promise<{ at: string, close: () => Promise<void> }>} the same site's address over it */
export async function slowSite() {
  /** What waits for its turn, a piece of each in turn. @type {{ piece: Buffer, pass: () => void }[]} */ const queue = [];
  let room = 0;
  let last = performance.now();
  const line = setInterval(() => {
    const now = performance.now();
    room = Math.min(room + ((now - last) / 1000) * LINE.bytesPerSecond, queue.length > 0 ? Infinity : BURST);
    last = now;
    for (let next = queue[0]; next && room >= next.piece.length; next = queue[0]) {
      queue.shift();
      room -= next.piece.length;
      next.pass();
    }
  }, TICK_MS);

  /** @param {IncomingMessage} from @param {ServerResponse} to */
  async function carry(from, to) {
    const there = request(new URL(from.url ?? "/", site), { method: from.method, headers: from.headers }).end();
    const [answer] = /** @type {[IncomingMessage]} */ (await once(there, "response"));
    await new Promise((resolve) => setTimeout(resolve, LINE.latency));
    to.writeHead(answer.statusCode ?? 500, answer.headers);
    for await (const chunk of answer) {
      for (let start = 0; start < chunk.length; start += PIECE) {
        const piece = chunk.subarray(start, start + PIECE);
        await new Promise((pass) => queue.push({ piece, pass: () => pass(undefined) }));
        to.write(piece);
      }
    }
    to.end();
  }

  const server = createServer((from, to) => void carry(from, to).catch(() => to.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = async () => {
    clearInterval(line);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { at: `http://127.0.0.1:${port}${new URL(site).pathname}`, close };
}
