// Starts the page: state, panels, worker.

import { App } from "./app.js";
import { mountAnswers } from "./answers.js";
import { mountCard } from "./card.js";
import { mountExamples } from "./examples.js";
import { mountGraph } from "./graph/graph.js";
import { mountInspector } from "./inspector.js";
import { mountLive } from "./live.js";
import { mountModels } from "./models.js";
import { mountNotice } from "./notice.js";
import { mountPopups } from "./popups.js";
import { mountPrompt } from "./prompt.js";
import { mountPruning } from "./pruning.js";
import { mountSave } from "./save.js";
import { mountScores } from "./scores.js";
import { mountStatus } from "./status.js";
import { mountTable } from "./table.js";
import { mountTheme } from "./theme.js";
import { onHistory, readAddress, writeAddress } from "./url.js";

const app = new App(readAddress(location.search));

mountPopups();
mountTheme(app);
mountModels(app);
mountNotice(app);
mountPrompt(app);
mountExamples(app);
mountAnswers(app);
mountPruning(app);
mountScores(app);
mountSave(app);
mountGraph(app);
mountInspector(app);
mountStatus(app);
mountTable(app);
mountLive(app);
mountCard(app);

for (const name of /** @type {const} */ (["manifest", "prompt", "transcoder", "thresholds", "selection", "theme"])) {
  app.bus.on(name, () => writeAddress(app.address));
}

onHistory((address) => app.restore(address));

app.worker.start();
