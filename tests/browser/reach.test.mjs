// Everything of the addition model's page can be reached, on any screen.

import { test } from "node:test";
import { EARLIER, SECOND, STRONGEST, set } from "./circuit.mjs";
import { nothingCovered } from "./reachable.mjs";

// With a feature selected and set, and a few pinned.
test("addition: no control is out of sight or under something else, on any screen", (t) =>
  nothingCovered(t, `?engine=cpu&pinnedIds=${STRONGEST},${SECOND},${EARLIER}&selected=${STRONGEST}&steer=${set(STRONGEST, "x-1")}`));
