// Source to a code object at run time: off this thread, once for all that ask for the same at once, and remembered. This is
// the runtime's only way into the compiler, imported when it is first needed, so that code objects load without the
// compiler's native part.

import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.js";
import { renderDiagnostics } from "../../compiler/diagnostics/render.js";
import { CompileError } from "../errors.js";
import { targetOfDevice } from "../target-of-device.js";
import { telemetry } from "../telemetry/telemetry.js";
import { isCurrent } from "./dependencies.js";
import { recentlyCompiled } from "./recent.js";
import type { CompileOutcome, CompileRequest } from "./source.js";
import { compileAside } from "./thread.js";

export interface Compiled {
    readonly codeObject: Uint8Array;
    readonly warnings: readonly Diagnostic[];
}

const running = new Map<string, Promise<CompileOutcome>>();

/** @throws CompileError for source with errors, CodegenUnavailableError */
export async function compileSource(request: CompileRequest): Promise<Compiled> {
    const started = performance.now();
    const key = keyOf(request);
    const known = recentlyCompiled().get(key);
    const isKnown = known !== undefined && isCurrent(known.dependencies);
    const outcome = isKnown ? known : await outcomeOf(key, request);
    const { output, diagnostics } = outcome;
    if (telemetry.listening) {
        const { path } = request.source;
        const what = { path, target: targetOfDevice(request.device), milliseconds: performance.now() - started };
        const where = isKnown ? "module" : outcome.cached;
        telemetry.emit(
            where === undefined
                ? { kind: "compile", ...what, bytes: output?.byteLength ?? 0, ok: output !== null }
                : { kind: "cache-hit", ...what, where },
        );
    }
    if (output === null) throw new CompileError(renderDiagnostics(diagnostics), diagnostics);
    // The caller may change its bytes.
    return { codeObject: Uint8Array.from(output), warnings: diagnostics };
}

async function outcomeOf(key: string, request: CompileRequest): Promise<CompileOutcome> {
    const pending = running.get(key);
    if (pending !== undefined) return { ...(await pending), cached: "memory" };
    const compiling = compileAside(request).finally(() => running.delete(key));
    running.set(key, compiling);
    const outcome = await compiling;
    const { output } = outcome;
    if (output !== null) recentlyCompiled().set(key, { ...outcome, output });
    return outcome;
}

function keyOf({ source, specialisation, ...request }: CompileRequest): string {
    const values = (record: Readonly<Record<string, unknown>> = {}) =>
        Object.entries(record)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, value]) => [name, typeof value, String(value)]);
    const { path, text } = source;
    const constants = values(specialisation.const);
    const { device, optimisation, bounds, codeObjectVersion } = request;
    const options = [device, optimisation, bounds, codeObjectVersion];
    return JSON.stringify([options, path, constants, values(specialisation.dims), text]);
}
