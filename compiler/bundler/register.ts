// `node --import soma-lang/register`: from then on, `import { saxpy } from "./saxpy.soma"` works without a bundler.

import { register } from "node:module";

register("./loader.js", import.meta.url);
