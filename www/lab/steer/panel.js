// The steering panel: what is set and how, and where it shows what came of that.

/** @import { Lab } from "../lab.js" */
/** @import { View } from "../view.js" */
/** @import { Whole } from "./outcome.js" */

import { html } from "../dom.js";
import { counted } from "../format.js";
import { keyed } from "../keyed.js";
import { mountAnother } from "./another.js";
import { foretold, line, logits } from "./outcome.js";
import { lookOf, rowOf, showSetting } from "./row.js";
import { layersOf, MODES, settingOf, settingsFor } from "./steering.js";

/** @param {Lab} lab */
export function mountSteering(lab) {
  const panel = lab.part("steering");
  const list = lab.part("steering-set");
  const outcome = lab.part("steering-outcome");
  const text = lab.part("steering-text");
  /** @type {HTMLSelectElement} */ const mode = lab.part("steering-mode");
  const layers = lab.part("steering-layers");
  const says = lab.part("steering-says");
  /** What the rows are made from, as long as it may not be looked up anew. @type {Map<string, string>} */ const looks = new Map();
  /** @type {View | undefined} */ let drawn;
  /** @type {Whole} */ const whole = { logits: false, nodes: false };

  mode.append(...MODES.map(({ mode: value, name }) => html("option", { value }, name)));
  mode.addEventListener("change", () => {
    // With the last layer left to respond, unless what is set is in it.
    const most = Math.max((lab.view?.graph.layers ?? 1) - 2, 0, ...layersSet());
    lab.steer("steering mode", (steering) => (steering.mode = mode.value === "constrained" ? `constrained:0-${most}` : mode.value));
  });
  /** The layers of the features that are set. */
  function layersSet() {
    const { steering } = lab.address;
    return Object.keys(steering.set).flatMap((key) => settingOf(steering, key)?.layer ?? []);
  }
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
    const on = lab.isSteered && lab.view !== undefined && lab.view.recorded === undefined;
    panel.hidden = !on;
    lab.part("screen").classList.toggle("with-steering", on);
    if (!on) return list.replaceChildren();
    const held = layersOf(steering.mode);
    mode.value = held ? "constrained" : steering.mode;
    layers.hidden = !held;
    const last = (lab.view?.graph.layers ?? 1) - 1;
    ends.forEach((input, i) => {
      input.max = String(last);
      if (held && lab.focused !== input) input.value = String(held[i]);
    });
    const isWritten =
      !held || layersSet().some((layer) => layer <= held[1] && (lab.address.transcoder !== "per-layer" || layer >= held[0]));
    const nowhere = isWritten ? "" : " What is set here writes to none of them: nothing changes.";
    says.textContent = (MODES.find((each) => each.mode === mode.value)?.says ?? "") + nowhere;
    const settings = keys.flatMap((key) => {
      const setting = settingOf(steering, key);
      return setting ? [{ key, setting }] : [];
    });
    const rows = keyed(list, settings, {
      key: ({ key }) => key,
      look: ({ key, setting }) => {
        const look = looks.get(key) ?? lookOf(lab, setting);
        looks.set(key, look);
        return look;
      },
      make: ({ key, setting }) => rowOf(lab, key, setting),
    });
    for (const { key, setting } of settings) showSetting(lab, /** @type {Element} */ (rows.get(key)), setting);
    lab.part("steering-count").textContent = counted(keys.length, "feature");
  }

  function showOutcome() {
    const steered = lab.view?.steered;
    const isNowhere = lab.view !== undefined && settingsFor(lab.address.steering, lab.view.graph.tokens.length).settings.length === 0;
    panel.classList.toggle("waiting", steered === undefined && !isNowhere);
    if (isNowhere && !steered && !panel.hidden)
      outcome.replaceChildren(html("p", { class: "note" }, "Nothing that is set is in this prompt."));
    if (!steered || panel.hidden) return;
    outcome.replaceChildren(...logits(steered, whole, showOutcome), ...foretold(lab, steered, whole, showOutcome));
  }

  function telltext() {
    if (!lab.isSteered) return;
    const { continuation, steeredText } = lab.view ?? {};
    text.replaceChildren(line("as it is", continuation?.tokens), line("steered", steeredText?.tokens, continuation?.tokens));
  }

  lab.watch(
    () => [lab.view, lab.address.steering],
    () => {
      if (lab.view !== drawn) looks.clear();
      drawn = lab.view;
      keepingInspector(show);
    },
  );
  lab.watch(
    () => lab.view,
    () => lab.worker.steer(),
  );
  // Until it is known what comes of what is set now.
  lab.watch(
    () => lab.address.steering,
    () => panel.classList.add("waiting"),
  );
  const { features, plots } = lab;
  lab.watch(
    () => [plots.arrivals, features.names, lab.arrangement, lab.colours],
    () =>
      lab.whenReleased(list, () => {
        looks.clear();
        show();
      }),
  );
  lab.watch(
    () => [lab.view?.steered, plots.arrivals, features.names, lab.colours],
    () => lab.whenReleased(outcome, () => keepingInspector(showOutcome)),
  );
  lab.watch(
    () => [lab.isSteered, lab.view?.continuation, lab.view?.steeredText],
    () => keepingInspector(telltext),
  );

  /** On a narrow screen the inspector stands below: who presses there keeps it under the finger. @param {() => void} change */
  function keepingInspector(change) {
    const inspector = lab.part("inspector");
    const before = inspector.getBoundingClientRect().top;
    change();
    if (inspector.matches(":hover, :focus-within")) scrollBy(0, inspector.getBoundingClientRect().top - before);
  }
}
