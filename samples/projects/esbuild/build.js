// Bundles src/main.ts with its kernels, compiled for every target named here.

import { build } from "esbuild";
import soma from "soma-lang/esbuild";

await build({
    entryPoints: ["src/main.ts"],
    outdir: "dist",
    bundle: true,
    format: "esm",
    platform: "node",
    // gfx1100 is what the virtual GPU is; add your GPU's target, such as gfx1201 or gfx942.
    plugins: [soma({ targets: ["gfx1100"] })],
});
