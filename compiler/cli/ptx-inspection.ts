// What PTX says of its kernels. Registers and occupancy are not in it: the driver gives registers out when it loads it.

import type { PtxCodeObject } from "../../codeobject/codeobject.js";
import { type DeclaredInspection, declaredPart } from "./inspection.js";

/** What `soma inspect --json` prints for PTX. Sizes are in bytes. */
export interface PtxInspection {
    readonly target: string;
    readonly ptxVersion: string;
    /** Null, as are the other fields of the manifest, for PTX that Soma did not make. */
    readonly compiler: string | null;
    readonly kernels: readonly PtxKernelInspection[];
}

interface PtxKernelInspection extends DeclaredInspection {
    /** Null where it may have any. */
    readonly requiredWorkgroupSize: readonly number[] | null;
}

export function inspectPtx({ target, version, kernels, manifest }: PtxCodeObject): PtxInspection {
    return {
        target,
        ptxVersion: version,
        compiler: manifest?.compiler ?? null,
        kernels: kernels.map((kernel) => {
            const declared = manifest?.kernels.find(({ symbol }) => symbol === kernel.name);
            return {
                ...declaredPart({ name: kernel.name, symbol: kernel.name }, declared),
                arguments: kernel.arguments.map(({ offset, size }) => {
                    const name = declared?.arguments.find((argument) => argument.offset === offset)?.name ?? null;
                    return { name, offset, size, kind: "by_value" };
                }),
                argumentBytes: kernel.argumentBytes,
                ldsBytes: kernel.sharedBytes,
                requiredWorkgroupSize: kernel.requiredWorkgroupSize ?? null,
            };
        }),
    };
}
