// Loading kernels: from a file, source text or a code object to functions by name.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isBundle, readBundle } from "../codeobject/bundle.js";
import { type CodeObject, readCodeObject } from "../codeobject/codeobject.js";
import type { KernelManifest, Manifest, ReportManifest } from "../codeobject/manifest.js";
import type { NetworkManifest } from "../codeobject/network/manifest.js";
import { runsOn } from "../codeobject/runs-on.js";
import type { Bounds, OptimisationLevel } from "../compiler/codegen.js";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.js";
import type { CodeObjectVersion } from "../compiler/targets/targets.js";
import type { KernelArguments } from "./arguments.js";
import { describeValue } from "./elements.js";
import { ArgumentError, CodeObjectError, DisposedError, LoadError } from "./errors.js";
import type { Gpu } from "./gpu.js";
import type { NativeModule } from "./hip/binding.js";
import { completed, native } from "./hip/failure.js";
import type { Kernel, LaunchOptions, LaunchResult } from "./kernel.js";
import { Launcher } from "./launch.js";
import { NetworkDefinition } from "./network/definition.js";

/**
 * A path or file URL of a `.soma`, `.hsaco` or `.ptx` file, the bytes of a code object or of a bundle of them, or source text with a
 * name for errors.
 */
export type LoadInput = string | URL | Uint8Array | { readonly source: string; readonly path?: string };

export interface LoadOptions {
    /** For source; default 3. */
    readonly optimisation?: OptimisationLevel | undefined;
    /**
     * For source: whether a kernel stops at an access out of bounds with a BoundsFault. Default `checked` at 0, else
     * `unchecked`, where such an access is undefined.
     */
    readonly bounds?: Bounds | undefined;
    /** For source: of AMD's code objects. Default 5; 4 for older versions of ROCm. */
    readonly codeObjectVersion?: CodeObjectVersion | undefined;
    /**
     * For source: values of its constants and of the constant parameters of its kernels, by name, in place of those that
     * stand there.
     */
    readonly const?: Readonly<Record<string, number | bigint | boolean>> | undefined;
    /** For source: extents of dimensions, which code is made for; a launch with others is a ShapeError. */
    readonly dims?: Readonly<Record<string, number>> | undefined;
    /** Ends the wait with an AbortError. */
    readonly signal?: AbortSignal | undefined;
}

/** What a module has beside its kernels. A kernel of such a name, or named `then`, is found in `kernels` alone. */
export interface ModuleMembers {
    /** All kernels by name. */
    readonly kernels: Readonly<Record<string, Kernel>>;
    /** All networks by name, for `gpu.network`. */
    readonly networks: Readonly<Record<string, NetworkDefinition>>;
    readonly manifest: Manifest;
    /** The code object that is loaded; it can be kept and loaded again. */
    readonly codeObject: Uint8Array;
    /** How the source was compiled; undefined where there was none. */
    readonly compilation: { readonly milliseconds: number; readonly warnings: readonly Diagnostic[] } | undefined;
    /** Unloads it, after the launches that were called before. Its kernels can't be called any more. */
    dispose(): void;
    [Symbol.dispose](): void;
}

/**
 * Kernels and networks by name: `K` gives their names, or the types of their arguments by name, and `NetworkDefinition`
 * for a network.
 */
export type KernelModule<K extends string | object = string> = ModuleMembers &
    ([K] extends [string]
        ? { readonly [name in K]: Kernel }
        : {
              readonly [name in keyof K]: K[name] extends NetworkDefinition
                  ? NetworkDefinition
                  : Kernel<K[name] extends object ? K[name] : KernelArguments>;
          });

export async function loadModule<K extends string | object>(
    gpu: Gpu,
    input: LoadInput,
    options: LoadOptions,
): Promise<KernelModule<K>> {
    const { codeObject: image, name, compilation } = await obtain(gpu, input, options);
    const codeObject = isBundle(image) ? unbundle(image, gpu, name) : image;
    const manifest = requireManifest(describe(codeObject, name), gpu, name);
    options.signal?.throwIfAborted();
    const module = gpu.ownModule(await completed(() => gpu.device.loadModule(codeObject)), codeObject);
    const kernels = Object.fromEntries(
        manifest.kernels.map((kernel) => [kernel.name, makeKernel(gpu, module, kernel, manifest.reports)]),
    );
    const networks = Object.fromEntries(
        (manifest.networks ?? []).map((network) => [network.name, defineNetwork(network, manifest, module)]),
    );
    const dispose = (): void => module.dispose();
    const members: ModuleMembers = {
        kernels,
        networks,
        manifest,
        codeObject,
        compilation,
        dispose,
        [Symbol.dispose]: dispose,
    };
    // A function named `then` would make the module a promise to whoever awaits it.
    const { then: _, ...named } = { ...kernels, ...networks };
    return Object.defineProperties(named, hidden(members)) as unknown as KernelModule<K>;
}

function defineNetwork(network: NetworkManifest, { kernels }: Manifest, module: NativeModule): NetworkDefinition {
    const own = kernels.filter(({ name }) => name.startsWith(`${network.name}__`));
    const all = own.map(
        (manifest) => [manifest.name, { manifest, native: native(() => module.kernel(manifest.symbol)) }] as const,
    );
    return new NetworkDefinition(network, new Map(all));
}

interface Obtained {
    readonly codeObject: Uint8Array;
    /** What errors call it. */
    readonly name: string;
    readonly compilation?: ModuleMembers["compilation"];
}

async function obtain(gpu: Gpu, input: LoadInput, options: LoadOptions): Promise<Obtained> {
    if (input instanceof Uint8Array) {
        // The caller may change its array; what was checked is what is loaded.
        return { codeObject: Uint8Array.from(input), name: "the code object" };
    }
    if (typeof input === "string" || input instanceof URL) {
        const path = typeof input === "string" ? input : fileURLToPath(input);
        const bytes = await readInput(path);
        return /\.(hsaco|ptx)$/.test(path)
            ? { codeObject: bytes, name: path }
            : compileFor(gpu, bytes.toString("utf8"), path, options);
    }
    if (typeof input !== "object" || input === null || typeof input.source !== "string") {
        throw new ArgumentError(
            `load takes the path of a .soma, .hsaco or .ptx file, the bytes of a code object, or { source }, not ${describeValue(input)}`,
        );
    }
    return compileFor(gpu, input.source, input.path ?? "source.soma", options);
}

async function readInput(path: string): Promise<Buffer> {
    if (!/\.(soma|hsaco|ptx)$/.test(path)) {
        throw new ArgumentError(
            `load takes a path that ends in .soma, .hsaco or .ptx, not ${describeValue(path)}: source text is passed as { source }`,
        );
    }
    try {
        return await readFile(path);
    } catch (error) {
        const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : String(error);
        throw new LoadError(`can't read ${path}: ${reason}`, { cause: error });
    }
}

async function compileFor(gpu: Gpu, text: string, path: string, options: LoadOptions): Promise<Obtained> {
    const started = performance.now();
    const { optimisation = 3, bounds, codeObjectVersion } = options;
    const specialisation = { const: requireValues("const", options.const), dims: requireValues("dims", options.dims) };
    const source = { path, text };
    const request = { source, device: gpu.target, optimisation, bounds, codeObjectVersion, specialisation };
    // Loaded only here: code objects need no compiler.
    const { compileSource } = await import("./compile/index.js");
    const { codeObject, warnings } = await compileSource(request);
    return { codeObject, name: path, compilation: { milliseconds: performance.now() - started, warnings } };
}

const VALUE_TYPES: readonly string[] = ["number", "bigint", "boolean"];

/** What the compiler is asked with is plain data; whether the names and values fit, it says itself. */
function requireValues<V>(
    option: string,
    values: Readonly<Record<string, V>> | undefined,
): Readonly<Record<string, V>> {
    if (values === undefined) return {};
    if (typeof values !== "object" || values === null) {
        throw new ArgumentError(`${option} takes values by name, such as { n: 64 }, not ${describeValue(values)}`);
    }
    for (const [name, value] of Object.entries(values)) {
        if (!VALUE_TYPES.includes(typeof value)) {
            throw new ArgumentError(
                `${option}: ${name} must be a number, a bigint or a boolean, not ${describeValue(value)}`,
            );
        }
    }
    return { ...values };
}

function describe(codeObject: Uint8Array, name: string): CodeObject {
    return named(name, () => readCodeObject(codeObject));
}

/** Puts the code object's name before what is wrong with it. */
function named<T>(name: string, read: () => T): T {
    try {
        return read();
    } catch (error) {
        throw error instanceof CodeObjectError ? new CodeObjectError(`${name}: ${error.message}`) : error;
    }
}

/** A bundle's code object for the device, or for a generic target that stands for it. */
function unbundle(bytes: Uint8Array, gpu: Gpu, name: string): Uint8Array {
    const entries = named(name, () => readBundle(bytes));
    const fitting =
        entries.find(({ target }) => target === gpu.target) ?? entries.find(({ target }) => runsOn(target, gpu.target));
    if (fitting === undefined) {
        const targets = entries.map(({ target }) => target).join(", ");
        throw new CodeObjectError(
            `${name} is a bundle for ${targets || "no AMD GPU"}, and ${gpu.name} is a ${gpu.target}: compile it with --target ${gpu.target} as well`,
        );
    }
    return fitting.codeObject;
}

function requireManifest({ target, manifest }: CodeObject, gpu: Gpu, name: string): Manifest {
    if (!runsOn(target, gpu.target)) {
        throw new CodeObjectError(
            `${name} is compiled for ${target}, and ${gpu.name} is a ${gpu.target}: compile it with --target ${gpu.target}, or open a device of ${target}`,
        );
    }
    if (manifest === undefined) {
        throw new CodeObjectError(
            `${name} has no Soma manifest, so that its kernels' arguments are unknown: it was not compiled by Soma`,
        );
    }
    return manifest;
}

function makeKernel(
    gpu: Gpu,
    module: NativeModule,
    manifest: KernelManifest,
    reports: readonly ReportManifest[],
): Kernel {
    const nativeKernel = native(() => module.kernel(manifest.symbol));
    const launcher = new Launcher(gpu, manifest, reports, nativeKernel);
    const requireLive = (): void => {
        gpu.requireOpen(manifest.name);
        if (module.disposed) {
            throw new DisposedError(`${manifest.name}: its module was disposed`);
        }
    };
    const kernel = (args: KernelArguments, options?: LaunchOptions): Promise<LaunchResult> => {
        try {
            requireLive();
        } catch (error) {
            return Promise.reject(error);
        }
        return launcher.call(args, options);
    };
    const enqueue = (args: KernelArguments, options?: LaunchOptions): void => {
        requireLive();
        launcher.enqueue(args, options);
    };
    return Object.defineProperty(Object.assign(kernel, { enqueue }), "name", { value: manifest.name });
}

/** Properties that are there but not listed, beside the kernels that are. */
function hidden(members: ModuleMembers): PropertyDescriptorMap {
    const descriptors = Object.getOwnPropertyDescriptors(members) as PropertyDescriptorMap;
    return Object.fromEntries(
        Reflect.ownKeys(descriptors).map((key) => [key, { ...descriptors[key as string], enumerable: false }]),
    );
}
