// Named snapshots of all that one set, kept in this browser; and the link that says the same.

/** @import { Lab } from "./lab.js" */

import { html } from "./dom.js";
import { inWords } from "./address-names.js";
import { store, stored } from "./storage.js";
import { queryOf, readAddress } from "./url.js";

const KEY = "attograph-snapshots";
const MOST = 100;

/** @typedef {{ name: string, query: string, time: number }} Snapshot */

/** @returns {Snapshot[]} the newest first */
function kept() {
  const list = stored(KEY);
  return Array.isArray(list)
    ? list.filter((each) => typeof each?.name === "string" && typeof each.query === "string" && each.query.startsWith("?"))
    : [];
}

/** A name that no other snapshot has. @param {string} name @param {Snapshot[]} others */
function unlike(name, others) {
  const taken = new Set(others.map((each) => each.name));
  let found = name;
  for (let i = 2; taken.has(found); i++) found = `${name} (${i})`;
  return found;
}

/** @param {Lab} lab */
export function mountSnapshots(lab) {
  const form = /** @type {HTMLFormElement} */ (lab.part("snapshot-form"));
  /** @type {HTMLInputElement} */ const name = lab.part("snapshot-name");
  const list = lab.part("snapshots");
  const said = lab.part("keep-said");

  function show() {
    const rows = kept().map((snapshot) => {
      const open = html("button", { type: "button", class: "open" }, snapshot.name, html("small", {}, when(snapshot)));
      open.addEventListener("click", () => go(snapshot));
      const remove = html("button", { type: "button", class: "quiet", "aria-label": `Delete the snapshot ${snapshot.name}` }, "Delete");
      remove.addEventListener("click", () => {
        store(
          KEY,
          kept().filter((each) => !same(each, snapshot)),
        );
        show();
        name.focus();
      });
      return html("li", {}, open, remove);
    });
    list.replaceChildren(...rows);
  }

  /** @param {Snapshot} snapshot */
  function go({ query }) {
    const address = readAddress(query);
    if (address.model && address.model !== lab.model) return location.assign(lab.bar.link(address).query);
    lab.steps.begin(`snapshot ${query}`);
    lab.restore({ ...address, engine: lab.address.engine });
    said.textContent = "";
  }

  /** All that is set now. */
  const now = () => ({ ...lab.lasting, model: lab.model, prompt: lab.lasting.prompt ?? lab.prompt });

  /** Adds a snapshot to these. @param {string} wanted its name @param {string} query @param {Snapshot[]} others */
  function keep(wanted, query, others) {
    const title = unlike(wanted, others);
    const done = store(KEY, [{ name: title, query, time: Date.now() }, ...others]);
    said.textContent = done
      ? `Kept as “${title}”.`
      : "This browser has no room for it, or keeps nothing for this page: nothing was kept. Delete a snapshot, or save the graph as JSON.";
    if (done) name.value = "";
    show();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const title = name.value.trim() || lab.prompt?.trim().slice(0, name.maxLength) || "Snapshot";
    const query = queryOf(now());
    const all = kept();
    const known = all.find((each) => each.query === query && (name.value.trim() === "" || each.name === title));
    if (known) {
      said.textContent = `This is kept already, as “${known.name}”.`;
      return;
    }
    if (all.length < MOST) return keep(title, query, all);
    const oldest = all[all.length - 1];
    const replace = html("button", { type: "button", class: "quiet" }, "Delete it and keep this");
    replace.addEventListener("click", () => {
      const present = kept();
      keep(title, query, present.length < MOST ? present : present.filter((each) => !same(each, oldest)));
      name.focus();
    });
    said.replaceChildren(`${MOST} snapshots are kept, and no more can be. The oldest is “${oldest.name}” of ${when(oldest)}. `, replace);
  });
  lab.part("copy-link").addEventListener("click", async () => {
    const { query, parts } = lab.bar.link(now());
    const link = new URL(query, location.href).href;
    const only =
      parts.length > 0
        ? ` It is good in this browser only: ${inWords(parts)} would make it too long to share. Others can open the graph as a JSON file.`
        : "";
    try {
      await navigator.clipboard.writeText(link);
      said.textContent = `Link copied.${only}`;
    } catch {
      said.textContent = link + only;
    }
  });
  lab.part("keep").addEventListener("toggle", show);
  show();
}

/** @param {Snapshot} snapshot */
function when({ time }) {
  return new Date(time).toLocaleString();
}

/** @param {Snapshot} a @param {Snapshot} b */
function same(a, b) {
  return a.name === b.name && a.time === b.time && a.query === b.query;
}
