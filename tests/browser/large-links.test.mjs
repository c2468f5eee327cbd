// Graphs of many links never hold up the page.

import { testShape } from "./large-walk.mjs";

for (const name of ["511 nodes", "500 at one place", "60,001 links"]) testShape(name);
