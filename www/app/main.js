// Starts the page: state, panels, worker.

import { App } from "./app.js";
import { mountAnswers } from "./answers.js";
import { byId } from "./dom.js";
import { mountGraph } from "./graph/graph.js";
import { mountInspector } from "./inspector.js";
import { mountLive } from "./live.js";
import { mountNotice } from "./notice.js";
import { mountPrompt } from "./prompt.js";
import { mountPruning } from "./pruning.js";
import { mountSave } from "./save.js";
import { mountScores } from "./scores.js";
import { mountStatus } from "./status.js";
import { mountTable } from "./table.js";
import { mountTheme } from "./theme.js";
import { readAddress, writeAddress } from "./url.js";

const app = new App(readAddress(location.search));

mountTheme(app);
mountNotice(app);
mountPrompt(app);
mountAnswers(app);
mountPruning(app);
mountScores(app);
mountSave(app);
mountGraph(app);
mountInspector(app);
mountStatus(app);
mountTable(app);
mountLive(app);

for (const name of /** @type {const} */ (["prompt", "thresholds", "selection", "theme"])) {
  app.bus.on(name, () => writeAddress(app.address));
}
app.bus.on("manifest", () => {
  if (app.manifest) byId("about-model").textContent = `${app.manifest.description} It runs in this tab, in WebAssembly or on your GPU, and nothing that you type leaves your machine.`;
});

app.worker.start();
