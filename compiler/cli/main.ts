#!/usr/bin/env node
// The command `soma` as modules: what tests run, and any Node on any system. dist/soma.cjs is the same in one file (start.ts).

import { runCommand } from "./command.js";

await runCommand();
