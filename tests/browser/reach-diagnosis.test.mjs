// Everything of the diagnosis model's page can be reached, on any screen.

import { test } from "node:test";
import { nothingCovered } from "./reachable.mjs";

test("diagnosis: no control is out of sight or under something else, on any screen", (t) =>
  nothingCovered(t, "?model=diagnosis&engine=cpu&pinnedIds=2_183_60&selected=2_183_60&steer=2/183@60=x0"));
