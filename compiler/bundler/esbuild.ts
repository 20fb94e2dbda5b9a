// `soma-lang/esbuild`: the plugin for esbuild.

import { soma } from "./plugin.js";

export type { SomaPluginOptions } from "./plugin.js";

export default soma.esbuild;
