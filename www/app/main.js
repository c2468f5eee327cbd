// Starts the page: state, panels, worker.

import { addressNow, onHistory, writeAddress } from "./address-bar.js";
import { App } from "./app.js";
import { mountAnswers } from "./answers.js";
import { mountCard } from "./card.js";
import { mountCompare } from "./compare/compare.js";
import { mountKeys } from "./device.js";
import { mountExamples } from "./examples.js";
import { mountFiles } from "./files.js";
import { mountGrade } from "./grade/panel.js";
import { mountGraph } from "./graph/graph.js";
import { mountGuide } from "./guide.js";
import { mountHistory } from "./history.js";
import { mountInspector } from "./inspector.js";
import { mountKeepOffline } from "./keep-offline.js";
import { mountLikeness } from "./likeness.js";
import { mountLive } from "./live.js";
import { mountModels } from "./models.js";
import { mountNotice } from "./notice.js";
import { mountPopups } from "./popups.js";
import { mountPrompt } from "./prompt.js";
import { mountPruning } from "./pruning.js";
import { mountStaleness } from "./staleness.js";
import { mountScores } from "./scores.js";
import { mountSnapshots } from "./snapshots.js";
import { mountStatus } from "./status.js";
import { mountSteering } from "./steer/panel.js";
import { mountSubgraph } from "./subgraph/subgraph.js";
import { mountTable } from "./table.js";
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
mountSnapshots(app);
mountHistory(app);
mountGraph(app);
mountInspector(app);
mountSubgraph(app);
mountSteering(app);
mountGrade(app);
mountCompare(app);
mountGuide(app);
mountStatus(app);
mountKeepOffline(app);
mountTable(app);
mountLive(app);
mountCard(app);

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

app.worker.start();
if (said) tell(said);
