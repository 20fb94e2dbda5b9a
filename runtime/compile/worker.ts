// What runs in the compiler's thread (thread.ts).

import { parentPort } from "node:worker_threads";
import { CodegenUnavailableError } from "../../compiler/shell/codegen.js";
import { type CompileRequest, compileHere } from "./source.js";
import type { Answer } from "./thread.js";

parentPort?.on("message", async ({ id, request }: { readonly id: number; readonly request: CompileRequest }) => {
    const answer = (message: Answer) => parentPort?.postMessage(message);
    try {
        answer({ id, outcome: await compileHere(request) });
    } catch (error) {
        if (!(error instanceof CodegenUnavailableError)) throw error;
        answer({ id, unavailable: error.message });
    }
});
