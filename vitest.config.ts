import { defineConfig } from "vitest/config";

// Every test file runs in a process of its own: addons hold state per process (LLVM's registry, the loaded HIP library).
export default defineConfig({
    test: {
        include: ["test/**/*.test.ts"],
        pool: "forks",
        testTimeout: 60_000,
        // Some build what their tests use.
        hookTimeout: 60_000,
        // What is tested is the compiler as it is, not what an earlier one left behind.
        env: { SOMA_CACHE: "off" },
    },
});
