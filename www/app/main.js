// Starts the page: state, panels, worker.

import { addressNow, onHistory, writeAddress } from "./address-bar.js";
import { App } from "./app.js";
import { mountAnswers } from "./answers.js";
import { mountKeys } from "./device.js";
import { mountExamples } from "./examples.js";
import { mountFiles } from "./files.js";
import { mountGraph } from "./graph/graph.js";
import { mountHistory } from "./history.js";
import { mountInspector } from "./inspector.js";
import { mountKeepOffline } from "./keep-offline.js";
import { mountLater } from "./later.js";
import { mountLikeness } from "./likeness.js";
import { mountLive } from "./live.js";
import { mountModels } from "./models.js";
import { mountNotice } from "./notice.js";
import { mountPopups } from "./popups.js";
import { mountFirst, showRecorded } from "./recorded/first.js";
import { mountPrompt } from "./prompt.js";
import { mountPruning } from "./pruning.js";
import { mountStaleness } from "./staleness.js";
import { mountScores } from "./scores.js";
import { mountStatus } from "./status.js";
import { mountTarget } from "./target.js";
import { mountTerms } from "./terms.js";
import { mountTheme } from "./theme.js";
import { mountUndo } from "./undo.js";

const { address, said } = addressNow();
const app = new App(address);

mountKeys();
mountTerms();
mountPopups();
mountTheme(app);
mountModels(app);
mountNotice(app);
mountStaleness(app);
mountPrompt(app);
mountLikeness(app);
mountExamples(app);
mountAnswers(app);
mountPruning(app);
mountScores(app);
mountTarget(app);
mountUndo(app);
mountFiles(app);
mountHistory(app);
mountGraph(app);
mountInspector(app);
mountStatus(app);
mountKeepOffline(app);
mountFirst(app);
mountLive(app);
mountLater(app);

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
  app.bus.on(name, () => writeAddress(app.lasting));
}

const tell = (/** @type {import("./address-bar.js").Notice} */ notice) => app.bus.emit("notice", notice);
onHistory((address) => app.restore(address), tell);

void showRecorded(app);
if (!app.worker.began) app.worker.start();
if (said) tell(said);
