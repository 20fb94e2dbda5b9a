// Graphs: launches and copies that ordinary code makes once and that are replayed together, with other arguments where wanted, in one
// call into the addon, and where the device has graphs in one of HIP's (device-graph.ts). What differs from launching again is that nothing is checked or encoded a second time.
// Invariants: a graph keeps the memory and the kernels that it captured; its launches run in the order of the capture.

import { AsyncLocalStorage } from "node:async_hooks";
import { abortable } from "./abort.js";
import type { KernelArgument, KernelArguments } from "./arguments.js";
import { COMMAND, kindOf } from "./commands.js";
import { concatenate, DeviceGraph, type Program } from "./device-graph.js";
import { describeValue } from "./elements.js";
import { ArgumentError, DisposedError } from "./errors.js";
import type { CapturedLaunch, LaunchQueue } from "./launch.js";
import type { Storage } from "./memory/storage.js";
import { requireOptions } from "./options.js";
import { acquireReports, placeReplay, type ReplayReports, requireMemory, runReplay, withReports } from "./replay.js";
import type { Stream } from "./stream.js";
import { didYouMean } from "./suggest.js";
import type { ReplayedWork } from "./telemetry/replays.js";
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
    /** With the values of parameters. */
    args: Readonly<Record<string, unknown>>;
    /** Which arguments are parameters: their names, and the parameters'. */
    readonly bound: readonly (readonly [argument: string, parameter: string])[];
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
        const bound = boundIn(own, this.parameters);
        for (const [argument, parameter] of bound) own[argument] = this.parameters[parameter];
        const launch = kernel.capture(own);
        this.nodes.push({ kernel, args: own, bound, launch });
        return launch;
    }
}

/** The arguments that are parameters. Tensors that are parameters stand for themselves. */
function boundIn(args: Readonly<Record<string, unknown>>, captured: KernelArguments): Node["bound"] {
    return Object.entries(args).flatMap(([name, value]): [string, string][] => {
        if (value instanceof GraphParameter) return [[name, value.name]];
        if (!(value instanceof Tensor)) return [];
        const parameter = Object.keys(captured).find((each) => captured[each] === value);
        return parameter === undefined ? [] : [[name, parameter]];
    });
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
    /** What all launches use; made anew when their memory changes. */
    private used: ReturnType<typeof usedBy> | undefined;
    /** All commands, one behind the other; made anew when arguments change. */
    private program: Program | undefined;
    /** Undefined where the device takes the commands themselves. */
    private onDevice: DeviceGraph | undefined | "to be made" = "to be made";
    /** How much a replay runs; made anew when arguments change. */
    private work: ReplayedWork | undefined;
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
            await this.write(changed, options, true);
        });
    }

    /** The same without a promise: a failure on the device is told by what is awaited behind it. */
    enqueue(changed?: Partial<P>, options: { readonly stream?: Stream } = {}): void {
        const told = this.write(changed, requireOptions("replay", options), false);
        // What it reports has to be fetched, and what it takes to be told.
        if (told !== undefined) this.queue.tellLater(told);
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

    /** Its end, where somebody is told of it. */
    private write(
        changed: Partial<P> | undefined,
        { stream }: { readonly stream?: Stream | undefined },
        isAwaited: boolean,
    ): Promise<void> | undefined {
        this.queue.requireOpen("replay");
        if (this.isDisposed) throw new DisposedError("replay: the graph was disposed");
        refuseInCapture(this.queue, "replay");
        if (changed !== undefined) this.change(changed as KernelArguments);
        const launches = this.nodes.map(({ launch }) => launch);
        this.used ??= usedBy(launches);
        requireMemory([...this.used.reads, ...this.used.writes]);
        if (this.onDevice === "to be made") this.onDevice = DeviceGraph.make(this.queue, launches);
        this.work ??= workOf(launches, this.onDevice);
        if (this.work.kernels + this.work.copies === 0) return undefined;
        const uses = this.onDevice?.uses(this.used) ?? this.used;
        const lane = placeReplay(this.queue, uses, stream);
        const reports = acquireReports(this.queue, lane, launches);
        if (reports.size > 0) this.reportTo(reports);
        return runReplay(this.queue, lane, this.programOf(uses), reports, this.work, isAwaited);
    }

    /** Gives the launches their report buffers in the next replay. */
    private reportTo(reports: ReplayReports): void {
        for (const [index, node] of this.nodes.entries()) {
            const launch = withReports(node.launch, reports);
            if (launch === node.launch) continue;
            node.launch = launch;
            this.program = undefined;
            if (this.onDevice instanceof DeviceGraph) this.onDevice.change(index, launch);
        }
    }

    private programOf(uses: Pick<Program, "reads" | "writes">): Program {
        if (this.onDevice instanceof DeviceGraph) return this.onDevice.program(uses);
        this.program ??= assemble(
            this.nodes.map(({ launch }) => launch),
            uses,
        );
        return this.program;
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
        const changes = this.nodes.flatMap((node, index): [number, Node["args"], CapturedLaunch][] => {
            if (!node.bound.some(([, parameter]) => isDifferent.includes(parameter))) return [];
            const args: Record<string, unknown> = { ...node.args };
            for (const [argument, parameter] of node.bound) args[argument] = values[parameter];
            return [[index, args, node.kernel.capture(args)]];
        });
        for (const [index, args, launch] of changes) {
            const node = this.nodes[index] as Node;
            node.args = args;
            node.launch = launch;
            if (this.onDevice instanceof DeviceGraph && !this.onDevice.change(index, launch)) this.dropDeviceGraph();
        }
        if (isDifferent.some((name) => values[name] instanceof Tensor)) {
            this.used = undefined;
            for (const storage of storagesOf(this.nodes)) {
                if (this.held.has(storage)) continue;
                storage.retain();
                this.held.add(storage);
            }
        }
        this.current = values;
        this.program = undefined;
        this.work = undefined;
    }

    private dropDeviceGraph(): void {
        if (this.onDevice instanceof DeviceGraph) {
            // Replays that are called for may still be in the buffer.
            this.queue.scheduler.commands.flushQuietly();
            this.onDevice.dispose();
        }
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
            Object.entries(node.args).some(
                ([argument, arg]) =>
                    arg instanceof Tensor &&
                    arg.storage === storage &&
                    !node.bound.some(([bound]) => bound === argument),
            ),
        );
        if (isViewed) {
            throw new ArgumentError(
                `replay: ${name} can't be replaced, because the graph has views of it: make the views parameters too`,
            );
        }
    }
}

/** What launches read and write: what is written is not among what is read. */
function usedBy(launches: readonly CapturedLaunch[]): Pick<Program, "reads" | "writes"> {
    const writes = new Set(launches.flatMap((launch) => [...launch.writes]));
    const reads = new Set(launches.flatMap((launch) => [...launch.reads]).filter((storage) => !writes.has(storage)));
    return { reads: [...reads], writes: [...writes] };
}

function workOf(launches: readonly CapturedLaunch[], onDevice: DeviceGraph | undefined): ReplayedWork {
    const kinds = launches.flatMap(({ command }) => (command === undefined ? [] : [kindOf(command)]));
    const kernels = kinds.filter((kind) => kind === COMMAND.launch).length;
    return { kernels, copies: kinds.length - kernels, isOne: onDevice !== undefined || kinds.length === 1 };
}

function assemble(launches: readonly CapturedLaunch[], used: Pick<Program, "reads" | "writes">): Program {
    const commands = launches.flatMap(({ command }) => (command === undefined ? [] : [command]));
    const { bytes, starts } = concatenate(commands);
    return { ...used, bytes, starts, commands: commands.length };
}

function storagesOf(nodes: readonly Node[]): Set<Storage> {
    return new Set(nodes.flatMap(({ launch }) => [...launch.reads, ...launch.writes]));
}
