// Ways out of regions: `break`, `continue` and `return`, where they lead beyond what holds them. Where the set of lanes that
// go on must be known behind it, no lane just leaves: all come to a door, say there where they are bound, and part.

import { attribute, type IrFunction, type Operation, type OpId, type RegionId, walk } from "../ir/module.js";
import type { IrType } from "../ir/types.js";
import { llvmType } from "./text.js";
import type { Block, FunctionWriter } from "./writer.js";

export interface Way {
    readonly op: "break" | "continue" | "return";
    /** The loop that it leaves or goes on with. */
    readonly target: OpId | undefined;
}

/** Leaves with values. `round` is the next round of the innermost loop, where lanes meet in that loop. */
export type Leave = (way: Way, values: readonly string[], round: Block | null) => void;

/** The way that an operation takes; null if it is none of these. */
export function wayOf(op: Operation): Way | null {
    if (op.op === "return") return { op: op.op, target: undefined };
    return op.op === "break" || op.op === "continue" ? { op: op.op, target: attribute(op, "target") } : null;
}

interface WayOut extends Way {
    /** Of what it hands on. */
    readonly types: readonly IrType[];
}

/** The ways that lead from within regions to beyond all that they hold, each once; `but` is one that doesn't count. */
export function waysOut(fn: IrFunction, regions: readonly RegionId[], but: Way | null = null): readonly WayOut[] {
    const ways: WayOut[] = [];
    const within = new Set<OpId>();
    for (const region of regions) {
        walk(fn, region, (op, id) => {
            within.add(id);
            const way = wayOf(op);
            if (way === null || (way.target !== undefined && within.has(way.target))) return;
            if (![...ways, but].some((known) => isSame(known, way))) {
                ways.push({ ...way, types: op.operands.map((operand) => fn.values[operand]?.type ?? "bool") });
            }
        });
    }
    return ways;
}

function isSame(a: Way | null, b: Way): boolean {
    return a !== null && a.op === b.op && a.target === b.target;
}

/** A block to which lanes come that go on and lanes that leave. With no ways out it is the block alone. */
export class Door {
    /** What those that go on hand on; `types` are LLVM's. */
    readonly values: readonly string[];
    readonly #which: string;
    readonly #handed: readonly (readonly string[])[];

    constructor(
        readonly writer: FunctionWriter,
        readonly block: Block,
        types: readonly string[],
        readonly ways: readonly WayOut[],
    ) {
        this.values = types.map((type) => writer.phi(block, type));
        this.#which = ways.length === 0 ? "0" : writer.phi(block, "i32");
        this.#handed = ways.map((way) => way.types.map((type) => writer.phi(block, llvmType(type))));
    }

    /** Jumps to the door, to go on behind it. */
    arrive(values: readonly string[]): void {
        this.#jump(0, values, null);
    }

    /** Jumps to the door, to leave there. */
    leave(way: Way, values: readonly string[]): void {
        const at = this.ways.findIndex((known) => isSame(known, way));
        if (at < 0) throw new Error(`${way.op} is no way out here`);
        this.#jump(at + 1, null, values);
    }

    #jump(which: number, onward: readonly string[] | null, handed: readonly string[] | null): void {
        const poison = (phis: readonly string[]) => phis.map(() => "poison");
        const parts = this.#handed.flatMap((phis, at) => (at + 1 === which ? (handed ?? []) : poison(phis)));
        const selector = this.ways.length === 0 ? [] : [String(which)];
        this.writer.jump(this.block, [...(onward ?? poison(this.values)), ...selector, ...parts]);
    }

    /** In the placed block: an `i1`, whether the lane goes on. */
    stays(): string {
        return this.ways.length === 0 ? "true" : this.writer.assign(`icmp eq i32 ${this.#which}, 0`);
    }

    /** Lets those leave that are to; the others are in the block that is then the current one. */
    part(leave: (way: Way, values: readonly string[]) => void): void {
        const { writer } = this;
        this.ways.forEach((way, at) => {
            const [leaving, on] = [writer.block("leave"), writer.block("on")];
            const leaves = writer.assign(`icmp eq i32 ${this.#which}, ${at + 1}`);
            writer.line(`br i1 ${leaves}, label %${leaving.label}, label %${on.label}`);
            writer.place(leaving);
            leave(way, this.#handed[at] ?? []);
            writer.place(on);
        });
    }
}
