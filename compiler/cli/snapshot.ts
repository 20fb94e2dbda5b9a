// The snapshot from which the command starts (start.ts), made by the first process that did without. native/start, which
// starts these processes, names the file after all that a snapshot depends on: Node, the processor, dist/soma.cjs.

import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packageRoot } from "../shell/package-root.js";

/** Snapshots that are kept beside a new one: of other versions of Node, or of other machines that share the folder. */
const KEPT = 3;

/** Makes it, tries it, and only then gives it its name; with the flags that it will be started with. */
const MAKE = [
    'node="$1" program="$2" making="$3" blob="$4"',
    "shift 4",
    'NODE_NO_WARNINGS=1 "$node" "$@" --snapshot-blob "$making" --build-snapshot "$program" &&' +
        ' "$node" "$@" --snapshot-blob "$making" "$program" --version && mv -f "$making" "$blob"',
].join("\n");

/**
 * Where native/start asked for it, has the snapshot made by a process that outlives this one. Nothing that goes wrong there is
 * told anybody: starts are slower, that is all. A file that marks the work as begun stays if it fails, so that it is not tried
 * again.
 */
export function requestSnapshot(): void {
    const { SOMA_SNAPSHOT: blob, SOMA_NODE: node } = process.env;
    if (blob === undefined || node === undefined) return;
    try {
        // What PATH has as `node` may start another, by the folder or the shell it is called in.
        if (realpathSync(process.execPath) !== node) return;
        mkdirSync(dirname(blob), { recursive: true });
        removeOld(dirname(blob));
        const marker = `${blob}.making`;
        writeFileSync(marker, "", { flag: "wx" });
        const { SOMA_SNAPSHOT: _, SOMA_NODE: __, ...env } = process.env;
        spawn("/bin/sh", ["-c", MAKE, "sh", node, process.argv[1] ?? "", marker, blob, ...process.execArgv], {
            cwd: packageRoot(),
            detached: true,
            env,
            stdio: "ignore",
        }).unref();
    } catch {
        // The folder can't be written, or another process is making it.
    }
}

function removeOld(folder: string): void {
    const files = readdirSync(folder).map((name) => join(folder, name));
    const byAge = files.map((path) => ({ path, age: -statSync(path).mtimeMs })).sort((a, b) => a.age - b.age);
    for (const { path } of byAge.slice(KEPT)) rmSync(path, { force: true });
}
