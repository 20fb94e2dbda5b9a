// Device memory as events, where somebody listens.

import type { NativeBuffer } from "../hip/binding.js";
import { telemetry } from "./telemetry.js";

/** Tells that memory was taken, or is about to be given back. */
export function emitMemory(kind: "allocate" | "free", device: string, { bytes, address }: NativeBuffer): void {
    if (telemetry.listening) {
        telemetry.emit({ kind, device, bytes, address: `0x${address.toString(16)}` });
    }
}
