import { defineConfig } from "vitest/config";

// Every test file runs in a process of its own: addons hold state per process (LLVM's registry, the loaded HIP library).
export default defineConfig({
    test: {
        include: ["test/**/*.test.ts"],
        pool: "forks",
        testTimeout: 60_000,
    },
});
