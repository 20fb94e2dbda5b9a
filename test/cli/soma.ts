// Running the command as its users do: the compiled program, in a process and a folder of its own.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";

export const ROOT = packageRoot();

export const MAIN = join(ROOT, "dist", "compiler", "cli", "main.js");

export function sample(name: string): string {
    return join(ROOT, "samples", "aura", name);
}

/** A line of a stack trace, which no user should see. */
export const STACK = /^ +at .*(node:|\.js:)/m;

export interface Run {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
    /** Standard output as it is. */
    readonly bytes: Buffer;
}

/** A folder that is removed with `dispose`, and the command run in it. */
export class Workplace implements Disposable {
    readonly folder = mkdtempSync(join(tmpdir(), "soma-cli-"));

    path(name: string): string {
        return join(this.folder, name);
    }

    /** Runs `soma` with these arguments, in the folder or one within it. A run that hangs ends without a status. */
    soma(args: readonly string[], environment: Readonly<Record<string, string>> = {}, input = "", within = ""): Run {
        const result: SpawnSyncReturns<Buffer> = spawnSync(process.execPath, [MAIN, ...args], {
            cwd: join(this.folder, within),
            env: { ...process.env, ...environment },
            input,
            timeout: 60_000,
            maxBuffer: 1 << 28,
        });
        return {
            status: result.status,
            stdout: result.stdout.toString(),
            stderr: result.stderr.toString(),
            bytes: result.stdout,
        };
    }

    [Symbol.dispose](): void {
        rmSync(this.folder, { recursive: true, force: true });
    }
}
