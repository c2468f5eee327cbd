// Lists on the page: what an entry of a list is shown by stays as long as it looks the same, with the keyboard and the pointer in it.

/** What an element of a list was made from. @typedef {{ look: unknown, element: Element }} Made */

/** The lists that elements hold. @type {WeakMap<Element, Map<unknown, Made>>} */
const lists = new WeakMap();
const CONTROLS = "button, input, select, [tabindex]";

/**
 * Makes what an element holds a list. Who is in an entry that is made anew with the keyboard stays on the same control of it.
 * @template T
 * @template {Element} E
 * @param {Element} parent
 * @param {Iterable<T>} entries
 * @param {object} how
 * @param {(entry: T, place: number) => unknown} how.key tells an entry from the others
 * @param {(entry: T) => unknown} how.look what its element is made from: where it is another, the element is made anew
 * @param {(entry: T) => E} how.make
 * @returns {Map<unknown, E>} the elements by their keys
 */
export function keyed(parent, entries, { key, look, make }) {
  const before = lists.get(parent) ?? new Map();
  /** @type {Map<unknown, { look: unknown, element: E }>} */ const now = new Map();
  let count = 0;
  for (const entry of entries) {
    const [name, from] = [key(entry, count++), look(entry)];
    const old = before.get(name);
    now.set(name, old && old.look === from ? old : { look: from, element: make(entry) });
  }
  lists.set(parent, now);
  const elements = new Map([...now].map(([name, { element }]) => [name, element]));
  const focused = focusIn(parent);
  const [at] = focused ? ([...before].find(([, { element }]) => element.contains(focused)) ?? []) : [];
  place(parent, [...elements.values()]);
  if (focused && !focusIn(parent)) likeIn(parent, focused, before.get(at)?.element, elements.get(at))?.focus({ preventScroll: true });
  return elements;
}

/**
 * Makes these what an element holds. What stays is not touched: moved in the document, it would lose the keyboard, or a slider the pointer.
 * @param {Element} element
 * @param {Element[]} children
 */
function place(element, children) {
  const wanted = new Set(children);
  for (const child of [...element.childNodes]) if (!wanted.has(/** @type {Element} */ (child))) child.remove();
  let next = element.firstChild;
  for (const child of children) {
    if (child === next) next = next.nextSibling;
    else element.insertBefore(child, next);
  }
}

/** What has the keyboard in an element. @param {Element} element @returns {HTMLElement | SVGElement | undefined} */
function focusIn(element) {
  const root = element.getRootNode();
  const focused = root instanceof ShadowRoot ? root.activeElement : element.ownerDocument.activeElement;
  const isControl = focused instanceof HTMLElement || focused instanceof SVGElement;
  return isControl && element.contains(focused) ? focused : undefined;
}

/**
 * The control that is what another was: the same by name, or at the same place of what took the entry's place.
 * @param {Element} parent @param {HTMLElement | SVGElement} control @param {Element | undefined} old @param {Element | undefined} now
 */
function likeIn(parent, control, old, now) {
  const all = (/** @type {Element | undefined} */ within) =>
    within ? /** @type {(HTMLElement | SVGElement)[]} */ ([within, ...within.querySelectorAll(CONTROLS)]) : [];
  const like = (/** @type {Element | undefined} */ within) => all(within).find((each) => nameOf(each) === nameOf(control));
  const [then, here] = [all(old), all(now)];
  return like(now) ?? (then.length === here.length ? here[then.indexOf(control)] : undefined) ?? like(parent);
}

/** What tells a control from the others. @param {HTMLElement | SVGElement} control */
function nameOf(control) {
  const { id } = control.dataset;
  return id === undefined
    ? `${control.getAttribute("class")} ${control.textContent} after ${control.previousElementSibling?.getAttribute("class")}`
    : `${control.closest(".flows")?.getAttribute("class")} ${id}`;
}
