// Makes a lab of an element: its markup, its state and its panels; `destroy()` takes them away again.

/** @import { Bar } from "./address-bar.js" */
/** @import { Address } from "./url.js" */

import { mountAnswers } from "./answers.js";
import { fetchFile, trustedMarkup, urlOf } from "./delivery.js";
import { mountKeys } from "./device.js";
import { mountExamples } from "./examples.js";
import { mountFiles } from "./files.js";
import { mountGraphLate } from "./graph/late.js";
import { mountHistory } from "./history.js";
import { mountInspector } from "./inspector.js";
import { Lab } from "./lab.js";
import { mountLater } from "./later.js";
import { mountLikeness } from "./likeness.js";
import { mountLive } from "./live.js";
import { mountModels } from "./models.js";
import { mountNotice } from "./notice.js";
import { mountPanelBelow } from "./panel-below.js";
import { mountPopups } from "./popups.js";
import { mountPrompt } from "./prompt.js";
import { mountPruning } from "./pruning.js";
import { mountFirst } from "./recorded/first.js";
import { mountScores } from "./scores.js";
import { mountStaleness } from "./staleness.js";
import { mountStatus } from "./status.js";
import { mountStory } from "./story/story.js";
import { mountTerms } from "./terms.js";
import { mountTheme } from "./theme.js";
import { mountUndo } from "./undo.js";
import { readAddress } from "./url.js";
import { whyNot } from "./why-not.js";

/** Every panel of the page; the order is that in which they hear of things. */
const PANELS = [
  mountKeys,
  mountTerms,
  mountPopups,
  mountTheme,
  mountGraphLate, // before whoever changes the page: it asks how large its pane is
  mountModels,
  mountNotice,
  mountStaleness,
  mountPrompt,
  mountLikeness,
  mountExamples,
  (/** @type {Lab} */ lab) => mountAnswers(lab, whyNot),
  mountPruning,
  mountScores,
  mountUndo,
  mountFiles,
  mountHistory,
  mountInspector,
  mountPanelBelow,
  mountStatus,
  mountFirst,
  mountStory,
  mountLive,
  mountLater,
];

/**
 * A lab in an element that has its markup already. Its engine is started by whoever asks for it.
 * @param {HTMLElement} root
 * @param {Address} address
 * @param {Bar} [bar]
 */
export function mountLab(root, address, bar) {
  const lab = new Lab(root, address, bar);
  for (const mount of PANELS) mount(lab);
  return lab;
}

/**
 * A lab in an empty element of any page that has the stylesheet `style/all.css`; it begins at once.
 * @param {HTMLElement} root
 * @param {{ query?: string }} [options] `query`: what is set, as the page's address says it after its question mark
 * @returns {Promise<Lab>} `destroy()` ends it and empties the element
 * @throws {Error} with a sentence, where its markup does not arrive
 */
export async function createLab(root, { query = "" } = {}) {
  const url = urlOf("lab/markup.html");
  const response = await fetchFile(url).catch(() => undefined);
  if (!response?.ok) throw new Error(`The lab’s markup did not arrive from ${url}. Check the connection and try again.`);
  const parsed = new DOMParser().parseFromString(trustedMarkup(await response.text()), "text/html");
  root.replaceChildren(...parsed.body.children);
  const lab = mountLab(root, readAddress(query));
  lab.lifetime.addEventListener("abort", () => root.replaceChildren());
  lab.worker.start();
  return lab;
}
