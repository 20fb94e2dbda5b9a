// Clocks, temperature, power and memory of an AMD GPU, as ROCm's system management library tells them.

import { loadAddon } from "../hip/addon.js";
import type { NativeDevice, NativeSensors } from "../hip/binding.js";
import { native } from "../hip/failure.js";

/** Clocks in MHz, memory in bytes; what the GPU has no sensor for is missing. */
export type Sensors = NativeSensors;

/**
 * Undefined where there is no librocm_smi64, or it doesn't know the device. SOMA_SMI_LIBRARY names a library in place of ROCm's.
 */
export function readSensors(device: NativeDevice): Sensors | undefined {
    return native(() =>
        loadAddon().readSensors(
            device.attribute("pciDomainId"),
            device.attribute("pciBusId"),
            device.attribute("pciDeviceId"),
            process.env.SOMA_SMI_LIBRARY,
        ),
    );
}
