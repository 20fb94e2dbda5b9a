// Clocks, temperature, power and memory of an AMD GPU, as ROCm's system management library tells them, and its counters, as ROCm's
// profiling library does. Both are looked for when they are first needed.

import { describeValue } from "../elements.js";
import { ArgumentError } from "../errors.js";
import { loadAddon } from "../hip/addon.js";
import type { NativeDevice, NativeSensors } from "../hip/binding.js";
import { native } from "../hip/failure.js";

/** Clocks in MHz, memory in bytes; what the GPU has no sensor for is missing, and counters that `open` was not asked for. */
export type Sensors = NativeSensors;

/** Where the device is on the PCI bus, which both libraries know it by. */
function addressOf(device: NativeDevice): [domain: number, bus: number, device: number] {
    return [device.attribute("pciDomainId"), device.attribute("pciBusId"), device.attribute("pciDeviceId")];
}

/**
 * Undefined where there is no librocm_smi64, or it doesn't know the device, and nothing is counted. SOMA_SMI_LIBRARY names a library in
 * place of ROCm's.
 */
export function readSensors(device: NativeDevice): Sensors | undefined {
    return native(() => loadAddon().readSensors(...addressOf(device), process.env.SOMA_SMI_LIBRARY));
}

/**
 * To be called before HIP's library is opened. SOMA_ROCPROFILER_LIBRARY names a library in place of ROCm's librocprofiler-sdk.
 * @throws ArgumentError
 */
export function prepareCounters(names: readonly string[]): void {
    if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === "string")) {
        throw new ArgumentError(`counters are names, such as ["SQ_WAVES"], not ${describeValue(names)}`);
    }
    loadAddon().prepareCounters(process.env.SOMA_ROCPROFILER_LIBRARY);
}

/** Counts from now on, where there is a library for it. @throws ArgumentError for what the device can't count */
export function startCounters(device: NativeDevice, names: readonly string[]): void {
    const missing = loadAddon().startCounters(...addressOf(device), names) ?? [];
    if (missing.length > 0) {
        throw new ArgumentError(
            `${device.name} can't count ${missing.join(", ")}${missing.length === names.length ? " at a time" : ""}: \`rocprofv3 --list-avail\` shows its counters`,
        );
    }
}
