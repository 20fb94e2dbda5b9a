// A network of a loaded module: what `gpu.network` makes instances of.

import type { KernelManifest } from "../../codeobject/manifest.js";
import type { NetworkManifest } from "../../codeobject/network/manifest.js";
import { CodeObjectError } from "../errors.js";
import type { NativeKernel } from "../hip/binding.js";

export class NetworkDefinition {
    /** @internal */
    constructor(
        readonly manifest: NetworkManifest,
        private readonly kernels: ReadonlyMap<
            string,
            { readonly manifest: KernelManifest; readonly native: NativeKernel }
        >,
    ) {}

    get name(): string {
        return this.manifest.name;
    }

    /** @internal */
    kernel(name: string): { readonly manifest: KernelManifest; readonly native: NativeKernel } {
        const kernel = this.kernels.get(name);
        if (kernel === undefined) {
            throw new CodeObjectError(
                `the code object is damaged: its network ${this.name} launches ${name}, which is no kernel of it`,
            );
        }
        return kernel;
    }
}
