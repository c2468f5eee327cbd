// Starts the page: state, panels, worker.

import { AddressBar } from "./address-bar.js";
import { mountAnswers } from "./answers.js";
import { mountKeys } from "./device.js";
import { mountExamples } from "./examples.js";
import { mountFiles } from "./files.js";
import { mountGraph } from "./graph/graph.js";
import { mountHistory } from "./history.js";
import { mountInspector } from "./inspector.js";
import { mountKeepOffline } from "./keep-offline.js";
import { Lab } from "./lab.js";
import { mountLater } from "./later.js";
import { mountLikeness } from "./likeness.js";
import { mountLive } from "./live.js";
import { mountModels } from "./models.js";
import { mountNotice } from "./notice.js";
import { mountPopups } from "./popups.js";
import { mountPrompt } from "./prompt.js";
import { mountPruning } from "./pruning.js";
import { mountFirst, showRecorded } from "./recorded/first.js";
import { mountScores } from "./scores.js";
import { mountStaleness } from "./staleness.js";
import { mountStatus } from "./status.js";
import { mountTarget } from "./target.js";
import { mountTerms } from "./terms.js";
import { mountTheme } from "./theme.js";
import { mountUndo } from "./undo.js";

const bar = new AddressBar();
const { address, said } = bar.now();
const lab = new Lab(document.documentElement, address, bar);

mountKeys(lab);
mountTerms(lab);
mountPopups(lab);
mountTheme(lab);
mountModels(lab);
mountNotice(lab);
mountStaleness(lab);
mountPrompt(lab);
mountLikeness(lab);
mountExamples(lab);
mountAnswers(lab);
mountPruning(lab);
mountScores(lab);
mountTarget(lab);
mountUndo(lab);
mountFiles(lab);
mountHistory(lab);
mountGraph(lab);
mountInspector(lab);
mountStatus(lab);
mountKeepOffline(lab);
mountFirst(lab);
mountLive(lab);
mountLater(lab);

for (const name of /** @type {const} */ ([
  "manifest",
  "prompt",
  "tookTranscoder",
  "thresholds",
  "target",
  "selection",
  "arrangement",
  "compare",
  "steering",
  "grade",
  "zoom",
  "theme",
])) {
  lab.bus.on(name, () => bar.write(lab.lasting));
}

const tell = (/** @type {import("./address-bar.js").Notice} */ notice) => lab.bus.emit("notice", notice);
bar.follow(lab, (address) => lab.restore(address), tell);

void showRecorded(lab);
if (!lab.worker.began) lab.worker.start();
if (said) tell(said);
