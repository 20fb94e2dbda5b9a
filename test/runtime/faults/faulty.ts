// A HIP library that fails on demand, in front of the virtual GPU: builds faulty_hip.c, and holds its plan.

import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../../compiler/shell/package-root.js";
import { virtualLibraryPath } from "../../../runtime/hip/addon.js";
import { type Gpu, open } from "../../../runtime/index.js";

/** What fails: the `nth` call of a function from now on, or each with a chance. */
export interface Plan {
    /** A HIP function; `*` is any, but those that give something back. */
    readonly function: string;
    /** 0 is the next. Default 0. */
    readonly nth?: number;
    /** Of those from there on, from 0 to 1. Default 1. */
    readonly chance?: number;
    /** A hipError_t. Default 999, hipErrorUnknown. */
    readonly code?: number;
    readonly seed?: number;
}

const BYTES = 104;

/** One in each process: the library reads where its plan is when it is loaded. */
export class FaultyHip implements Disposable {
    readonly library: string;
    private readonly folder = mkdtempSync(join(tmpdir(), "soma-faulty-"));
    private readonly file: number;

    constructor() {
        this.library = join(this.folder, "faulty_hip.so");
        const source = join(packageRoot(), "test", "runtime", "faults", "faulty_hip.c");
        execFileSync("cc", [
            "-O1",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-shared",
            "-fPIC",
            source,
            "-o",
            this.library,
            "-ldl",
        ]);
        const plan = join(this.folder, "plan");
        this.file = openSync(plan, "w+");
        writeSync(this.file, Buffer.alloc(BYTES));
        process.env.SOMA_FAULTY_LIBRARY = virtualLibraryPath();
        process.env.SOMA_FAULTY_PLAN = plan;
    }

    open(): Promise<Gpu> {
        return open(this.library);
    }

    plan({ function: name, nth = 0, chance = 1, code = 999, seed = 0 }: Plan): void {
        // The name last: from then on it is in force.
        const bytes = Buffer.alloc(BYTES - 64);
        bytes.writeBigInt64LE(BigInt(nth), 0);
        bytes.writeUInt32LE(Math.min(Math.floor(chance * 2 ** 32), 2 ** 32 - 1), 8);
        bytes.writeInt32LE(code, 12);
        bytes.writeBigUInt64LE(BigInt(seed), 16);
        this.stop();
        writeSync(this.file, bytes, 0, bytes.length, 64);
        writeSync(this.file, Buffer.from(name), 0, undefined, 0);
    }

    /** From now on nothing fails. */
    stop(): void {
        writeSync(this.file, Buffer.alloc(64), 0, 64, 0);
    }

    /** Since the plan was made: calls that matched it, and those that failed. */
    counts(): { readonly calls: number; readonly failed: number } {
        const bytes = Buffer.alloc(16);
        readSync(this.file, bytes, 0, 16, 88);
        return { calls: Number(bytes.readBigUInt64LE(0)), failed: Number(bytes.readBigUInt64LE(8)) };
    }

    [Symbol.dispose](): void {
        closeSync(this.file);
        rmSync(this.folder, { recursive: true });
    }
}
