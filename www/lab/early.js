// Asks for the recorded first picture while the page's other scripts are still on their way. It is no module, so that it runs before
// them, as soon as it is here; they read what arrives here. What it asks for by mistake costs some kilobytes and changes nothing.

(() => {
  const meta = document.querySelector('meta[name="recorded"]');
  if (!(meta instanceof HTMLMetaElement)) return;
  /** @type {{ model: string, prompt: string }[]} */
  const all = JSON.parse(meta.content);
  const query = new URLSearchParams(location.search);
  const found = all.find(({ model }) => model === (query.get("model") || all[0]?.model));
  const elsewhere = ["kept", "transcoder", "target", "node", "edge", "density", "pinnedIds", "steer", "compare", "grade"];
  if (!found || (query.has("prompt") && query.get("prompt") !== found.prompt) || elsewhere.some((name) => query.has(name))) return;
  for (const href of [`recorded/${found.model}.json`, `models/${found.model}/manifest.json`]) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "preload", as: "fetch", crossOrigin: "anonymous", href });
    document.head.append(link);
  }
})();
