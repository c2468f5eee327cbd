// Where Attograph’s files are, if not beside the script: a page has one engine, and that comes from one place.

import { filesAt } from "../lab/delivery.js";

/** @type {string | undefined} */
let base;

/** @param {string | undefined} wanted a folder’s address @throws {Error} with a sentence, where another element wants another */
export function findFiles(wanted) {
  if (!wanted) return;
  const { href } = new URL(wanted.endsWith("/") ? wanted : `${wanted}/`, document.baseURI);
  if (base !== undefined && base !== href)
    throw new Error(`Another element of this page takes Attograph’s files from ${base}; a page has one engine.`);
  base = href;
  filesAt(new URL(href));
}
