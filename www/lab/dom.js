// Makes elements. Text is always set as text: nothing that comes from outside is ever read as markup.

/** @typedef {Record<string, string | number | boolean | undefined>} Attributes */
/** @typedef {Node | string | undefined} Child */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/**
 * A term that explains itself when pointed at, focused or touched: `mountTerms`.
 * @param {string} name
 * @param {string} [text] as it stands in its sentence
 */
export function term(name, text = name) {
  return html("button", { type: "button", class: "term", "data-term": name }, text);
}

/**
 * Makes a region a tab stop as long as it has more than it shows: elsewhere there would be nothing to do in it.
 * @template {HTMLElement} E
 * @param {E} region
 * @returns {E}
 */
export function stopWhereItScrolls(region) {
  const look = () => {
    const stop = region.scrollWidth > region.clientWidth + 1 || region.scrollHeight > region.clientHeight + 1 ? 0 : -1;
    // Set again, it would have the next one who measures lay the page out anew.
    if (region.tabIndex !== stop) region.tabIndex = stop;
  };
  region.tabIndex = 0; // until it is known
  onResize(region, look);
  let waiting = 0;
  // In the next frame, when all is laid out anyway: measured now, every change would lay the page out once more.
  const soon = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(look);
  };
  new MutationObserver(soon).observe(region, { childList: true, subtree: true });
  return region;
}

/**
 * Calls when an element has another size, in the next frame: what changes sizes while they are being told makes a loop.
 * @param {Element} element @param {() => void} listener @param {AbortSignal} [lifetime] until it is over
 */
export function onResize(element, listener, lifetime) {
  let waiting = 0;
  const observer = new ResizeObserver(() => {
    cancelAnimationFrame(waiting);
    // What was taken out of the page has a size of nothing, and nobody to tell.
    waiting = requestAnimationFrame(() => element.isConnected && listener());
  });
  observer.observe(element);
  lifetime?.addEventListener("abort", () => observer.disconnect());
}
