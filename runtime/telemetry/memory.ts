// Device memory as events, where somebody listens.

import { telemetry } from "./telemetry.js";

interface Extent {
    readonly bytes: number;
    readonly address: bigint;
}

/** Tells that memory was taken, or is about to be given back. */
export function emitMemory(kind: "allocate" | "free", device: string, { bytes, address }: Extent): void {
    if (telemetry.listening) {
        telemetry.emit({ kind, device, bytes, address: `0x${address.toString(16)}` });
    }
}
