// A process whose resident memory says what it holds, in pauses: garbage can be collected on demand, young generations are small, and
// malloc has one arena for all threads, which gives back what is free at its end (glibc's mallopt(3): M_ARENA_MAX, M_TRIM_THRESHOLD).

import { spawnSync } from "node:child_process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const SETTLED = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "131072", MALLOC_MMAP_THRESHOLD_: "131072" };

/** Runs the program anew where its environment isn't that, and ends with it. */
export function runSettled(): void {
    if (Object.entries(SETTLED).every(([name, value]) => process.env[name] === value)) return;
    const { status } = spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
        env: { ...process.env, ...SETTLED },
        stdio: "inherit",
    });
    process.exit(status ?? 1);
}

setFlagsFromString("--expose-gc");
setFlagsFromString("--max-semi-space-size=2");
const collect = runInNewContext("gc") as () => void;

/** What this thread has. */
export function collectGarbage(): void {
    collect();
    collect();
}
