// What whole processes take. Python starts them, because it can tell what one child took (wait4, getrusage(2)); Node can't.

import { execFileSync } from "node:child_process";

/** Of one process: seconds by the clock and of all processors, bytes of resident memory at most. */
export interface Cost {
    readonly wall: number;
    readonly cpu: number;
    readonly memory: number;
}

const SCRIPT = `
import json, os, sys, time
request = json.load(sys.stdin)
quiet = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
costs = [[] for _ in request["commands"]]
for round in range(request["rounds"]):
    for command, all in zip(request["commands"], costs):
        start = time.perf_counter()
        pid = os.posix_spawn(command[0], command, dict(os.environ, **request["env"]), file_actions=quiet)
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - start
        if status != 0: sys.exit("it failed: " + " ".join(command))
        all.append(dict(wall=wall, cpu=usage.ru_utime + usage.ru_stime, memory=usage.ru_maxrss * 1024))
print(json.dumps(costs))
`;

/** Runs the commands in turns, so many times each; the first word is a path. */
export function measureProcesses(
    commands: readonly (readonly string[])[],
    rounds: number,
    env: Readonly<Record<string, string>> = {},
): readonly (readonly Cost[])[] {
    const input = JSON.stringify({ commands, rounds, env });
    return JSON.parse(execFileSync("python3", ["-c", SCRIPT], { input, maxBuffer: 1 << 26 }).toString());
}

export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The median of the ratios within pairs: what disturbs a machine disturbs both of a pair. */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
    return median(ours.map((value, at) => value / (theirs[at] ?? 0)));
}
