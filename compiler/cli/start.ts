// The entry of dist/soma.cjs, the command in one file: tools/bundle.mjs makes it. `node --build-snapshot` of that file keeps
// what loading made, with the code of the compiler that a first compile needs, so that later starts begin there
// (https://nodejs.org/docs/latest-v20.x/api/cli.html#--build-snapshot). Nothing may be loaded or computed on the way there
// that depends on the environment, the arguments or the working directory.

import { startupSnapshot } from "node:v8";
import { runCommand } from "./command.js";
import { requestSnapshot } from "./snapshot.js";
import { warmUp } from "./warm-up.js";

if (startupSnapshot.isBuildingSnapshot()) {
    startupSnapshot.setDeserializeMainFunction(() => runCommand());
    warmUp();
} else {
    runCommand().finally(requestSnapshot);
}
