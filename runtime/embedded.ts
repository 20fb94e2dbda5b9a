// Kernels as imported functions: what a `.soma` file becomes in a JavaScript program. Such a function finds its GPU by the
// tensors it is called with, and loads its module there once. The modules that bundlers and the Node loader write call this.

import type { KernelArguments } from "./arguments.js";
import { ArgumentError, CodeObjectError } from "./errors.js";
import { Gpu } from "./gpu.js";
import type { Kernel, LaunchOptions, LaunchResult } from "./kernel.js";
import type { KernelModule } from "./module.js";
import { Tensor } from "./tensor.js";

/** A module's kernels in one of two forms. */
export type EmbeddedModule =
    /** Code objects by target, such as `gfx1100`, in base64. */
    | { readonly path: string; readonly codeObjects: Readonly<Record<string, string>> }
    /** Source text, compiled for the GPU that is used. */
    | { readonly path: string; readonly source: string };

/**
 * The kernels of an embedded module by name. The first call on a GPU loads the module there, so await it before anything
 * that is to come after it; from then on a call is a launch as any other.
 */
export function embed(embedded: EmbeddedModule): (name: string) => Kernel {
    const loading = new WeakMap<Gpu, Promise<KernelModule>>();
    const loaded = new WeakMap<Gpu, KernelModule>();

    async function loadOn(gpu: Gpu): Promise<KernelModule> {
        try {
            const module = await loadEmbedded(gpu, embedded);
            loaded.set(gpu, module);
            return module;
        } finally {
            loading.delete(gpu);
        }
    }

    function moduleOn(gpu: Gpu): Promise<KernelModule> {
        let pending = loading.get(gpu);
        if (pending === undefined) {
            pending = loadOn(gpu);
            loading.set(gpu, pending);
        }
        return pending;
    }

    return (name) => {
        const kernel = async (args: KernelArguments, options?: LaunchOptions): Promise<LaunchResult> => {
            const gpu = gpuOf(name, args);
            const module = loaded.get(gpu) ?? (await moduleOn(gpu));
            return kernelOf(module, name)(args, options);
        };
        const enqueue = (args: KernelArguments, options?: LaunchOptions): void => {
            const module = loaded.get(gpuOf(name, args));
            if (module === undefined) {
                throw new ArgumentError(
                    `${name}.enqueue: its module is not loaded on this GPU yet: await a first call of ${name}`,
                );
            }
            kernelOf(module, name).enqueue(args, options);
        };
        return Object.defineProperty(Object.assign(kernel, { enqueue }), "name", { value: name });
    };
}

function loadEmbedded(gpu: Gpu, embedded: EmbeddedModule): Promise<KernelModule> {
    if ("source" in embedded) {
        return gpu.load(embedded);
    }
    const { path, codeObjects } = embedded;
    const codeObject = Object.hasOwn(codeObjects, gpu.target) ? codeObjects[gpu.target] : undefined;
    if (codeObject === undefined) {
        const targets = Object.keys(codeObjects).join(", ");
        throw new CodeObjectError(
            `${path} was compiled for ${targets}, and ${gpu.name} is a ${gpu.target}: add "${gpu.target}" to the plugin's targets`,
        );
    }
    return gpu.load(Buffer.from(codeObject, "base64"));
}

function kernelOf(module: KernelModule, name: string): Kernel {
    const kernel = module.kernels[name];
    if (kernel === undefined) {
        throw new CodeObjectError(`the embedded code object has no kernel ${name}: build the program again`);
    }
    return kernel;
}

/** The GPU of the tensors among the arguments of `name`. */
export function gpuOf(name: string, args: KernelArguments): Gpu {
    const values: readonly unknown[] = typeof args === "object" && args !== null ? Object.values(args) : [];
    const tensor = values.find((value) => value instanceof Tensor);
    if (tensor === undefined || !(tensor.owner instanceof Gpu)) {
        throw new ArgumentError(
            `${name}: an imported kernel runs on the GPU of its tensors, and none of its arguments is a tensor: make one with gpu.tensor(…), or load the file with gpu.load`,
        );
    }
    return tensor.owner;
}
