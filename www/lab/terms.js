// The field's terms, to be read where they stand; their sentences come with the first that is pointed at.

/** @import { Lab } from "./lab.js" */

import { html } from "./dom.js";
import { laterParts } from "./tried-again.js";

const MISSING = "What explains this term did not arrive. Check the connection and point at it again, or reload the page.";

/** What one says of itself. @param {Element} element */
const meaningOf = (element) => (element instanceof HTMLElement && element.dataset.meaning) || undefined;

/** @param {Lab} lab */
export function mountTerms(lab) {
  const bubble = html("div", { class: "bubble", role: "tooltip", "data-part": "bubble", popover: "manual" });
  lab.part("screen").append(bubble);
  /** @type {Element | undefined} */ let shown;
  /** The term that is pointed at. @type {Element | undefined} */ let wanted;
  /** @type {Record<string, string> | undefined} */ let texts;
  /** @param {Element} element */
  async function load(element) {
    let otherwise;
    try {
      texts = (await laterParts()).TERMS;
    } catch {
      otherwise = MISSING;
    }
    if (wanted === element) show(element, otherwise);
  }
  /** @param {EventTarget | null} target */
  const termAt = (target) => (target instanceof Element ? (target.closest(".term") ?? undefined) : undefined);

  /** @param {Element | undefined} element @param {string} [otherwise] what is said without the sentences */
  function show(element, otherwise) {
    wanted = element;
    if (element && !texts && !otherwise && !meaningOf(element)) return void load(element);
    const sentence = element instanceof HTMLElement ? (meaningOf(element) ?? texts?.[element.dataset.term ?? ""] ?? otherwise) : undefined;
    shown?.removeAttribute("aria-describedby");
    shown = sentence === undefined ? undefined : element;
    if (!shown || sentence === undefined) return bubble.hidePopover();
    bubble.textContent = sentence;
    shown.setAttribute("aria-describedby", lab.idOf(bubble));
    bubble.showPopover();
    const box = shown.getBoundingClientRect();
    const above = box.bottom + bubble.offsetHeight + 8 > innerHeight;
    bubble.style.left = `${Math.max(8, Math.min(box.left, innerWidth - bubble.offsetWidth - 8))}px`;
    bubble.style.top = `${above ? box.top - bubble.offsetHeight - 6 : box.bottom + 6}px`;
  }

  lab.listen(document, "pointerover", (event) => {
    const over = termAt(event.target);
    if (over !== shown && !(shown && shown === lab.focused && !over)) show(over);
  });
  lab.listen(document, "focusin", (event) => show(termAt(event.target)));
  lab.listen(document, "focusout", () => show(undefined));
  lab.listen(document, "click", (event) => {
    const pressed = termAt(event.target);
    if (pressed) event.preventDefault(); // in a label, it is no click on the label's control
    if (pressed || shown) show(pressed);
  });
  lab.listen(document, "scroll", () => shown && show(undefined), { capture: true, passive: true });
  lab.listen(document, "keydown", (event) => {
    if (event.key !== "Escape" || !shown) return;
    show(undefined);
    event.stopImmediatePropagation(); // the selected node stays
  });
}
