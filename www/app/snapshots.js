// Named snapshots of all that one set, kept in this browser; and the link that says the same.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";
import { stored, store } from "./storage.js";
import { queryOf, readAddress } from "./url.js";

const KEY = "attograph-snapshots";
const MOST = 100;

/** @typedef {{ name: string, query: string, time: number }} Snapshot */

/** @returns {Snapshot[]} the newest first */
function kept() {
  const list = stored(KEY);
  return Array.isArray(list) ? list.filter((each) => typeof each?.name === "string" && typeof each.query === "string" && each.query.startsWith("?")) : [];
}

/** @param {App} app */
export function mountSnapshots(app) {
  const form = /** @type {HTMLFormElement} */ (byId("snapshot-form"));
  /** @type {HTMLInputElement} */ const name = byId("snapshot-name");
  const list = byId("snapshots");
  const said = byId("keep-said");

  function show() {
    const rows = kept().map((snapshot) => {
      const open = html("button", { type: "button", class: "open" }, snapshot.name, html("small", {}, new Date(snapshot.time).toLocaleString()));
      open.addEventListener("click", () => go(snapshot));
      const remove = html("button", { type: "button", class: "quiet", "aria-label": `Delete the snapshot ${snapshot.name}` }, "Delete");
      remove.addEventListener("click", () => {
        store(KEY, kept().filter(({ name, time }) => name !== snapshot.name || time !== snapshot.time));
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
    if (address.model && address.model !== app.model) return location.assign(query);
    app.steps.begin(`snapshot ${query}`);
    app.restore({ ...address, engine: app.address.engine });
    said.textContent = "";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const title = name.value.trim() || app.prompt || "Snapshot";
    const query = queryOf({ ...app.address, model: app.model, prompt: app.prompt });
    const others = kept().filter((each) => each.name !== title);
    const done = store(KEY, [{ name: title, query, time: Date.now() }, ...others].slice(0, MOST));
    said.textContent = done ? `Kept as “${title}”.` : "This browser keeps nothing for this page; the link holds the same.";
    name.value = "";
    show();
  });
  byId("copy-link").addEventListener("click", async () => {
    const link = new URL(queryOf({ ...app.address, model: app.model, prompt: app.prompt }), location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      said.textContent = "Link copied.";
    } catch {
      said.textContent = link;
    }
  });
  byId("keep").addEventListener("toggle", show);
}
