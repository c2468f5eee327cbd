// The author's own site, which is another origin than Attograph's: the example post, under a policy as strict as an author may have.

import { readFile } from "node:fs/promises";
import { serve } from "./served.mjs";

const POST = new URL("../../examples/blog-post/", import.meta.url);

/** What the post's policy allows, and why; ARCHITECTURE.md says the same. @param {string} attograph origin of Attograph's files */
export function policy(attograph) {
  return [
    "default-src 'none'",
    "style-src 'self'", // the post's own; elements bring their styles as constructed sheets, which no policy asks about
    `script-src 'self' ${attograph} 'wasm-unsafe-eval'`, // atto.js and its parts; the last lets the engine compile
    `connect-src 'self' ${attograph}`, // recorded graphs beside the post; styles, engine and weights
    `worker-src blob: ${attograph}`, // no worker starts from another origin's address, so it starts from a text that imports it
    `frame-src ${attograph}`, // for embed.html alone
    "img-src 'self' data:", // the posters that lie beside the post
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/**
 * Serves the example with Attograph's address in it.
 * @param {{after: (fn: () => Promise<void>) => void}} test
 * @param {string} attograph the address of its site, with a slash at its end
 * @param {Record<string, string>} [files] in place of the example's, or beside them
 * @returns {Promise<string>} its address
 */
export function authorSite(test, attograph, files = {}) {
  const read = async (/** @type {string} */ name) => {
    const text = files[name] ?? (await readFile(new URL(name, POST), "utf8"));
    return text.replaceAll("https://attograph.example/", attograph);
  };
  return serve(test, read, { "Content-Security-Policy": policy(new URL(attograph).origin) });
}
