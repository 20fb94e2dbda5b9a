// Failures of launches and copies as events.

import { KernelFault, ReportedFault, SomaError } from "../errors.js";
import { fromNative } from "../hip/failure.js";
import type { FaultEvent } from "./events.js";
import { telemetry } from "./telemetry.js";

/** Tells of a failure, if somebody listens. */
export function emitFault(where: Pick<FaultEvent, "device" | "id" | "kernel" | "stream">, cause: unknown): void {
    if (!telemetry.listening) return;
    const error = fromNative(cause, where.kernel);
    const place = error instanceof KernelFault || error instanceof ReportedFault ? error.place : undefined;
    const code = error instanceof SomaError && "code" in error ? String(error.code) : undefined;
    const message = error instanceof Error ? error.message : String(error);
    telemetry.emit({ kind: "fault", ...where, code, message, place });
}
