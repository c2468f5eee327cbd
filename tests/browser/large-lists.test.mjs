// Graphs of many tokens, inputs and pins never hold up the page.

import { testShape } from "./large-walk.mjs";

for (const name of ["4,000 tokens", "a hub and long names", "600 pinned"]) testShape(name);
