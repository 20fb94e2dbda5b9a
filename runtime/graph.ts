// Graphs: launches and copies that ordinary code makes once and that are replayed together, with other arguments where wanted, in one
// call into the addon, and where the device has graphs in one of HIP's (device-graph.ts). What differs from launching again is that nothing is checked or encoded a second time.
// Invariants: a graph keeps the memory and the kernels that it captured; its launches run in the order of the capture.

import { AsyncLocalStorage } from "node:async_hooks";
import { abortable } from "./abort.js";
import type { KernelArgument, KernelArguments } from "./arguments.js";
import { DeviceGraph, type Program } from "./device-graph.js";
import { describeValue } from "./elements.js";
import { ArgumentError, DisposedError } from "./errors.js";
import { completed } from "./hip/failure.js";
import type { CapturedLaunch, LaunchQueue } from "./launch.js";
import type { Storage } from "./memory/storage.js";
import { requireOptions } from "./options.js";
import type { Stream } from "./stream.js";
import { didYouMean } from "./suggest.js";
import { Tensor, type TransferOptions } from "./tensor.js";

/** What stands for a number of a graph's while it is captured: it can be passed to kernels, and nothing else. */
export class GraphParameter {
    /** @internal */
    constructor(
        readonly name: string,
        readonly value: KernelArgument,
    ) {}

    [Symbol.toPrimitive](): never {
        throw new ArgumentError(
            `${this.name} is a parameter of a graph that is being captured: pass it to kernels, which get its value when the graph is replayed`,
        );
    }
}

/** Launches the captured kernel with these arguments. */
export interface Capturable {
    capture(args: unknown): CapturedLaunch;
}

interface Node {
    readonly kernel: Capturable;
    readonly args: Readonly<Record<string, unknown>>;
    launch: CapturedLaunch;
}

const recorders = new AsyncLocalStorage<Recorder>();
let active = 0;

/** What is being captured on a device by the code that calls this. */
export function currentRecorder(queue: LaunchQueue): Recorder | undefined {
    if (active === 0) return undefined;
    const recorder = recorders.getStore();
    return recorder?.queue === queue && recorder.isOpen ? recorder : undefined;
}

/** Refuses what can't be part of a graph. */
export function refuseInCapture(queue: LaunchQueue, what: string): void {
    if (currentRecorder(queue) !== undefined) {
        throw new ArgumentError(
            `${what}: a graph is being captured, which takes launches and copies on the device alone: do it before or after`,
        );
    }
}

export class Recorder {
    readonly nodes: Node[] = [];
    isOpen = true;

    constructor(
        readonly queue: LaunchQueue,
        readonly parameters: KernelArguments,
    ) {}

    launch(kernel: Capturable, args: unknown): CapturedLaunch {
        if (typeof args !== "object" || args === null) kernel.capture(args);
        const own = { ...(args as Record<string, unknown>) };
        const launch = kernel.capture(resolve(own, this.parameters, this.parameters));
        this.nodes.push({ kernel, args: own, launch });
        return launch;
    }
}

/** Arguments with the values of parameters. Tensors that are parameters stand for themselves. */
function resolve(
    args: Readonly<Record<string, unknown>>,
    captured: KernelArguments,
    values: KernelArguments,
): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(args).map(([name, value]) => {
            if (value instanceof GraphParameter) return [name, values[value.name]];
            if (!(value instanceof Tensor)) return [name, value];
            const parameter = Object.keys(captured).find((each) => captured[each] === value);
            return [name, parameter === undefined ? value : values[parameter]];
        }),
    );
}

/** @internal Captures what `body` launches on the device. */
export async function capture<P extends KernelArguments>(
    queue: LaunchQueue,
    parameters: P,
    body: (parameters: P) => unknown,
): Promise<Graph<P>> {
    if (typeof parameters !== "object" || parameters === null || typeof body !== "function") {
        throw new ArgumentError(
            "capture takes an object of parameters by name, and a function that launches kernels with them",
        );
    }
    refuseInCapture(queue, "capture");
    const recorder = new Recorder(queue, { ...parameters });
    const passed = Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [
            name,
            value instanceof Tensor ? value : new GraphParameter(name, value),
        ]),
    );
    active++;
    try {
        await recorders.run(recorder, () => body(passed as P));
    } finally {
        recorder.isOpen = false;
        active--;
    }
    return new Graph<P>(queue, recorder);
}

export class Graph<P extends KernelArguments = KernelArguments> {
    /** Launches of a replay. */
    readonly size: number;
    private readonly nodes: readonly Node[];
    private readonly captured: KernelArguments;
    private current: KernelArguments;
    private readonly held: Set<Storage>;
    /** All commands, one behind the other; made anew when arguments change. */
    private program: Program | undefined;
    /** Undefined where the device takes the commands themselves. */
    private onDevice: DeviceGraph | undefined | "to be made" = "to be made";
    private isDisposed = false;

    /** @internal */
    constructor(
        private readonly queue: LaunchQueue,
        { nodes, parameters }: Recorder,
    ) {
        this.nodes = nodes;
        this.size = nodes.length;
        this.captured = parameters;
        this.current = parameters;
        this.held = storagesOf(nodes);
        for (const storage of this.held) storage.retain();
    }

    /**
     * Runs all of its launches, in the order of the capture, behind what they depend on. Resolves when they have finished.
     * @param changed parameters that are to have other values, in this replay and later ones
     * @throws ArgumentError, ShapeError, DisposedError, HipError, KernelFault
     */
    async replay(changed?: Partial<P>, options: TransferOptions = {}): Promise<void> {
        await abortable("replay", requireOptions("replay", options).signal, async () => {
            if (this.write(changed, options)) await completed(() => this.queue.scheduler.commands.flushTracked());
        });
    }

    /** The same without a promise: a failure on the device is told by what is awaited behind it. */
    enqueue(changed?: Partial<P>, options: { readonly stream?: Stream } = {}): void {
        this.write(changed, requireOptions("replay", options));
    }

    /** Gives up what it holds. Disposing again does nothing. */
    dispose(): void {
        if (this.isDisposed) return;
        this.isDisposed = true;
        this.dropDeviceGraph();
        for (const storage of this.held) storage.release();
    }

    [Symbol.dispose](): void {
        this.dispose();
    }

    /** Whether there is anything to run. */
    private write(changed: Partial<P> | undefined, { stream }: { readonly stream?: Stream | undefined }): boolean {
        this.queue.requireOpen("replay");
        if (this.isDisposed) throw new DisposedError("replay: the graph was disposed");
        refuseInCapture(this.queue, "replay");
        if (changed !== undefined) this.change(changed as KernelArguments);
        const launches = this.nodes.map(({ launch }) => launch);
        this.program ??= assemble(launches);
        requireMemory(this.program);
        if (this.onDevice === "to be made") this.onDevice = DeviceGraph.make(this.queue, launches);
        const { onDevice, program } = this;
        return submit(this.queue, onDevice === undefined ? program : onDevice.program(program), stream);
    }

    /** Encodes anew the launches that a change is about. */
    private change(changed: KernelArguments): void {
        const names = Object.keys(changed).filter((name) => changed[name] !== undefined);
        for (const name of names) {
            if (Object.hasOwn(this.captured, name)) continue;
            const known = Object.keys(this.captured);
            throw new ArgumentError(
                `replay: the graph has no parameter ${name}${didYouMean(name, known)}: it has ${known.join(", ") || "none"}`,
            );
        }
        const isDifferent = names.filter((name) => changed[name] !== this.current[name]);
        if (isDifferent.length === 0) return;
        const values = { ...this.current, ...changed };
        for (const name of isDifferent) this.requireReplaceable(name, values[name]);
        // All are encoded before any is replaced: a refused change changes nothing.
        const launches = this.nodes.map((node) =>
            concerns(node, this.captured, isDifferent)
                ? node.kernel.capture(resolve(node.args, this.captured, values))
                : node.launch,
        );
        const nodes = this.nodes as Node[];
        for (const [index, launch] of launches.entries()) {
            const node = nodes[index] as Node;
            if (node.launch === launch) continue;
            node.launch = launch;
            if (this.onDevice instanceof DeviceGraph && !this.onDevice.change(index, launch)) this.dropDeviceGraph();
        }
        for (const storage of storagesOf(nodes)) {
            if (this.held.has(storage)) continue;
            storage.retain();
            this.held.add(storage);
        }
        this.current = values;
        this.program = undefined;
    }

    private dropDeviceGraph(): void {
        if (this.onDevice instanceof DeviceGraph) this.onDevice.dispose();
        this.onDevice = "to be made";
    }

    private requireReplaceable(name: string, value: unknown): void {
        const captured = this.captured[name];
        if (!(captured instanceof Tensor)) return;
        if (!(value instanceof Tensor)) {
            throw new ArgumentError(
                `replay: ${name} was captured as a tensor, and takes one, not ${describeValue(value)}`,
            );
        }
        const storage = captured.storage;
        const isViewed = this.nodes.some((node) =>
            Object.values(node.args).some(
                (arg) => arg instanceof Tensor && arg !== captured && arg.storage === storage,
            ),
        );
        if (isViewed) {
            throw new ArgumentError(
                `replay: ${name} can't be replaced, because the graph has views of it: make the views parameters too`,
            );
        }
    }
}

export function assemble(launches: readonly CapturedLaunch[]): Program {
    const starts: number[] = [];
    let end = 0;
    for (const { command } of launches) {
        if (command === undefined) continue;
        starts.push(end);
        end += command.length;
    }
    const bytes = new Uint8Array(end);
    const commands = launches.flatMap(({ command }) => (command === undefined ? [] : [command]));
    for (const [index, command] of commands.entries()) bytes.set(command, starts[index]);
    const writes = new Set(launches.flatMap((launch) => [...launch.writes]));
    const reads = new Set(launches.flatMap((launch) => [...launch.reads]).filter((storage) => !writes.has(storage)));
    return { bytes, starts, commands: commands.length, reads: [...reads], writes: [...writes] };
}

/** Queues a program behind what it depends on; false where there is nothing to run. */
export function submit({ scheduler }: LaunchQueue, program: Program, stream?: Stream): boolean {
    if (program.commands === 0) return false;
    requireMemory(program);
    scheduler.begin();
    for (const { uses } of program.reads) scheduler.reads(uses);
    for (const { uses } of program.writes) scheduler.writes(uses);
    const lane = scheduler.choose(stream?.lane);
    scheduler.commands.append(lane, program.bytes, program.starts);
    lane.submitted += program.commands;
    for (const { uses } of program.reads) uses.didRead(lane);
    for (const { uses } of program.writes) uses.didWrite(lane);
    return true;
}

function requireMemory({ reads, writes }: Program): void {
    for (const { block } of [...reads, ...writes]) {
        if (block.wasReset === true) {
            throw new DisposedError(
                "its memory was lost when the device was reset: what was captured has to be made anew",
            );
        }
    }
}

function concerns(node: Node, captured: KernelArguments, names: readonly string[]): boolean {
    return Object.values(node.args).some((value) =>
        value instanceof GraphParameter
            ? names.includes(value.name)
            : value instanceof Tensor && names.some((name) => captured[name] === value),
    );
}

function storagesOf(nodes: readonly Node[]): Set<Storage> {
    return new Set(nodes.flatMap(({ launch }) => [...launch.reads, ...launch.writes]));
}
