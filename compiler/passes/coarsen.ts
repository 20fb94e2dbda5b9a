// Thread coarsening: each work-item of an `over` kernel computes several neighbours along x, so that its accesses to
// neighbouring elements become one wide access each, and what doesn't differ between them is computed once. The copies of
// the body advance together, operation by operation, as lanes do; at the domain's end, and where a view does not begin
// as wide accesses want it, a loop does what is left, element by element.
//
// Only for bodies in which nothing depends on which work-item computes an element: no atomics, fences, reports or
// operations of a wave, no way out from within. Where it pays is decided by coarsening-cost.ts.

import { cloneOperation, cloneRegion, type Renaming } from "../ir/clone.js";
import {
    type Attributes,
    accessedType,
    altered,
    type IrFunction,
    type Operation,
    type OpId,
    operation,
    type RegionId,
    region,
    typeOf,
    type ValueId,
} from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import { bytesOf, isBuffer } from "../ir/types.js";
import { Affine } from "./affine.js";
import type { Analyses } from "./analyses.js";
import { elementsThatPay, noteWork } from "./coarsening-cost.js";
import type { Pass } from "./pass.js";

export const coarsen: Pass = {
    name: "coarsen",
    optimises: true,
    run: (fn, { known, work }) => {
        if (fn.kernel === null) noteWork(fn, work);
        const domain = domainOf(fn, known);
        if (domain === null) return false;
        const elements = elementsThatPay(fn, domain.body, domain.point, work);
        if (elements <= 1) return false;
        new Coarsening(fn, domain, elements).run();
        return true;
    },
};

/** What the lowering makes of an `over` kernel: `if point < extent (and the other axes) { body }`. */
interface Domain {
    readonly guard: OpId;
    readonly body: RegionId;
    /** Along x. */
    readonly point: ValueId;
    readonly extent: ValueId;
    /** Along the other axes: whether the work-item is in the domain. */
    readonly others: ValueId | null;
}

function domainOf(fn: IrFunction, known: Analyses): Domain | null {
    if (fn.kernel?.elements !== 1) return null;
    const { operations } = region(fn, fn.body);
    const guard = operations.at(-2);
    const op = guard === undefined ? undefined : operation(fn, guard);
    const [condition] = op?.operands ?? [];
    const [body] = op?.regions ?? [];
    if (guard === undefined || op?.op !== "if" || op.results.length > 0) return null;
    if (condition === undefined || body === undefined) return null;
    const { definitions } = known;
    const test = definitions.get(condition);
    const [others, along] = test?.op === "and" ? test.operands : [null, condition];
    const inside = along === undefined ? undefined : definitions.get(along);
    const [point, extent] = inside?.operands ?? [];
    if (inside?.op !== "lt" || point === undefined || extent === undefined || others === undefined) return null;
    const [first] = definitions.get(point)?.operands ?? [];
    const [group] = (first === undefined ? undefined : definitions.get(first))?.operands ?? [];
    const id = group === undefined ? undefined : definitions.get(group);
    return id?.op === "group_id" && id.attributes.axis === 0 ? { guard, body, point, extent, others } : null;
}

class Coarsening {
    #out: OpId[] = [];

    constructor(
        readonly fn: IrFunction,
        readonly domain: Domain,
        readonly elements: number,
    ) {}

    run(): void {
        const { fn, domain, elements } = this;
        const { point, others } = domain;
        const { operations } = region(fn, fn.body);
        const end = operations.splice(-2).at(-1);
        const guard = operation(fn, domain.guard);
        if (end === undefined || fn.kernel === null) throw new Error("a kernel without an end");
        fn.kernel.elements = elements;
        const [x, y, z] = fn.kernel.mostGroups;
        fn.kernel.mostGroups = [Math.ceil(x / elements), y, z];
        this.#out = operations;
        if (others === null) this.#elementsOf(point, guard);
        else {
            const inside = this.#nested(() => this.#elementsOf(point, guard), guard);
            this.#append(
                altered(guard, { operands: [others], regions: [inside, this.#nested(() => undefined, guard)] }),
            );
        }
        this.#out.push(end);
    }

    /** All at once where the work-item has all of them, else one after the other. */
    #elementsOf(item: ValueId, guard: Operation): void {
        const { fn, elements } = this;
        const { body, extent, point } = this.domain;
        const first = this.#index("mul", [item, this.#constant(elements, guard)], guard);
        const last = this.#index("add", [first, this.#constant(elements - 1, guard)], guard);
        const end = this.#index(
            "min",
            [this.#index("add", [first, this.#constant(elements, guard)], guard), extent],
            guard,
        );
        let whole = this.#value("lt", [last, extent], "bool", guard);
        for (const [buffer, align] of this.#wideBuffers()) {
            const aligned = this.#value("aligned", [buffer], "bool", guard, { align });
            whole = this.#value("and", [whole, aligned], "bool", guard);
        }
        const together = this.#nested(() => this.#together(first, guard), guard);
        const singly = this.#nested(() => {
            const counter = this.#newValue("index", guard);
            const parameters: ValueId[] = [counter];
            const copy = cloneRegion(fn, body, new Map([[point, counter]]));
            fn.regions[copy] = { parameters, operations: region(fn, copy).operations };
            const operands = [first, end, this.#constant(1, guard)];
            this.#append(altered(guard, { op: "for", operands, attributes: { unroll: 1 }, regions: [copy] }));
        }, guard);
        this.#append(altered(guard, { operands: [whole], regions: [together, singly] }));
    }

    /** Copies of the body for neighbouring points, operation by operation. */
    #together(first: ValueId, guard: Operation): void {
        const { fn, elements } = this;
        const { body, point } = this.domain;
        const renamings = Array.from({ length: elements }, (_, at): Renaming => {
            const moved = at === 0 ? first : this.#index("add", [first, this.#constant(at, guard)], guard);
            return new Map([[point, moved]]);
        });
        const affine = new Affine(fn, point);
        for (const id of region(fn, body).operations.slice(0, -1)) {
            const op = operation(fn, id);
            affine.note(op);
            const differs =
                op.regions.length > 0 || op.op === "store" || !op.results.every((each) => affine.factor(each) === 0n);
            renamings.forEach((renaming, at) => {
                if (at > 0 && !differs) {
                    for (const result of op.results) renaming.set(result, renamings[0]?.get(result) ?? result);
                    return;
                }
                const copy = cloneOperation(fn, id, renaming);
                const align = this.#alignment(op, at);
                if (align !== null) {
                    const made = operation(fn, copy);
                    fn.operations[copy] = altered(made, { attributes: { ...made.attributes, align } });
                }
                this.#out.push(copy);
            });
        }
    }

    /** Of a copy's access to the element at the point itself; null of others. */
    #alignment(op: Operation, at: number): number | null {
        const bytes = this.#wideBytes(op);
        if (bytes === null) return null;
        const align = at === 0 ? bytes * this.elements : bytes * (at & -at);
        return align > bytes ? Math.min(align, bytes * this.elements) : null;
    }

    /** The bytes of the element that is accessed at the point, in a view that is not known to begin anywhere. */
    #wideBytes(op: Operation): number | null {
        const [buffer, index] = op.operands;
        if ((op.op !== "load" && op.op !== "store") || index !== this.domain.point || buffer === undefined) return null;
        const type = typeOf(this.fn, buffer);
        if (!isBuffer(type) || type.space !== "global") return null;
        if (!this.fn.parameters.some(({ value }) => value === buffer)) return null;
        return bytesOf(accessedType(this.fn, op));
    }

    /** The views accessed at the point, and of which multiple of bytes they are to begin. */
    #wideBuffers(): ReadonlyMap<ValueId, number> {
        const found = new Map<ValueId, number>();
        for (const id of region(this.fn, this.domain.body).operations) {
            const op = operation(this.fn, id);
            const bytes = this.#wideBytes(op);
            const [buffer] = op.operands;
            if (bytes !== null && buffer !== undefined)
                found.set(buffer, Math.max(found.get(buffer) ?? 1, bytes * this.elements));
        }
        return found;
    }

    /** A region that ends with `yield`. */
    #nested(build: () => void, { span }: Operation): RegionId {
        const outer = this.#out;
        this.#out = [];
        build();
        this.#append({ op: "yield", operands: [], results: [], attributes: {}, regions: [], span });
        const id = (this.fn.regions.push({ parameters: [], operations: this.#out }) - 1) as RegionId;
        this.#out = outer;
        return id;
    }

    #constant(value: number, { span }: Operation): ValueId {
        return this.#value("const", [], "index", { span }, { value: BigInt(value) });
    }

    #index(op: OpName, operands: readonly ValueId[], { span }: Operation): ValueId {
        return this.#value(op, operands, "index", { span });
    }

    #value(
        op: OpName,
        operands: readonly ValueId[],
        type: "index" | "bool",
        { span }: Pick<Operation, "span">,
        attributes: Attributes = {},
    ): ValueId {
        const result = this.#newValue(type, { span });
        this.#append({ op, operands, results: [result], attributes, regions: [], span });
        return result;
    }

    #newValue(type: "index" | "bool", { span }: Pick<Operation, "span">): ValueId {
        return (this.fn.values.push({ type, span }) - 1) as ValueId;
    }

    #append(op: Operation): void {
        this.#out.push((this.fn.operations.push(op) - 1) as OpId);
    }
}
