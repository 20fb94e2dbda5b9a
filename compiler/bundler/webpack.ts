// `soma-lang/webpack`: the plugin for webpack.

import { soma } from "./plugin.js";

export type { SomaPluginOptions } from "./plugin.js";

export default soma.webpack;
