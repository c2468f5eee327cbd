// The steering panel: what is set and how, and where it shows what came of that.

/** @import { Lab } from "../lab.js" */
/** @import { Whole } from "./outcome.js" */
/** @import { Setting } from "./steering.js" */

import { html, place } from "../dom.js";
import { counted } from "../format.js";
import { mountAnother } from "./another.js";
import { foretold, line, logits } from "./outcome.js";
import { rowOf } from "./row.js";
import { layersOf, MODES, settingOf } from "./steering.js";

/** @param {Lab} lab */
export function mountSteering(lab) {
  const panel = lab.part("steering");
  const list = lab.part("steering-set");
  const outcome = lab.part("steering-outcome");
  const text = lab.part("steering-text");
  /** @type {HTMLSelectElement} */ const mode = lab.part("steering-mode");
  const layers = lab.part("steering-layers");
  const says = lab.part("steering-says");
  /**
   * The rows of what is set, by key: they stay while one slides.
   * @type {Map<string, { element: HTMLElement, show: (setting: Setting) => void }>}
   */
  const rows = new Map();
  /** @type {Whole} */ const whole = { logits: false, nodes: false };

  mode.append(...MODES.map(({ mode: value, name }) => html("option", { value }, name)));
  mode.addEventListener("change", () => {
    const last = (lab.view?.graph.layers ?? 1) - 1;
    lab.steer(
      "steering mode",
      (steering) => (steering.mode = mode.value === "constrained" ? `constrained:0-${Math.max(0, last - 1)}` : mode.value),
    );
  });
  const ends = ["First", "Last"].map((name) => {
    const input = html("input", { type: "number", min: 0, "aria-label": `${name} layer that is held` });
    input.addEventListener("change", () => {
      const [first, last] = ends.map((end) => Math.max(0, Math.round(end.valueAsNumber) || 0));
      lab.steer("steering mode", (steering) => (steering.mode = `constrained:${Math.min(first, last)}-${Math.max(first, last)}`));
    });
    return input;
  });
  layers.append(ends[0], "–", ends[1]);
  lab.part("steering-clear").addEventListener("click", () => lab.steer("clear", (steering) => (steering.set = {})));
  mountAnother(lab, lab.part("steering-add"));

  function show() {
    const { steering } = lab.address;
    const keys = Object.keys(steering.set);
    const on = keys.length > 0 && lab.view !== undefined && lab.view.recorded === undefined;
    panel.hidden = !on;
    lab.part("screen").classList.toggle("with-steering", on);
    if (!on) {
      rows.clear();
      return list.replaceChildren();
    }
    const held = layersOf(steering.mode);
    mode.value = held ? "constrained" : steering.mode;
    layers.hidden = !held;
    const last = (lab.view?.graph.layers ?? 1) - 1;
    ends.forEach((input, i) => {
      input.max = String(last);
      if (held && lab.focused !== input) input.value = String(held[i]);
    });
    says.textContent = MODES.find((each) => each.mode === mode.value)?.says ?? "";
    for (const key of rows.keys()) if (!keys.includes(key)) rows.delete(key);
    for (const key of keys) {
      const setting = settingOf(steering, key);
      if (!setting) continue;
      if (!rows.has(key)) rows.set(key, rowOf(lab, key, setting));
      rows.get(key)?.show(setting);
    }
    place(
      list,
      keys.flatMap((key) => rows.get(key)?.element ?? []),
    );
    lab.part("steering-count").textContent = counted(keys.length, "feature");
  }

  function tell() {
    const { steered } = lab;
    panel.classList.toggle("waiting", steered === undefined);
    if (!steered || panel.hidden) return;
    outcome.replaceChildren(...logits(steered, whole, tell), ...foretold(lab, steered, whole, tell));
    telltext();
  }

  function telltext() {
    const { continuation, steeredText } = lab;
    text.replaceChildren(line("as it is", continuation?.tokens), line("steered", steeredText?.tokens, continuation?.tokens));
  }

  lab.bus.on("steering", () => {
    panel.classList.add("waiting");
    show();
  });
  lab.bus.on("graph", () => {
    rows.clear();
    show();
    lab.worker.steer();
  });
  lab.bus.on("steered", () => {
    show();
    lab.whenReleased(outcome, tell);
  });
  lab.bus.on("steeredText", telltext);
  lab.bus.on("continuation", telltext);
  for (const name of /** @type {const} */ (["plots", "labels"])) {
    lab.bus.on(name, () => {
      if (panel.hidden) return;
      lab.whenReleased(list, () => {
        rows.clear();
        show();
      });
      lab.whenReleased(outcome, tell);
    });
  }
  lab.bus.on("theme", () => lab.whenReleased(outcome, tell));
  show();
}
