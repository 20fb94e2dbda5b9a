// `soma-lang/rspack`: the plugin for Rspack.

import { soma } from "./plugin.js";

export type { SomaPluginOptions } from "./plugin.js";

export default soma.rspack;
