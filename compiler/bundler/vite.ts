// `soma-lang/vite`: the plugin for Vite.

import { soma } from "./plugin.js";

export type { SomaPluginOptions } from "./plugin.js";

export default soma.vite;
