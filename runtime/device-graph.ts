// A captured graph as one of HIP's: a replay is one call of HIP's, however many launches it has, and what depends on nothing may
// overlap. Where a device's library has no graphs, the launches go one by one (graph.ts).
// Invariant: changes and replays go to the device in the order of the calls, since the graph counts as memory that each writes.

import { COMMAND, HEADER_BYTES, LAUNCH_WORD } from "./commands.js";
import type { NativeGraph } from "./hip/binding.js";
import { native } from "./hip/failure.js";
import { Uses } from "./lanes.js";
import type { CapturedLaunch, LaunchQueue } from "./launch.js";
import type { Storage } from "./memory/storage.js";

/** What an operation uses: memory, or something that is used like it. */
export interface Used {
    readonly uses: Uses;
    readonly block: { readonly wasReset?: boolean };
}

/** Commands, one behind the other, which go to the addon in one call. */
export interface Program {
    readonly bytes: Uint8Array;
    /** Where each command begins. */
    readonly starts: readonly number[];
    readonly commands: number;
    /** What it only reads. */
    readonly reads: readonly Used[];
    readonly writes: readonly Used[];
}

/** Of an update, before the node's command. */
const UPDATE_HEADER_BYTES = HEADER_BYTES + 8;
/** A graph of fewer is no better than its launches. */
const FEWEST_NODES = 2;

export class DeviceGraph {
    /** The graph, as something that replays use. */
    private readonly self: Used = { uses: new Uses(), block: {} };
    /** By node of the device's graph: what it is to be in the next replay. */
    private readonly changes = new Map<number, Uint8Array>();
    private cached: Program | undefined;

    private constructor(
        private readonly graph: NativeGraph,
        /** By launch: which node it is; those with nothing to run are none. */
        private readonly nodes: readonly (number | undefined)[],
    ) {}

    /** Undefined where the device has no graphs, or it wouldn't be worth it. */
    static make({ device }: LaunchQueue, launches: readonly CapturedLaunch[]): DeviceGraph | undefined {
        let count = 0;
        const nodes = launches.map(({ command }) => (command === undefined ? undefined : count++));
        if (count < FEWEST_NODES) return undefined;
        const { bytes } = concatenate(launches.flatMap(({ command }) => command ?? []));
        const graph = native(() => device.createGraph(bytes, edgesOf(launches)));
        return graph === undefined ? undefined : new DeviceGraph(graph, nodes);
    }

    /** Takes another launch in place of one; false where the graph has to be made anew. */
    change(index: number, { command }: CapturedLaunch): boolean {
        const node = this.nodes[index];
        if ((node === undefined) !== (command === undefined)) return false;
        if (node !== undefined && command !== undefined) {
            this.changes.set(node, command);
            this.cached = undefined;
        }
        return true;
    }

    /** What a replay uses, where its launches use that. */
    uses(used: Pick<Program, "reads" | "writes">): Pick<Program, "reads" | "writes"> {
        return { reads: used.reads, writes: [...used.writes, this.self] };
    }

    /**
     * What a replay submits, with the changes since the one before.
     * @param used what `uses` gave
     */
    program(used: Pick<Program, "reads" | "writes">): Program {
        if (this.cached !== undefined && this.changes.size === 0) return this.cached;
        const replay = commandBytes(HEADER_BYTES, COMMAND.replay, this.graph.slot);
        const parts: Uint8Array[] = [];
        for (const [node, command] of this.changes) {
            const header = commandBytes(UPDATE_HEADER_BYTES, COMMAND.update, this.graph.slot, node);
            new Uint32Array(header.buffer)[LAUNCH_WORD.bytes] = UPDATE_HEADER_BYTES + command.length;
            parts.push(header, command);
        }
        const { bytes, starts } = concatenate([...parts, replay]);
        const program = {
            bytes,
            // A changed node's own command is part of the update before it.
            starts: starts.filter((_, index) => index % 2 === 0),
            commands: this.changes.size + 1,
            ...used,
        };
        if (this.changes.size === 0) this.cached = program;
        this.changes.clear();
        return program;
    }

    dispose(): void {
        this.graph.dispose();
    }
}

/** The words that commands begin with. */
function commandBytes(bytes: number, kind: number, slot: number, node = 0): Uint8Array {
    const words = new Uint32Array(bytes / 4);
    words[LAUNCH_WORD.bytes] = bytes;
    words[LAUNCH_WORD.kind] = kind;
    words[LAUNCH_WORD.kernel] = slot;
    if (bytes > HEADER_BYTES) words[HEADER_BYTES / 4] = node;
    return new Uint8Array(words.buffer);
}

/** Commands one behind the other, and where each begins. */
export function concatenate(parts: readonly Uint8Array[]): Pick<Program, "starts"> & { readonly bytes: Uint8Array } {
    let end = 0;
    const starts = parts.map(({ length }) => {
        const start = end;
        end += length;
        return start;
    });
    const bytes = new Uint8Array(end);
    for (let index = 0; index < parts.length; index++) {
        bytes.set(parts[index] as Uint8Array, starts[index] as number);
    }
    return { bytes, starts };
}

/** Which of the launches come behind which, by the memory that they read and write. */
function edgesOf(launches: readonly CapturedLaunch[]): Uint32Array {
    const edges = new Set<string>();
    const writer = new Map<Storage, number>();
    const readers = new Map<Storage, number[]>();
    launches
        .filter(({ command }) => command !== undefined)
        .forEach(({ reads, writes }, node) => {
            const behind = (other: number | undefined): void => {
                if (other !== undefined && other !== node) edges.add(`${other} ${node}`);
            };
            for (const storage of reads) {
                behind(writer.get(storage));
                readers.set(storage, [...(readers.get(storage) ?? []), node]);
            }
            for (const storage of writes) {
                behind(writer.get(storage));
                for (const reader of readers.get(storage) ?? []) behind(reader);
                writer.set(storage, node);
                readers.set(storage, []);
            }
        });
    return Uint32Array.from([...edges].flatMap((edge) => edge.split(" ").map(Number)));
}
