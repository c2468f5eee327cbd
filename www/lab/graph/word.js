// A feature's word as an element beside it.

/** @import { Box } from "../../graph/layout.js" */
/** @import { Word } from "../../graph/words.js" */

import { wordMark } from "../../graph/marks.js";
import { shaped } from "./nodes.js";

/** Writes it, or takes it away. @param {SVGGElement} element @param {Box} box @param {Word | undefined} word */
export function writeWord(element, box, word) {
  const before = element.querySelector(".word");
  if (!word) return before?.remove();
  const text = shaped(wordMark({ ...word, x: word.x - box.x, y: 0 }, box.node));
  text.setAttribute("class", "word");
  text.style.fontSize = `${word.size}px`;
  if (before?.outerHTML === text.outerHTML) return;
  if (before) before.replaceWith(text);
  else element.append(text);
}
