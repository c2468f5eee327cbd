// Graphs of many nodes never hold up the page.

import { testShape } from "./large-walk.mjs";

for (const name of ["250,000 links", "8,000 nodes", "128 layers"]) testShape(name);
