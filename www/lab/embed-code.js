// The lines that put the graph on show into somebody's page: live, recorded, or in a frame.

import { VERSION } from "../elements/state.js";

/** @typedef {"live" | "recorded" | "frame"} Way */

/**
 * @typedef {object} Embedded
 * @property {Way} way
 * @property {"story" | "graph"} shows the story, or the graph's nodes
 * @property {string} site where Attograph's files are, with a slash at its end
 * @property {string} query what is set, as the page's address says it, with its question mark, or nothing
 * @property {string} title for those who see no picture
 * @property {number} width CSS pixels, of a frame
 * @property {number} height CSS pixels
 * @property {"auto" | "light" | "dark"} theme
 * @property {"click" | "visible"} loading when a live graph begins
 */

/** Names of the files that are put beside the post. */
export const FILES = { graph: "graph.json", poster: "graph.svg" };

/** @param {string} text */
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** @param {string} name @param {Record<string, string | undefined>} attributes */
function tag(name, attributes) {
  const written = Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${escaped(value)}"`]));
  return `<${name}${written.join("")}>`;
}

/** The address of a frame; there is nobody to press it, so it begins when it is seen. @param {Pick<Embedded, "site" | "query" | "theme" | "shows">} embedded */
export function frameAddress({ site, query, theme, shows }) {
  const address = new URLSearchParams(query);
  if (shows === "story") address.set("shows", shows);
  if (theme !== "auto") address.set("theme", theme);
  address.set("loading", "visible");
  return `${site}embed.html?${address}`;
}

/** @param {Embedded} embedded @returns {string} HTML */
export function embedCode({ way, shows, site, query, title, width, height, theme, loading }) {
  const themed = theme === "auto" ? undefined : theme;
  if (way === "frame") {
    const src = frameAddress({ site, query, theme, shows });
    return `${tag("iframe", { src, title, width: String(width), height: String(height), loading: "lazy", sandbox: "allow-scripts" })}</iframe>`;
  }
  const own =
    way === "recorded" ? { src: FILES.graph } : { state: `${VERSION}${query || "?"}`, loading: loading === "click" ? undefined : loading };
  const [script, style] = shows === "story" ? ["stories"] : ["atto", `height: ${height}px`]; // a story is as high as its cards
  return [
    `${tag("script", { type: "module", src: `${site}elements/${script}.js` })}</script>`,
    tag(`atto-${shows}`, { ...own, theme: themed, style }),
    `  ${tag("a", { href: `${site}${query}` })}${tag("img", { src: FILES.poster, alt: title })}</a>`,
    `</atto-${shows}>`,
  ].join("\n");
}
