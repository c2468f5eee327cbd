// Everything of the diagnosis model's page can be reached, on any screen.

import { test } from "node:test";
import { set } from "./circuit.mjs";
import { nothingCovered } from "./reachable.mjs";
import { ANSWERING } from "./vignette.mjs";

test("diagnosis: no control is out of sight or under something else, on any screen", (t) =>
  nothingCovered(t, `?model=diagnosis&engine=cpu&pinnedIds=${ANSWERING}&selected=${ANSWERING}&steer=${set(ANSWERING, "x0")}`));
