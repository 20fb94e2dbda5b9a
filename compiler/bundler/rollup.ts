// `soma-lang/rollup`: the plugin for Rollup.

import { soma } from "./plugin.js";

export type { SomaPluginOptions } from "./plugin.js";

export default soma.rollup;
