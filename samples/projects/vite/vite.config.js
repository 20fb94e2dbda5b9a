// A program for Node with its kernels in it; `vitest` takes the same plugin, so tests import kernels as well.

import soma from "soma-lang/vite";
import { defineConfig } from "vite";

export default defineConfig({
    build: { ssr: "src/main.ts" },
    plugins: [soma({ targets: ["gfx1100", "gfx1201", "gfx942"] })],
});
