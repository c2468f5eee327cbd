// Programs that a test starts and folders that it makes: whatever happens, they are ended and removed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

// Told to end, this process goes the way on which it ends what it started.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/**
 * Starts a program. What it prints, on either stream, is added to `said` line by line.
 * @param {string} program @param {string[]} args @param {{ env?: NodeJS.ProcessEnv, said?: string[] }} [options]
 */
export function start(program, args, { env = process.env, said = [] } = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", (line) => said.push(line));
  /** @type {Error | undefined} */
  let failure;
  child.on("error", (error) => (failure = error));
  const gone = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null;

  // A test that is cut off must leave nothing behind.
  const endAtOnce = () => void child.kill("SIGKILL");
  process.once("exit", endAtOnce);

  return {
    said,
    /**
     * Waits until something of it is there.
     * @template T
     * @param {string} what
     * @param {() => Promise<T>} look
     * @returns {Promise<NonNullable<T>>}
     */
    async until(what, look, patience = 60_000) {
      const end = Date.now() + patience;
      while (!gone() && Date.now() < end) {
        const found = await look();
        if (found) return found;
        await sleep(50);
      }
      throw new Error(
        `${program}: ${what} never came (${failure?.message ?? (gone() ? "it has ended" : "too late")}): ${said.slice(-5).join(" | ")}`,
      );
    },
    async end() {
      process.off("exit", endAtOnce);
      if (gone()) return;
      const exit = once(child, "exit");
      child.kill();
      await Promise.race([exit, sleep(5000)]);
      if (!gone()) {
        child.kill("SIGKILL");
        await exit;
      }
    },
  };
}

/** A folder that is there as long as this process. @param {string} name a part of its name */
export function folder(name) {
  const path = mkdtempSync(join(tmpdir(), `attograph-${name}-`));
  process.once("exit", () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

/**
 * Does something that a slow machine may fail at, once more if it fails.
 * @template T
 * @param {() => Promise<T>} act
 * @returns {Promise<T>}
 */
export async function twice(act) {
  try {
    return await act();
  } catch (error) {
    console.error(`once more: ${error instanceof Error ? error.message : error}`);
    return act();
  }
}
