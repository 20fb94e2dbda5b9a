// The thread in which sources are compiled, so that the event loop isn't held up by the compiler. One for each thread that
// loads sources, started when it is first needed; it keeps no program from ending.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { CodegenUnavailableError } from "../../compiler/shell/codegen.js";
import { LoadError } from "../errors.js";
import type { CompileOutcome, CompileRequest } from "./source.js";

/** What the thread answers. */
export type Answer = { readonly id: number } & (
    | { readonly outcome: CompileOutcome }
    /** What is wrong with the set-up; anything else ends the thread. */
    | { readonly unavailable: string }
);

interface Waiting {
    readonly resolve: (outcome: CompileOutcome) => void;
    readonly reject: (error: Error) => void;
}

const WORKER = new URL("./worker.js", import.meta.url);

let thread: CompileThread | undefined;

/** Compiles off this thread; in this one where there are only the TypeScript sources, which a worker can't run. */
export async function compileAside(request: CompileRequest): Promise<CompileOutcome> {
    if (!existsSync(fileURLToPath(WORKER))) return (await import("./source.js")).compileHere(request);
    thread ??= new CompileThread(() => {
        thread = undefined;
    });
    return thread.compile(request);
}

class CompileThread {
    // Without the program's own flags: what it preloads is not for this thread.
    private readonly worker = new Worker(WORKER, { name: "soma compiler", execArgv: [] });
    private readonly waiting = new Map<number, Waiting>();
    private last = 0;

    constructor(ended: () => void) {
        this.worker.unref();
        this.worker.on("message", (answer: Answer) => this.settle(answer));
        const fail = (reason: string, cause?: unknown): void => {
            ended();
            for (const { reject } of this.waiting.values()) {
                reject(new LoadError(`the compiler's thread has ended: ${reason}`, { cause }));
            }
            this.waiting.clear();
        };
        this.worker.on("error", (error) => fail(error.message, error));
        this.worker.on("exit", (code) => fail(`exit code ${code}`));
    }

    compile(request: CompileRequest): Promise<CompileOutcome> {
        const id = ++this.last;
        const outcome = new Promise<CompileOutcome>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
        this.worker.ref();
        this.worker.postMessage({ id, request });
        return outcome;
    }

    private settle(answer: Answer): void {
        const waiting = this.waiting.get(answer.id);
        this.waiting.delete(answer.id);
        if (this.waiting.size === 0) this.worker.unref();
        if ("outcome" in answer) waiting?.resolve(answer.outcome);
        else waiting?.reject(new CodegenUnavailableError(answer.unavailable));
    }
}
