// A GPU, real or virtual: tensors, modules and launches. Everything on it runs in the order it is called.

import { ArgumentError, DeviceError, DisposedError } from "./errors.js";
import type { LaunchLimits } from "./grid.js";
import type { NativeBuffer, NativeDevice, NativeDisposable, NativeStream } from "./hip/binding.js";
import { completed, native } from "./hip/failure.js";
import type { Kernel, LaunchQueue } from "./launch.js";
import { type KernelModule, type LoadInput, type LoadOptions, loadModule } from "./module.js";
import { NetworkDefinition } from "./network/definition.js";
import { Network, type NetworkOptions } from "./network/network.js";
import { type ReportOptions, Reports } from "./reports.js";
import { emitMemory } from "./telemetry/memory.js";
import { Tensor, type TensorData, type TensorOwner, type TensorType } from "./tensor.js";
import { Virtual } from "./virtual.js";

/** An AMD GPU, an NVIDIA GPU, or the virtual one. */
export type GpuKind = "hip" | "cuda" | "virtual";

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

export interface Limits {
    /** Most instructions a wave of a launch may execute before the kernel is stopped; Infinity for no limit. */
    readonly instructions: number;
}

/** A device that was opened. Freed by `close()` or `using`; a program that ends needs neither. */
export class Gpu implements TensorOwner, LaunchQueue {
    /** Such as `Soma virtual GPU (gfx1100)`. */
    readonly name: string;
    /** What `open` takes for it, such as `hip:0` or `vgpu:gfx1100`. */
    readonly id: string;
    /** The gfx target, such as `gfx1100`. */
    readonly target: string;
    readonly properties: GpuProperties;
    /** What only the virtual GPU can tell of launches; undefined on other devices. */
    readonly virtual: Virtual | undefined;
    /** @internal */
    readonly stream: NativeStream;
    /** @internal */
    readonly kernelReports: Reports;
    private readonly resources = new Resources();
    private open = true;

    /** @internal */
    constructor(
        readonly device: NativeDevice,
        readonly kind: GpuKind,
    ) {
        this.name = device.name;
        this.target = device.target;
        this.id = kind === "virtual" ? `vgpu:${device.target}` : `${kind}:${device.index}`;
        this.properties = native(() => readProperties(device));
        this.virtual = kind === "virtual" ? new Virtual(device) : undefined;
        this.stream = native(() => device.createStream());
        this.kernelReports = new Reports((bytes) => this.allocate(bytes), this.stream);
    }

    /** @internal */
    get launchLimits(): LaunchLimits {
        return this.properties;
    }

    get closed(): boolean {
        return !this.open;
    }

    /**
     * Row-major device memory, zero-filled without data.
     * @param shape extents, outermost first
     * @param data row-major; taken when this is called
     * @throws ArgumentError and ShapeError for data that does not fit; HipError when the memory runs out
     */
    tensor<T extends TensorType>(type: T, shape: readonly number[], data?: TensorData<T>): Tensor<T> {
        this.requireOpen("tensor");
        return new Tensor<T>(this, type, shape, data);
    }

    /**
     * Loads kernels: a `.soma` file, which is compiled for this device, an `.hsaco` or `.ptx` file, the bytes of a code object, or
     * `{ source }`. The kernels are the result's properties: `const { saxpy } = await gpu.load<"saxpy">("saxpy.soma")`.
     * The type argument is for TypeScript alone: the kernels' names, or their argument types by name.
     * @throws CompileError, CodeObjectError, LoadError, HipError
     */
    async load<K extends string | object = string>(
        input: LoadInput,
        options: LoadOptions = {},
    ): Promise<KernelModule<K>> {
        this.requireOpen("load");
        return loadModule<K>(this, input, options);
    }

    /**
     * Makes instances of a network of a module: `gpu.network(module.testNetwork, { seed: 1 })`.
     * @throws ArgumentError for parameters that make no sense; LaunchError where it doesn't fit into memory, before
     * anything is allocated
     */
    network(definition: NetworkDefinition | Kernel<never>, options: NetworkOptions = {}): Network {
        this.requireOpen("network");
        if (!(definition instanceof NetworkDefinition)) {
            throw new ArgumentError(
                "network takes a network of a module that this GPU loaded: gpu.network(module.testNetwork)",
            );
        }
        return new Network(this, definition, options);
    }

    /**
     * Limits every later launch.
     * @throws DeviceError on a device that has no such limits: only the virtual GPU does
     */
    limits({ instructions }: Limits): void {
        this.requireOpen("limits");
        const isCount = Number.isSafeInteger(instructions) && instructions > 0;
        if (!isCount && instructions !== Number.POSITIVE_INFINITY) {
            throw new ArgumentError(`instructions is a positive integer or Infinity, not ${instructions}`);
        }
        if (!native(() => this.device.setInstructionLimit(isCount ? instructions : 0))) {
            throw new DeviceError(`${this.name} can't limit instructions: only the virtual GPU (open("vgpu")) can`);
        }
    }

    /**
     * What happens to the prints of later launches' kernels, and how much room they have.
     * @throws ArgumentError
     */
    reports(options: ReportOptions): void {
        this.requireOpen("reports");
        this.kernelReports.configure(options);
    }

    /** Resolves when all that was called before has finished. */
    async synchronize(): Promise<void> {
        this.requireOpen("synchronize");
        await completed(() => this.stream.synchronize());
    }

    /** Frees the tensors and modules of this GPU, after what was called before. Closing again does nothing. */
    close(): void {
        if (this.open) {
            this.open = false;
            this.resources.dispose();
            this.stream.dispose();
        }
    }

    [Symbol.dispose](): void {
        this.close();
    }

    /** @internal */
    requireOpen(place: string): void {
        if (!this.open) {
            throw new DisposedError(`${place}: ${this.name} was closed`);
        }
    }

    /** @internal */
    allocate(bytes: number): NativeBuffer {
        const buffer = native(() => this.device.allocate(bytes));
        emitMemory("allocate", this.id, buffer);
        return this.own(buffer);
    }

    /** @internal Frees it at `close()`, unless it is freed or collected before. */
    own<T extends NativeDisposable>(resource: T): T {
        this.resources.add(resource);
        return resource;
    }
}

/** What a device frees when it is closed; it keeps nothing from being collected. */
class Resources {
    private readonly references = new Set<WeakRef<NativeDisposable>>();
    private readonly collected = new FinalizationRegistry<WeakRef<NativeDisposable>>((reference) => {
        this.references.delete(reference);
    });

    add(resource: NativeDisposable): void {
        const reference = new WeakRef(resource);
        this.references.add(reference);
        this.collected.register(resource, reference);
    }

    dispose(): void {
        for (const reference of this.references) {
            reference.deref()?.dispose();
        }
        this.references.clear();
    }
}

function readProperties(device: NativeDevice): GpuProperties {
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
