// What a device tells of itself.

import type { LaunchLimits } from "./grid.js";
import type { NativeDevice } from "./hip/binding.js";

/** What a device has. */
export interface GpuProperties extends LaunchLimits {
    /** Compute units; on RDNA, as HIP counts them, these may be workgroup processors. */
    readonly computeUnits: number;
    /** Work-items of a wave. */
    readonly waveSize: number;
    /** Bytes of device memory. */
    readonly memoryBytes: number;
    readonly clockMHz: number;
}

export function readProperties(device: NativeDevice): GpuProperties {
    const get = device.attribute.bind(device);
    return {
        computeUnits: get("multiprocessorCount"),
        waveSize: get("warpSize"),
        maxWorkgroupSize: get("maxThreadsPerBlock"),
        maxWorkgroup: [get("maxBlockDimX"), get("maxBlockDimY"), get("maxBlockDimZ")],
        maxGrid: [get("maxGridDimX"), get("maxGridDimY"), get("maxGridDimZ")],
        ldsBytes: get("maxSharedMemoryPerBlock"),
        memoryBytes: device.memory().total,
        clockMHz: get("clockRateKHz") / 1000,
    };
}
