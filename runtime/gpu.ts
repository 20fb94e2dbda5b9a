// A GPU, real or virtual: tensors, modules, launches and streams. Results are as if everything ran in the order of the calls.

import { sizeOf } from "../codeobject/layout.js";
import { abortable } from "./abort.js";
import type { KernelArguments } from "./arguments.js";
import { requireType, type TensorData, type TensorType } from "./contents.js";
import { copyTensor } from "./copy.js";
import { describeValue } from "./elements.js";
import { ArgumentError, DeviceError, DisposedError, ShapeError } from "./errors.js";
import {
    type DlpackTensor,
    describeTensor,
    requireShared,
    type SharedTensor,
    sharedTensor,
    typeOfDlpack,
} from "./exchange.js";
import { capture, type Graph, refuseInCapture } from "./graph.js";
import type { LaunchLimits } from "./grid.js";
import type { NativeDevice, NativeDisposable, NativeModule } from "./hip/binding.js";
import { completed, native } from "./hip/failure.js";
import type { Kernel } from "./kernel.js";
import type { LaunchQueue } from "./launch.js";
import { type MatrixOptions, type TunedKernel, tunedKernel } from "./matrix/tuned.js";
import {
    type LostBuffer,
    Memory,
    type MemoryKind,
    type MemoryOptions,
    type MemoryStatistics,
} from "./memory/memory.js";
import type { Storage } from "./memory/storage.js";
import { type KernelModule, type LoadInput, type LoadOptions, loadModule } from "./module.js";
import { NetworkDefinition } from "./network/definition.js";
import { Network } from "./network/network.js";
import type { NetworkOptions } from "./network/options.js";
import { type SearchOptions, type SearchResult, search } from "./network/search.js";
import { requireOptions } from "./options.js";
import { type GpuProperties, readProperties } from "./properties.js";
import { type ReportOptions, Reports } from "./reports.js";
import { Resources } from "./resources.js";
import { Scheduler } from "./scheduler.js";
import { requireShape, requireStrides, rowMajor, spanOf } from "./shape.js";
import { Stream, type StreamOptions, type StreamOwner } from "./stream.js";
import { copying } from "./telemetry/copies.js";
import { readSensors, type Sensors } from "./telemetry/sensors.js";
import { Tensor, type TensorOptions, type Transfer, type TransferOptions } from "./tensor.js";
import { Unawaited } from "./unawaited.js";
import { Virtual } from "./virtual.js";

/** An AMD GPU, an NVIDIA GPU, or the virtual one. */
export type GpuKind = "hip" | "cuda" | "virtual";

export interface Limits {
    /** Most instructions a wave of a launch may execute before the kernel is stopped; Infinity for no limit. */
    readonly instructions: number;
}

/** A device that was opened. Freed by `close()` or `using`; a program that ends needs neither. */
export class Gpu implements LaunchQueue, StreamOwner {
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
    readonly scheduler: Scheduler;
    /** @internal */
    readonly counts: boolean;
    /** @internal */
    readonly kernelReports: Reports;
    private readonly unawaited = new Unawaited();
    private readonly allocator: Memory;
    private readonly resources = new Resources();
    /** The code objects of modules, which a reset loads again. */
    private readonly images = new WeakMap<NativeDisposable, Uint8Array>();
    private open = true;

    /** @internal */
    constructor(
        readonly device: NativeDevice,
        readonly kind: GpuKind,
        memory: MemoryOptions = {},
        /** Of a virtual GPU: which of those with its target. */
        number = 0,
    ) {
        this.name = device.name;
        this.target = device.target;
        const virtual = `vgpu:${device.target}${number === 0 ? "" : `:${number}`}`;
        this.id = kind === "virtual" ? virtual : `${kind}:${device.index}`;
        this.properties = native(() => readProperties(device));
        this.virtual = kind === "virtual" ? new Virtual(device) : undefined;
        this.scheduler = new Scheduler(device);
        this.counts = device.counters() !== undefined;
        this.allocator = new Memory(this.id, device, () => this.scheduler.commands.flushQuietly(), memory);
        this.kernelReports = new Reports((bytes) => this.own(native(() => device.allocate(bytes))), this.scheduler);
    }

    /** @internal */
    get launchLimits(): LaunchLimits {
        return this.properties;
    }

    get closed(): boolean {
        return !this.open;
    }

    /** Whether the device has disappeared: every call is a DeviceLostError, unless `reset()` finds it there again. */
    get lost(): boolean {
        return this.device.lost;
    }

    /**
     * Row-major device memory, zero-filled without data.
     * @param shape extents, outermost first
     * @param data row-major; taken when this is called
     * @param options where the memory is: of the device, of the host, or of the device and shared with other processes
     * @throws ArgumentError and ShapeError for data that does not fit; HipError when the memory runs out
     */
    tensor<T extends TensorType>(
        type: T,
        shape: readonly number[],
        data?: TensorData<T>,
        options: TensorOptions = {},
    ): Tensor<T> {
        this.requireOpen("tensor");
        const { memory } = requireOptions("tensor", options);
        if (memory !== undefined && !MEMORY_KINDS.includes(memory)) {
            throw new ArgumentError(`memory is one of ${MEMORY_KINDS.join(", ")}, not ${describeValue(memory)}`);
        }
        return new Tensor<T>(this, type, shape, data, undefined, memory);
    }

    /**
     * Ends everything on the device and makes it usable again: after a fault that it doesn't recover from by itself, or where it had
     * disappeared and is back. Kernels that are loaded can be launched as before; tensors are gone, and the result says which.
     * Other threads of the process that have the device open lose theirs, and reset it as well before they go on.
     * @throws NotSupportedError where the device's library can't; DeviceLostError where the device doesn't come back
     */
    async reset(): Promise<{ readonly lost: readonly LostBuffer[] }> {
        this.requireOpen("reset");
        this.scheduler.commands.forget();
        this.unawaited.take();
        const lost = this.allocator.lose();
        this.kernelReports.forget();
        await completed(() => this.device.reset());
        this.scheduler.renew();
        for (const resource of this.resources.alive) {
            const image = this.images.get(resource);
            if (image !== undefined && !resource.disposed) native(() => (resource as NativeModule).reload(image));
        }
        return { lost };
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
        return abortable("load", requireOptions("load", options).signal, () => loadModule<K>(this, input, options));
    }

    /**
     * A kernel of a source whose launches choose their code: constants with `in [...]` take what was tuned for the shapes at
     * hand, else what an estimate prefers, else what stands in the source.
     * @throws CompileError, LoadError; ArgumentError for results that are none, and where the kernel is not named among several
     */
    async matrix<A extends object = KernelArguments>(
        input: LoadInput,
        options: MatrixOptions = {},
    ): Promise<TunedKernel<A>> {
        this.requireOpen("matrix");
        return tunedKernel<A>(this, input, options);
    }

    /**
     * Makes instances of a network of a module: `gpu.network(module.testNetwork, { seed: 1 })`.
     * @throws ArgumentError for parameters that make no sense; LaunchError where it doesn't fit into memory, before
     * anything is allocated
     */
    network(definition: NetworkDefinition | Kernel<never>, options: NetworkOptions = {}): Network {
        return new Network(this, this.requireNetwork("network", definition), options);
    }

    /**
     * Searches over what a network leaves open, `choose(64, 128)` and `between(0.001, 0.1)`, for what scores best; candidates are
     * evaluated as batches.
     * @throws ArgumentError where nothing is open, or for a file of trials of another search
     */
    search(definition: NetworkDefinition | Kernel<never>, options: SearchOptions): Promise<SearchResult> {
        return search(this, this.requireNetwork("search", definition), options);
    }

    private requireNetwork(what: string, definition: unknown): NetworkDefinition {
        this.requireOpen(what);
        if (definition instanceof NetworkDefinition) return definition;
        throw new ArgumentError(
            `${what} takes a network of a module that this GPU loaded: gpu.${what}(module.testNetwork)`,
        );
    }

    /**
     * Limits every later launch.
     * @throws DeviceError on a device that has no such limits: only the virtual GPU does
     */
    limits(limits: Limits): void {
        this.requireOpen("limits");
        const { instructions } = requireOptions("limits", limits);
        const isCount = Number.isSafeInteger(instructions) && instructions > 0;
        if (!isCount && instructions !== Number.POSITIVE_INFINITY) {
            throw new ArgumentError(`instructions is a positive integer or Infinity, not ${instructions}`);
        }
        if (!native(() => this.device.setInstructionLimit(isCount ? instructions : 0))) {
            throw new DeviceError(`${this.name} can't limit instructions: only the virtual GPU (open("vgpu")) can`);
        }
    }

    /**
     * Clocks, temperature, power and memory of an AMD GPU, and the counters that `open` was asked for; undefined for another device, and
     * without ROCm's librocm_smi64 and librocprofiler-sdk. Takes about a millisecond.
     * @throws DisposedError
     */
    sensors(): Sensors | undefined {
        this.requireOpen("sensors");
        return this.kind === "hip" ? readSensors(this.device) : undefined;
    }

    /**
     * What happens to the prints of later launches' kernels, and how much room they have.
     * @throws ArgumentError
     */
    reports(options: ReportOptions): void {
        this.requireOpen("reports");
        this.kernelReports.configure(requireOptions("reports", options));
    }

    /**
     * Captures what `body` launches on this GPU, without running it:
     *
     *     const graph = await gpu.capture({ a: 2, x, y }, ({ a, x, y }) => {
     *         saxpy.enqueue({ a, x, y });
     *         scale.enqueue({ a, x: y });
     *     });
     *     await graph.replay();
     *     await graph.replay({ a: 3 });
     *
     * In `body` a number among the parameters can be passed to kernels only. What kernels print and
     * assert is reported by each replay.
     * @throws ArgumentError for what is no launch, such as reading a tensor
     */
    async capture<P extends KernelArguments>(parameters: P, body: (parameters: P) => unknown): Promise<Graph<P>> {
        this.requireOpen("capture");
        return capture(this, parameters, body);
    }

    /**
     * A tensor over memory of this device that is somebody else's: an address that another library gave. It is neither
     * initialised nor freed, and nothing says that the address is right.
     * @param strides in elements; row-major without them
     * @throws ArgumentError, ShapeError
     */
    tensorAt<T extends TensorType>(
        address: bigint,
        type: T,
        shape: readonly number[],
        strides: readonly number[] = rowMajor(requireShape(shape)),
    ): Tensor<T> {
        this.requireOpen("tensorAt");
        if (typeof address !== "bigint" || address <= 0n || address >= 2n ** 63n) {
            throw new ArgumentError(`tensorAt: an address is a bigint above 0, not ${describeValue(address)}`);
        }
        requireType(type);
        requireStrides(requireShape(shape), strides);
        const bytes = sizeOf(type) * spanOf(shape, strides);
        if (!Number.isSafeInteger(bytes))
            throw new ShapeError(`tensorAt: ${shape.join(" × ")} elements are more than memory has`);
        const storage = this.allocator.import(address, bytes);
        return new Tensor<T>(this, type, shape, undefined, { storage, strides, offset: 0, owns: true });
    }

    /** A tensor over memory that another library describes as DLPack does. @throws ArgumentError, ShapeError */
    fromDlpack(described: DlpackTensor): Tensor {
        if (typeof described !== "object" || described === null) {
            throw new ArgumentError(
                `fromDlpack takes a tensor as DLPack describes it, not ${describeValue(described)}`,
            );
        }
        const type = typeOfDlpack(described, this.kind);
        const { data, byteOffset = 0, shape, strides } = described;
        if (typeof data !== "bigint" || !Number.isSafeInteger(byteOffset) || byteOffset < 0) {
            throw new ArgumentError("fromDlpack: data is a bigint, and byteOffset an integer from 0");
        }
        return this.tensorAt(data + BigInt(byteOffset), type, shape, strides ?? rowMajor(requireShape(shape)));
    }

    /** A tensor of this GPU as DLPack describes it, for another library; the tensor keeps the memory. @throws ArgumentError */
    toDlpack(tensor: Tensor<TensorType>): DlpackTensor {
        requireOwn(this, "toDlpack", tensor);
        return describeTensor(tensor, this.kind, this.device.index);
    }

    /**
     * What another process of the machine makes a tensor of the same memory from: plain data, to be sent as it is. The tensor was made
     * with `{ memory: "shared" }` and is kept until the others are done; both synchronize before they hand it over.
     * @throws ArgumentError for memory that can't be shared; NotSupportedError
     */
    exportTensor(tensor: Tensor<TensorType>): SharedTensor {
        this.requireOpen("exportTensor");
        requireOwn(this, "exportTensor", tensor);
        return sharedTensor(tensor, (buffer) => native(() => this.device.exportMemory(buffer)));
    }

    /**
     * A tensor of another process's memory; `dispose()` gives it up, and frees nothing.
     * @throws ArgumentError for what `exportTensor` didn't give; HipError where the memory is not there any more
     */
    importTensor(shared: SharedTensor): Tensor<TensorType> {
        this.requireOpen("importTensor");
        const { type, shape, handle, byteOffset } = requireShared(shared);
        const strides = rowMajor(requireShape(shape));
        const bytes = sizeOf(requireType(type)) * spanOf(shape, strides);
        if (!Number.isSafeInteger(byteOffset + bytes)) {
            throw new ShapeError(`importTensor: ${shape.join(" × ")} elements are more than memory has`);
        }
        const storage = this.allocator.open(handle, byteOffset, bytes);
        return new Tensor<TensorType>(this, type, shape, undefined, { storage, strides, offset: 0, owns: true });
    }

    /** What tensors have of the device's memory. */
    get memory(): MemoryStatistics {
        return this.allocator.statistics;
    }

    /** Gives the device back the memory that is kept for later tensors; gives the bytes of that. */
    trim(): number {
        this.requireOpen("trim");
        return this.allocator.trim();
    }

    /**
     * A stream of one's own: for priorities, for times, for what is to run beside everything else.
     * @throws ArgumentError for a priority that is no integer
     */
    stream(options: StreamOptions = {}): Stream {
        this.requireOpen("stream");
        const { priority = 0 } = requireOptions("stream", options);
        if (!Number.isInteger(priority)) {
            throw new ArgumentError(`a stream's priority is an integer, not ${describeValue(priority)}`);
        }
        return new Stream(
            this,
            native(() => this.scheduler.takeLane(priority)),
            priority,
        );
    }

    /**
     * Copies a tensor to another of the same element type and as many elements, both row-major. The source may be a tensor of another
     * device: what devices of one library have goes from one to the other, all else by way of the host.
     * @throws ArgumentError, ShapeError where they don't fit each other; DisposedError
     */
    async copy<T extends TensorType>(
        target: Tensor<T>,
        source: Tensor<T>,
        options: TransferOptions = {},
    ): Promise<void> {
        await copyTensor(this, target, source, options);
    }

    /**
     * Resolves when all that was called before has finished.
     * @throws HipError, KernelFault, AssertionFault, BoundsFault: the first failure that nobody was told of
     */
    async synchronize(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
        this.requireOpen("synchronize");
        const { signal } = requireOptions("synchronize", options);
        await abortable("synchronize", signal, () => this.synchronizeAll());
    }

    private async synchronizeAll(): Promise<void> {
        const { scheduler } = this;
        const lanes = scheduler.used.map((lane) =>
            completed(() => scheduler.give(lane, ({ native }) => native.synchronize())),
        );
        const outcomes = await Promise.allSettled([...this.unawaited.take(), ...lanes]);
        const failed = outcomes.find((outcome) => outcome.status === "rejected");
        if (failed !== undefined) throw failed.reason;
    }

    /** @internal */
    tellLater(operation: Promise<unknown>): void {
        this.unawaited.add(operation);
    }

    /** @internal */
    transfer<T>({ direction, bytes, reads, writes, lane: named, run }: Transfer<T>): Promise<T> {
        // What is new gets its first contents now: no replay is to write them again.
        if (writes?.uses.isFresh !== true) refuseInCapture(this, direction === "device-to-host" ? "read" : "write");
        const { scheduler, id } = this;
        scheduler.begin();
        if (reads !== undefined) scheduler.reads(reads.uses);
        if (writes !== undefined) scheduler.writes(writes.uses);
        const lane = scheduler.choose(named);
        const done = scheduler.give(lane, ({ native: stream }) =>
            copying({ id, stream }, direction, bytes, (ran) => run(stream, ran)),
        );
        reads?.uses.didRead(lane);
        writes?.uses.didWrite(lane);
        // What needs this copy is not to wait for later ones of the stream as well.
        if (named !== undefined) scheduler.record(lane);
        return done;
    }

    /** Frees the tensors and modules of this GPU, after what was called before. Closing again does nothing. */
    close(): void {
        if (this.open) {
            this.open = false;
            this.allocator.close();
            this.resources.dispose();
            this.scheduler.dispose();
        }
    }

    [Symbol.dispose](): void {
        this.close();
    }

    [Symbol.for("nodejs.util.inspect.custom")](): string {
        return `Gpu ${this.id} (${this.name})`;
    }

    /** @internal */
    requireOpen(place: string): void {
        if (!this.open) {
            throw new DisposedError(`${place}: ${this.name} was closed`);
        }
    }

    /** @internal */
    allocate(bytes: number, what: () => string, kind: MemoryKind | undefined): Storage {
        return this.allocator.allocate(bytes, what, kind);
    }

    /** @internal A module that is loaded from that code object. */
    ownModule(module: NativeModule, codeObject: Uint8Array): NativeModule {
        this.images.set(module, codeObject);
        return this.own(module);
    }

    /** @internal Frees it at `close()`, unless it is freed or collected before. */
    own<T extends NativeDisposable>(resource: T): T {
        this.resources.add(resource);
        return resource;
    }
}

const MEMORY_KINDS: readonly unknown[] = ["device", "host", "shared"] satisfies MemoryKind[];

function requireOwn(gpu: Gpu, place: string, tensor: unknown): void {
    if (!(tensor instanceof Tensor) || tensor.owner !== gpu) {
        throw new ArgumentError(`${place} takes a tensor of ${gpu.id}, not ${describeValue(tensor)}`);
    }
    tensor.requireLive(place);
}
