// A device without a GPU: memory in the host, kernels as functions. It keeps the addon's contract (operations run in
// order, a snapshot is taken of what is written), so that the runtime is tested without native parts.

import { COMMAND, LAUNCH_HEADER_BYTES, LAUNCH_WORD } from "../../runtime/commands.js";
import { Gpu } from "../../runtime/gpu.js";
import type {
    NativeAttribute,
    NativeBuffer,
    NativeCounters,
    NativeDevice,
    NativeEvent,
    NativeHipError,
    NativeKernel,
    NativeLaunch,
    NativeModule,
    NativeStream,
} from "../../runtime/hip/binding.js";
import { tickets } from "../../runtime/hip/tickets.js";

const ATTRIBUTES: Partial<Record<NativeAttribute, number>> = {
    multiprocessorCount: 4,
    warpSize: 32,
    maxThreadsPerBlock: 1024,
    maxBlockDimX: 1024,
    maxBlockDimY: 1024,
    maxBlockDimZ: 1024,
    maxGridDimX: 2 ** 31 - 1,
    maxGridDimY: 65535,
    maxGridDimZ: 65535,
    maxSharedMemoryPerBlock: 65536,
    clockRateKHz: 1_000_000,
};

/** What a launch does, given its arguments and access to memory by device address. */
export type FakeKernel = (launch: NativeLaunch, memory: (address: bigint) => ArrayBuffer) => void;

export function hipError(code: number, name: string, call: string, fault?: string): NativeHipError {
    const details = {
        name,
        call,
        code,
        text: "in words",
        asked: "what was asked",
        ...(fault === undefined ? {} : { fault }),
    };
    return Object.assign(new Error(name), details);
}

class FakeBuffer implements NativeBuffer {
    readonly memory: ArrayBuffer;
    disposed = false;

    constructor(
        readonly device: FakeDevice,
        readonly address: bigint,
        readonly bytes: number,
    ) {
        // Device memory is not initialised.
        this.memory = new Uint8Array(bytes).fill(0xa5).buffer;
    }

    readonly isHost = false;

    host(): ArrayBuffer {
        return this.memory;
    }

    dispose(): void {
        this.disposed = true;
    }
}

class FakeStream implements NativeStream {
    disposed = false;
    submitted = 0;
    completed = 0;
    constructor(
        readonly device: FakeDevice,
        readonly slot: number,
    ) {}

    write(buffer: FakeBuffer, byteOffset: number, source: Uint8Array): Promise<void> {
        const snapshot = source.slice();
        return this.enqueue("hipMemcpyAsync", () => new Uint8Array(buffer.memory).set(snapshot, byteOffset));
    }

    read(buffer: FakeBuffer, byteOffset: number, bytes: number): Promise<ArrayBuffer> {
        return this.enqueue("hipMemcpyAsync", () => buffer.memory.slice(byteOffset, byteOffset + bytes));
    }

    fill(buffer: FakeBuffer, byteOffset: number, bytes: number, value: number): Promise<void> {
        return this.enqueue("hipMemsetAsync", () => {
            new Uint8Array(buffer.memory, byteOffset, bytes).fill(value);
        });
    }

    initialise(buffer: FakeBuffer, head: Uint8Array): Promise<void> {
        const snapshot = head.slice();
        return this.enqueue("hipMemsetAsync", () => {
            new Uint8Array(buffer.memory).fill(0);
            new Uint8Array(buffer.memory).set(snapshot);
        });
    }

    copy(): Promise<void> {
        throw new Error("unused");
    }

    stop(): void {}

    launch(_: NativeKernel, launch: NativeLaunch): Promise<void> {
        this.device.launches.push(launch);
        return this.enqueue("hipModuleLaunchKernel", () => {
            this.device.kernel(launch, (a) => this.device.memoryAt(a));
            this.device.finished++;
        });
    }

    /** A launch from the command buffer. */
    run(launch: NativeLaunch): Promise<number> {
        this.device.launches.push(launch);
        return this.enqueue("hipModuleLaunchKernel", () => {
            this.device.kernel(launch, (a) => this.device.memoryAt(a));
            this.device.finished++;
            return 0.5;
        });
    }

    record(): Promise<void> {
        return this.enqueue("hipEventRecord", () => {});
    }

    /** Operations of all streams run one after the other here. */
    wait(): Promise<void> {
        return this.enqueue("hipStreamWaitEvent", () => {});
    }

    synchronize(): Promise<void> {
        return this.enqueue("hipStreamSynchronize", () => {});
    }

    dispose(): void {
        this.disposed = true;
    }

    private enqueue<T>(call: string, operation: () => T): Promise<T> {
        const planned = this.device.failNext.get(call);
        this.device.failNext.delete(call);
        this.submitted++;
        const result = this.device.tail.then(() => {
            this.completed++;
            if (planned !== undefined) {
                throw planned;
            }
            return operation();
        });
        this.device.tail = result.catch(() => {});
        return result;
    }
}

export class FakeDevice implements NativeDevice {
    readonly index = 0;
    readonly name = "fake GPU";
    readonly architecture = "gfx1100";
    readonly launches: NativeLaunch[] = [];
    readonly buffers: FakeBuffer[] = [];
    /** The next call of this name fails with this error. */
    readonly failNext = new Map<string, Error>();
    kernel: FakeKernel = () => {};
    finished = 0;
    tail: Promise<unknown> = Promise.resolve();
    private readonly streams: FakeStream[] = [];
    private nextAddress = 0x1000n;

    constructor(readonly target = "gfx1100") {}

    attribute(name: NativeAttribute): number {
        return ATTRIBUTES[name] ?? 0;
    }

    memory(): { free: number; total: number } {
        return { free: 2 ** 30, total: 2 ** 30 };
    }

    allocate(bytes: number): NativeBuffer {
        if (bytes > 2 ** 30) {
            throw hipError(2, "hipErrorOutOfMemory", "hipMalloc");
        }
        const buffer = new FakeBuffer(this, bytes === 0 ? 0n : this.nextAddress, bytes);
        this.nextAddress += BigInt(Math.ceil((bytes + 1) / 256) * 256);
        this.buffers.push(buffer);
        return buffer;
    }

    loadModule(): Promise<NativeModule> {
        const module = {
            disposed: false,
            dispose: () => {
                module.disposed = true;
            },
            kernel: (name: string): NativeKernel => ({
                slot: 7,
                name,
                maxThreadsPerBlock: 1024,
                sharedBytes: 0,
                localBytes: 0,
                registers: 8,
                resident: () => 1,
            }),
            global: () => ({ address: 0n, bytes: 0 }),
            reload: () => {},
        };
        return Promise.resolve(module);
    }

    createStream(): NativeStream {
        const stream = new FakeStream(this, this.streams.length);
        this.streams.push(stream);
        return stream;
    }

    submit(commands: ArrayBuffer, bytes: number): void {
        const words = new Uint32Array(commands.slice(0, bytes));
        for (let at = 0; at < words.length; ) {
            const word = (index: number): number => words[at + index] as number;
            const stream = this.streams[word(LAUNCH_WORD.stream)] as FakeStream;
            if (word(LAUNCH_WORD.kind) === COMMAND.launch) {
                const start = at * 4 + LAUNCH_HEADER_BYTES;
                const axes = (first: number) => [word(first), word(first + 1), word(first + 2)] as const;
                const done = stream.run({
                    grid: axes(LAUNCH_WORD.grid),
                    block: axes(LAUNCH_WORD.block),
                    dynamicSharedBytes: word(LAUNCH_WORD.shared),
                    arguments: new Uint8Array(words.buffer, start, word(LAUNCH_WORD.argumentBytes)),
                });
                const ticket = word(LAUNCH_WORD.ticket);
                if (ticket === 0) done.catch(() => {});
                else
                    done.then(
                        (milliseconds) => tickets.finished(ticket, milliseconds, Number.NaN),
                        (error) => tickets.failed(ticket, error),
                    );
            } else {
                stream.record().catch(() => {});
            }
            at += word(LAUNCH_WORD.bytes) / 4;
        }
    }

    drain(): void {}

    createGraph(): undefined {}

    readonly lost = false;

    reset(): Promise<void> {
        return Promise.resolve();
    }

    allocateHost(bytes: number): NativeBuffer {
        return this.allocate(bytes);
    }

    exportMemory(): Uint8Array {
        throw new Error("unused");
    }

    openMemory(): NativeBuffer {
        throw new Error("unused");
    }

    import(address: bigint, bytes: number): NativeBuffer {
        return new FakeBuffer(this, address, bytes);
    }

    createEvent(): NativeEvent {
        return { slot: 0, disposed: false, dispose: () => {}, query: () => true, elapsedSince: () => 0.5 };
    }

    counters(): NativeCounters {
        return { launches: this.finished, waves: this.finished * 8, instructions: this.finished * 100 };
    }

    setInstructionLimit(): boolean {
        return false;
    }

    setProfiling(): boolean {
        return false;
    }

    setSanitizing(): boolean {
        return false;
    }

    sanitizerReports(): undefined {
        return undefined;
    }

    setTrace(): boolean {
        return false;
    }

    trace(): undefined {
        return undefined;
    }

    profile(): undefined {
        return undefined;
    }

    memoryAt(address: bigint): ArrayBuffer {
        const buffer = this.buffers.find((each) => each.address === address);
        if (buffer === undefined) {
            throw new Error(`no memory at ${address}`);
        }
        return buffer.memory;
    }
}

/** A GPU of the runtime on a fake device. */
export function openFake(): { gpu: Gpu; device: FakeDevice } {
    const device = new FakeDevice();
    return { gpu: new Gpu(device, "virtual"), device };
}
