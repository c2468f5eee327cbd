// Everything of the addition model's page can be reached, on any screen.

import { test } from "node:test";
import { nothingCovered } from "./reachable.mjs";

// With a feature selected and set, and a few pinned.
test("addition: no control is out of sight or under something else, on any screen", (t) =>
  nothingCovered(t, "?engine=cpu&pinnedIds=3_511_7,3_301_7,2_370_7&selected=3_511_7&steer=3/511@7=x-1"));
