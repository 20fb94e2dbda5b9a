// The API of the native addon `build/native/soma_hip.node` (native/hip): types only.
// Invariants: whatever takes time is a method of a stream and gives a promise; operations of one stream run in the order
// of the calls; a handle frees what it owns once, by `dispose()` or, at last, when it is collected; a disposed handle
// refuses to be used; an operation that was queued before `dispose()` still runs.
//
// Three kinds of errors come out of it:
// - `NativeHipError`: a HIP call failed (thrown, or the rejection of an operation's promise);
// - `NativeLibraryError`: no library, or one that lacks required functions;
// - `TypeError` and `RangeError`: an argument that could not be passed to HIP at all (wrong kind, disposed handle,
//   detached array, offset or size outside a buffer).

/** A HIP call failed. */
export interface NativeHipError extends Error {
    /** HIP's name of the code, such as `hipErrorOutOfMemory`. */
    readonly name: string;
    /** The HIP function, such as `hipMalloc`. */
    readonly call: string;
    /** The value of hipError_t. */
    readonly code: number;
    /** hipGetErrorString's text. */
    readonly text: string;
    /** What was asked for, such as `4096 bytes on device 0 (gfx1100)`. */
    readonly asked: string;
    /** What went wrong in words, from a library that can say it (the virtual GPU). */
    readonly fault?: string;
    /** What to do about it, where that is known. */
    readonly help?: string;
}

/** A library could not be loaded or is no HIP library. */
export interface NativeLibraryError extends Error {
    readonly name: "HipLibraryError";
    /** The path or the candidates that were tried. */
    readonly path: string;
    /** The required functions that it lacks; empty when it could not be loaded. */
    readonly missing: readonly string[];
    readonly help?: string;
}

/** Clocks in MHz, memory in bytes. */
export interface NativeSensors {
    readonly temperatureCelsius?: number;
    readonly powerWatts?: number;
    readonly coreMHz?: number;
    readonly memoryMHz?: number;
    readonly usedBytes?: number;
    readonly totalBytes?: number;
    /** Of the time, how much the GPU was busy lately. */
    readonly busyPercent?: number;
    /** What was counted since the device was opened, over all of its parts, by the names that `open` was given. */
    readonly counters?: Readonly<Record<string, number>>;
}

export interface NativeBinding {
    /** The names and paths that `openHip` tries, in order. */
    readonly hipCandidates: readonly string[];
    /** Loads a shared library that exports HIP's C ABI, by path or by a name the dynamic linker finds. */
    openLibrary(path: string): NativeLibrary;
    /**
     * Loads the first of `hipCandidates` there is and checks that it has a device. Without a library a
     * `NativeLibraryError`, without a device a `NativeHipError`; both have a `help` that says what to do.
     */
    openHip(): NativeLibrary;
    /**
     * Opens a channel for the tickets of commands, and gives its number.
     * @param results where ends are put: the ticket, the milliseconds that it took, and when it began (NativeRan), three numbers each
     * @param settled is told how many ends there are; must not throw, as `failed`
     */
    openChannel(
        results: Float64Array,
        settled: (count: number) => void,
        failed: (ticket: number, error: Error) => void,
    ): number;
    /**
     * What ROCm's system management library tells of the device at a PCI address, and what is counted there; undefined where there
     * is neither. What the library doesn't know is missing.
     * @param library its path; by default where ROCm puts it
     */
    readSensors(domain: number, bus: number, device: number, library?: string): NativeSensors | undefined;
    /**
     * Registers with ROCm's profiling library; false where there is none, or HIP is in use already. Before HIP's library is opened.
     * @param library its path; by default where ROCm puts it
     */
    prepareCounters(library?: string): boolean;
    /**
     * Counts these from now on, and nothing else, on the device at a PCI address. Gives those that it can't count, all of them where they
     * are too many at a time, and counts nothing then; undefined where nothing was prepared, or there is no such device.
     */
    startCounters(domain: number, bus: number, device: number, names: readonly string[]): readonly string[] | undefined;
}

export interface NativeDisposable {
    /** Frees it; calling it again does nothing. */
    dispose(): void;
    readonly disposed: boolean;
}

export interface NativeLibrary {
    readonly path: string;
    /** As hipRuntimeGetVersion gives it: major · 10⁷ + minor · 10⁵ + patch. */
    readonly runtimeVersion: number;
    /** The version of the `somaVgpu…` ABI (runtime of the virtual GPU), undefined for any other library. */
    readonly virtualAbiVersion: number | undefined;
    /** Zero where the library finds no device; throws where it can say why (SOMA_VGPU lists an unknown target). */
    deviceCount(): number;
    device(index: number): NativeDevice;
    /**
     * Makes the virtual devices of this process those of a list of targets, such as `["gfx1100", "gfx942"]`. A device
     * whose place and target stay the same is kept; one that would go must have nothing alive on it. A `TypeError` on a
     * library that is not virtual.
     */
    configureVirtualDevices(targets: readonly string[]): void;
}

/** Attributes a launch needs; the numbers are the device's own. */
export type NativeAttribute =
    | "warpSize"
    | "multiprocessorCount"
    | "maxThreadsPerBlock"
    | "maxThreadsPerMultiprocessor"
    | "maxBlockDimX"
    | "maxBlockDimY"
    | "maxBlockDimZ"
    | "maxGridDimX"
    | "maxGridDimY"
    | "maxGridDimZ"
    | "maxSharedMemoryPerBlock"
    | "maxSharedMemoryPerMultiprocessor"
    | "maxRegistersPerBlock"
    | "clockRateKHz"
    | "l2CacheBytes"
    | "computeCapabilityMajor"
    | "computeCapabilityMinor"
    | "integrated"
    | "pciBusId"
    | "pciDeviceId"
    | "pciDomainId";

/** What the virtual GPU counted on a device since it was created; a difference of two gives a launch's. */
export interface NativeCounters {
    /** Kernels that finished. */
    readonly launches: number;
    readonly waves: number;
    /** Instructions executed, counted once a wave. */
    readonly instructions: number;
    readonly [name: string]: number;
}

export interface NativeDevice {
    readonly index: number;
    readonly name: string;
    /** The bare target, such as `gfx90a`, for code generation. */
    readonly target: string;
    /** As the library gives it, with features: `gfx90a:sramecc+:xnack-`. */
    readonly architecture: string;
    attribute(name: NativeAttribute): number;
    /** In bytes. */
    memory(): { readonly free: number; readonly total: number };
    /**
     * Device memory, uninitialised. Zero bytes are allowed and have the address 0.
     * @param pooled from the device's own pool where it has one (hipMallocAsync), so that giving it back waits for nothing
     */
    allocate(bytes: number, pooled?: boolean): NativeBuffer;
    /** Pinned memory of the host, zeroed, that kernels reach at `address` and this program in `host()`. */
    allocateHost(bytes: number): NativeBuffer;
    /** Memory of the device that is somebody else's: used, and not freed. Nothing says that the address is right. */
    import(address: bigint, bytes: number): NativeBuffer;
    /** What another process of the machine opens the buffer by: it must be none of the pool's. 64 bytes. */
    exportMemory(buffer: NativeBuffer): Uint8Array;
    openMemory(handle: Uint8Array, bytes: number): NativeBuffer;
    /** Whether a call said that the device has gone. Every later one says so. */
    readonly lost: boolean;
    /** Ends and frees everything on the device, of all threads of the process, and makes it usable again. */
    reset(): Promise<void>;
    /** Loads a code object or a clang offload bundle (copied). Decoding happens off the event loop. */
    loadModule(image: Uint8Array): Promise<NativeModule>;
    /** @param priority lower numbers come first; clamped to what the device has; default 0 */
    createStream(priority?: number): NativeStream;
    createEvent(): NativeEvent;
    /**
     * A graph of launches and copies (as commands of runtime/commands.ts, one behind the other), undefined where the library has none.
     * @param edges pairs of nodes: the second runs behind the first, which is before it in the commands
     */
    createGraph(commands: Uint8Array, edges: Uint32Array): NativeGraph | undefined;
    /**
     * Gives the first `bytes` of a command buffer (runtime/commands.ts) to the streams that they name. The memory that
     * launches use is not looked at: the caller keeps it until then.
     * @param channel of the tickets of the commands: those with one are launches, copies or replays
     */
    submit(commands: ArrayBuffer, bytes: number, channel: number): void;
    /** Waits, here and now, until everything that was submitted on any stream has ended. For when memory ran out. */
    drain(): void;
    /** Undefined where the library cannot count. */
    counters(): NativeCounters | undefined;
    /** Counts in detail from now on, or no longer. Returns false where the library can't. */
    setProfiling(on: boolean): boolean;
    /** Checks later launches (the sanitizer), or no longer. Returns false where the library can't. */
    setSanitizing(on: boolean): boolean;
    /** JSON of what was found since then. */
    sanitizerReports(): string | undefined;
    /** JSON of what later launches record (spec/vgpu.md, "Traces"). Returns false where the library can't. */
    setTrace(settings: string): boolean;
    /** JSON of what was recorded since then (runtime/virtual-trace.ts has its type). */
    trace(): string | undefined;
    /** JSON of what was counted since profiling was switched on (runtime/virtual.ts has its type). */
    profile(): string | undefined;
    /**
     * Most instructions that one wave may execute before its launch is stopped with an error (`hipErrorLaunchTimeOut`);
     * 0 is no limit. Returns false where the library has no such limit.
     */
    setInstructionLimit(instructions: number): boolean;
}

export interface NativeBuffer extends NativeDisposable {
    readonly device: NativeDevice;
    /** The device address. */
    readonly address: bigint;
    readonly bytes: number;
    /** Whether `host()` has it. */
    readonly isHost: boolean;
    /** The memory itself, of what `allocateHost` gave; detached when it is disposed of. */
    host(): ArrayBuffer;
}

export interface NativeModule extends NativeDisposable {
    /** Loads the code object again, after the device was reset: kernels of before work again. */
    reload(image: Uint8Array): void;
    /** Throws a NativeHipError (`hipErrorNotFound`) when the module has no such kernel. */
    kernel(name: string): NativeKernel;
    /** A global variable of the module. */
    global(name: string): { readonly address: bigint; readonly bytes: number };
}

/** A kernel keeps its module loaded. */
export interface NativeKernel {
    /** Its number in commands. */
    readonly slot: number;
    readonly name: string;
    /** Work-items of the largest workgroup it can be launched with. */
    readonly maxThreadsPerBlock: number;
    /** Static LDS of a workgroup. */
    readonly sharedBytes: number;
    /** Scratch of a work-item. */
    readonly localBytes: number;
    /** Vector registers of a work-item. */
    readonly registers: number;
    /** How many of its workgroups a compute unit, as `multiprocessorCount` has them, holds at once. */
    resident(workItems: number, dynamicSharedBytes: number): number;
}

export interface NativeLaunch {
    /** Workgroups on each axis, x first: each at least 1. */
    readonly grid: readonly [number, number, number];
    /** Work-items of a workgroup on each axis. */
    readonly block: readonly [number, number, number];
    /** LDS beyond what the kernel declares, in bytes; default 0. */
    readonly dynamicSharedBytes?: number;
    /** The kernel's argument buffer, without hidden arguments (copied). */
    readonly arguments: Uint8Array;
    /** What the kernel uses: freed only after the launch, whenever it is disposed. */
    readonly buffers?: readonly NativeBuffer[];
}

/**
 * Where an operation puts when it ran, before its promise resolves: the start, on the device's clock, and how long it took, in
 * milliseconds. The start is NaN where the device could not measure it. That clock begins with what is first measured so.
 */
export type NativeRan = Float64Array;

/**
 * A queue of operations. An operation that fails rejects its promise; what was queued behind a kernel that faulted
 * rejects with the same fault, and the stream is usable again.
 */
export interface NativeStream extends NativeDisposable {
    readonly device: NativeDevice;
    /** Its number in commands. */
    readonly slot: number;
    /** How many operations were submitted; commands count as one each. */
    readonly submitted: number;
    /** How many of them have ended, counted in their order. */
    readonly completed: number;
    /** Copies `source` (a snapshot of it, taken now) to the buffer. */
    write(buffer: NativeBuffer, byteOffset: number, source: Uint8Array, ran?: NativeRan): Promise<void>;
    /** Copies bytes of the buffer to a new ArrayBuffer. */
    read(buffer: NativeBuffer, byteOffset: number, bytes: number, ran?: NativeRan): Promise<ArrayBuffer>;
    /** Sets each byte of a range to `value` (0 to 255). */
    fill(buffer: NativeBuffer, byteOffset: number, bytes: number, value: number, ran?: NativeRan): Promise<void>;
    /**
     * Sets the whole buffer: `head` at its start, the rest to zero. What is queued behind it needs that: where it fails, what was queued
     * before the failure was told rejects with it as well.
     */
    initialise(buffer: NativeBuffer, head: Uint8Array): Promise<void>;
    /** The source may be on another device of the same library. */
    copy(
        target: NativeBuffer,
        targetOffset: number,
        source: NativeBuffer,
        sourceOffset: number,
        bytes: number,
        ran?: NativeRan,
    ): Promise<void>;
    /** Resolves when the kernel has finished. */
    launch(kernel: NativeKernel, launch: NativeLaunch): Promise<void>;
    /** Records the event; resolves when it has happened. */
    record(event: NativeEvent): Promise<void>;
    /** What is queued later on this stream waits for the event's most recent `record`, on whichever stream that was. */
    wait(event: NativeEvent): Promise<void>;
    /** Resolves when all that was queued before has finished. */
    synchronize(): Promise<void>;
    /** The launch of a ticket doesn't begin any more; a virtual GPU stops it if it has begun. */
    stop(channel: number, ticket: number): void;
}

/** Replayed and changed by commands, on one stream at a time. */
export interface NativeGraph extends NativeDisposable {
    /** Its number in commands. */
    readonly slot: number;
}

export interface NativeEvent extends NativeDisposable {
    /** Its number in commands. */
    readonly slot: number;
    /** Has its most recent record happened? True if it was never recorded. */
    query(): boolean;
    /** Milliseconds from `start` to this event; both must have happened. */
    elapsedSince(start: NativeEvent): number;
}
