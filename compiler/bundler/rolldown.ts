// `soma-lang/rolldown`: the plugin for Rolldown.

import { soma } from "./plugin.js";

export type { SomaPluginOptions } from "./plugin.js";

export default soma.rolldown;
