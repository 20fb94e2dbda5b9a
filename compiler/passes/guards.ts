// Neighbouring branches whose conditions have a part in common ask it once, around all of them: of `if a && c { … }` and
// `if b && c { … }` becomes `if c { if a { … } if b { … } }`. To turn lanes off and on again costs as much as a short
// branch does; and where a and b are the same for a whole wave, what is left of them needs no lane at all.

import type { Definitions } from "../ir/definitions.js";
import {
    altered,
    type IrFunction,
    type Operation,
    type OpId,
    operation,
    type RegionId,
    region,
    type ValueId,
} from "../ir/module.js";
import { OPS } from "../ir/ops.js";
import { Numbers } from "./numbers.js";
import type { Pass } from "./pass.js";

export const guards: Pass = {
    name: "guards",
    optimises: true,
    run: (fn, { known }) => {
        if (known.count("if") < 2) return false;
        const guards = new Guards(fn, known.definitions);
        guards.region(fn.body);
        return guards.changed;
    },
};

/** An `if` without results and without an `else`. */
interface Guarded {
    readonly id: OpId;
    readonly op: Operation;
    /** Conditions, all of which hold within, by number. */
    readonly parts: ReadonlyMap<number, ValueId>;
}

class Guards {
    readonly #numbers: Numbers;
    changed = false;

    constructor(
        readonly fn: IrFunction,
        readonly definitions: Definitions,
    ) {
        this.#numbers = new Numbers(fn, definitions);
    }

    region(id: RegionId): void {
        const { parameters, operations: all } = region(this.fn, id);
        const operations: OpId[] = [];
        for (let at = 0; at < all.length; at++) {
            const first = all[at] as OpId;
            for (const inner of operation(this.fn, first).regions) this.region(inner);
            const group = this.#groupFrom(all, at);
            if (group === null) {
                operations.push(first);
                continue;
            }
            // What is pure between them doesn't mind to come first.
            operations.push(...group.between, this.#around(group.shared, group.members, operations));
            at = group.end;
            this.changed = true;
        }
        this.fn.regions[id] = { parameters, operations };
    }

    /** The longest run of guarded branches that begins here and has a part in common, two at least. */
    #groupFrom(all: readonly OpId[], start: number) {
        const first = this.#guarded(all[start]);
        if (first === null) return null;
        let shared: ReadonlyMap<number, ValueId> = first.parts;
        const members = [first];
        const between: OpId[] = [];
        let end = start;
        let pending: OpId[] = [];
        for (let at = start + 1; at < all.length; at++) {
            const id = all[at] as OpId;
            const next = this.#guarded(id);
            if (next === null) {
                if (OPS[operation(this.fn, id).op].effects !== "pure") break;
                pending.push(id);
                continue;
            }
            const common = new Map([...shared].filter(([number]) => next.parts.has(number)));
            if (common.size === 0) break;
            shared = common;
            members.push(next);
            between.push(...pending);
            pending = [];
            end = at;
        }
        if (members.length < 2) return null;
        for (const { op } of members.slice(1)) for (const inner of op.regions) this.region(inner);
        return { members, between, shared, end };
    }

    #guarded(id: OpId | undefined): Guarded | null {
        const op = id === undefined ? null : operation(this.fn, id);
        const [condition] = op?.operands ?? [];
        const [then, otherwise] = op?.regions ?? [];
        if (id === undefined || op?.op !== "if" || op.results.length > 0) return null;
        if (condition === undefined || then === undefined || otherwise === undefined) return null;
        const [only, ...more] = region(this.fn, otherwise).operations;
        const ends = region(this.fn, then).operations.at(-1);
        if (only === undefined || more.length > 0 || operation(this.fn, only).op !== "yield") return null;
        if (ends === undefined || operation(this.fn, ends).op !== "yield") return null;
        const parts = new Map<number, ValueId>();
        const pending = [condition];
        for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
            const definition = this.definitions.get(part);
            if (definition?.op === "and") pending.push(...definition.operands);
            else parts.set(this.#numbers.of(part), part);
        }
        return { id, op, parts };
    }

    /** One branch on what is shared, with the others in it; conjunctions that it needs are appended to `out`. */
    #around(shared: ReadonlyMap<number, ValueId>, members: readonly Guarded[], out: OpId[]): OpId {
        const [first] = members;
        if (first === undefined) throw new Error("no branch to put in a branch");
        const { span } = first.op;
        const within: OpId[] = [];
        for (const { id, op, parts } of members) {
            const left = [...parts].filter(([number]) => !shared.has(number)).map(([, value]) => value);
            const [then] = op.regions;
            if (then === undefined) continue;
            if (left.length === 0) within.push(...region(this.fn, then).operations.slice(0, -1));
            else {
                this.fn.operations[id] = altered(op, { operands: [this.#all(left, op, within)] });
                within.push(id);
            }
        }
        const condition = this.#all([...shared.values()], first.op, out);
        within.push(this.#append({ op: "yield", operands: [], results: [], attributes: {}, regions: [], span }));
        const otherwise = this.#append({ op: "yield", operands: [], results: [], attributes: {}, regions: [], span });
        const regions = [within, [otherwise]].map((operations) => this.#region(operations));
        return this.#append({ op: "if", operands: [condition], results: [], attributes: {}, regions, span });
    }

    /** The conjunction of conditions. */
    #all(conditions: readonly ValueId[], { span }: Operation, out: OpId[]): ValueId {
        return conditions.reduce((left, right) => {
            const result = (this.fn.values.push({ type: "bool", span }) - 1) as ValueId;
            const operands = [left, right];
            out.push(this.#append({ op: "and", operands, results: [result], attributes: {}, regions: [], span }));
            return result;
        });
    }

    #region(operations: OpId[]): RegionId {
        return (this.fn.regions.push({ parameters: [], operations }) - 1) as RegionId;
    }

    #append(op: Operation): OpId {
        return (this.fn.operations.push(op) - 1) as OpId;
    }
}
