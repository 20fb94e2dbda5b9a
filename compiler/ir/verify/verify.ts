// The verifier: every rule that makes a module of the IR well formed, checked against the op table. It is the compiler
// that breaks these rules, never its user; each finding is a sentence for whoever wrote the pass.

import type { IrFunction, IrModule, Operation, OpId, RegionId, ValueId } from "../module.js";
import { OPS } from "../ops.js";
import { type IrType, isBuffer, typeText } from "../types.js";
import type { Context } from "./context.js";
import { checkAttributes, checkControl } from "./control.js";
import { checkTypes } from "./types.js";

/** Everything that is wrong; empty for a good module. */
export function verifyModule(module: IrModule): string[] {
    const problems: string[] = [];
    const known = new Map<string, IrFunction>();
    for (const fn of module.functions) {
        if (known.has(fn.name)) problems.push(`@${fn.name}: there are two functions of this name`);
        new Verifier(fn, known, (problem) => problems.push(`@${fn.name}: ${problem}`)).run();
        known.set(fn.name, fn);
    }
    return problems;
}

class Verifier implements Context {
    readonly mutable: Set<ValueId>;
    readonly #defined = new Set<ValueId>();
    readonly #scope = new Set<ValueId>();
    readonly #placed = new Set<OpId>();

    constructor(
        readonly fn: IrFunction,
        readonly callees: ReadonlyMap<string, IrFunction>,
        readonly report: (problem: string) => void,
    ) {
        this.mutable = new Set(fn.parameters.filter((parameter) => parameter.mutable).map(({ value }) => value));
    }

    run(): void {
        const { fn } = this;
        for (const { value, name, mutable } of fn.parameters) {
            this.#define(value, `parameter ${name}`);
            const type = this.typeOf(value);
            if (mutable && !isBuffer(type)) this.report(`parameter ${name} is a mutable ${typeText(type)}`);
        }
        if (fn.kernel && fn.results.length > 0) this.report("a kernel has no result");
        if (fn.kernel && !fn.kernel.workgroup.every((size) => Number.isInteger(size) && size >= 1)) {
            this.report(`workgroup sizes are positive integers, not ${fn.kernel.workgroup.join(", ")}`);
        }
        if (fn.kernel && !fn.kernel.mostGroups.every((most) => Number.isInteger(most) && most >= 1)) {
            this.report(`a launch has at least one workgroup, not ${fn.kernel.mostGroups.join(", ")}`);
        }
        if (fn.kernel?.elements !== undefined && !(Number.isInteger(fn.kernel.elements) && fn.kernel.elements >= 1)) {
            this.report(`a work-item computes ${fn.kernel.elements} elements`);
        }
        this.#region(fn.body, []);
    }

    typeOf(id: ValueId): IrType {
        return this.fn.values[id]?.type ?? "bool";
    }

    #region(id: RegionId, enclosing: readonly OpId[]): void {
        const body = this.fn.regions[id];
        if (!body) {
            this.report(`there is no region ${id}`);
            return;
        }
        for (const parameter of body.parameters) {
            this.#define(parameter, "a region's parameter");
            if (isBuffer(this.typeOf(parameter))) this.report("a buffer can't be a region's parameter");
        }
        const mine: ValueId[] = [...body.parameters];
        for (const [at, opId] of body.operations.entries()) {
            const op = this.fn.operations[opId];
            if (!op) {
                this.report(`there is no operation ${opId}`);
                continue;
            }
            if (this.#placed.has(opId)) this.report(`${op.op} stands in two places`);
            this.#placed.add(opId);
            const last = at === body.operations.length - 1;
            if (OPS[op.op].terminator !== last) {
                this.report(
                    last ? `a region ends with ${op.op}, no terminator` : `${op.op} stands before a region's end`,
                );
            }
            mine.push(...this.#operation(opId, op, enclosing));
        }
        if (body.operations.length === 0) this.report("a region is empty");
        for (const value of mine) this.#scope.delete(value);
    }

    #operation(id: OpId, op: Operation, enclosing: readonly OpId[]): readonly ValueId[] {
        for (const operand of op.operands) {
            if (!this.#scope.has(operand)) this.report(`${op.op} uses %${operand} where it isn't defined`);
        }
        if (!op.span?.file) this.report(`${op.op} has no place in the source`);
        checkAttributes(this, op);
        if (OPS[op.op].operands === "variadic") checkControl(this, op, enclosing);
        else checkTypes(this, op);
        if (op.regions.length !== OPS[op.op].regions.length) {
            this.report(`${op.op} has ${op.regions.length} regions instead of ${OPS[op.op].regions.length}`);
        }
        for (const inner of op.regions) this.#region(inner, [...enclosing, id]);
        const [buffer] = op.operands;
        for (const result of op.results) {
            this.#define(result, `a result of ${op.op}`);
            if (op.op === "offset" && buffer !== undefined && this.mutable.has(buffer)) this.mutable.add(result);
        }
        return op.results;
    }

    #define(id: ValueId, what: string): void {
        if (!this.fn.values[id]) this.report(`${what} is %${id}, which is no value`);
        if (this.#defined.has(id)) this.report(`${what} defines %${id} a second time`);
        this.#defined.add(id);
        this.#scope.add(id);
    }
}
