// Serves the built site while a script runs that needs it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/**
 * Serves dist/ below a path and runs Node.js with its address; resolves to Node's exit code.
 * @param {string[]} args Node's arguments
 */
export async function withSite(args) {
  const xtask = process.env.ATTOGRAPH_XTASK;
  if (!xtask) throw new Error("run this with `cargo xtask test browser`, `cargo xtask test browsers` or `cargo xtask screenshots`");
  const server = spawn(xtask, ["serve", "--no-build", "--port", "0", "--base", "/some/path/"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const site = await address(server.stdout);
    const child = spawn(process.execPath, args, { stdio: "inherit", env: { ...process.env, ATTOGRAPH_SITE: site } });
    const [code] = await once(child, "exit");
    return typeof code === "number" ? code : 1;
  } finally {
    server.kill();
  }
}

/** @param {import("node:stream").Readable} output */
async function address(output) {
  for await (const line of createInterface({ input: output })) {
    const found = /http:\/\/\S+/.exec(line);
    if (found) return found[0];
  }
  throw new Error("the server ended without printing its address");
}
