// Builds a function operation by operation. Result types follow from the op table. After a terminator the builder goes
// on in a region that nothing refers to, so what is unreachable in the source disappears without special cases.

import type { Span } from "../diagnostics/diagnostic.js";
import type { CodeOptions } from "../sema/program.js";
import {
    type Attributes,
    type ConstantValue,
    type IrFunction,
    type KernelInfo,
    type Operation,
    type OpId,
    type Parameter,
    type RegionId,
    typeOf,
    type ValueId,
} from "./module.js";
import type { TypePattern } from "./ops/define.js";
import { OPS, type OpName, type TerminatorName } from "./ops.js";
import { type IrScalar, type IrType, isBuffer, type TileType, typeText } from "./types.js";

export interface Signature {
    readonly name: string;
    readonly span: Span;
    readonly kernel: KernelInfo | null;
    readonly options: CodeOptions;
    readonly parameters: readonly SignatureParameter[];
    readonly results: readonly IrScalar[];
}

/** Neither large nor an alias nor of a range of its own unless it says so. */
type SignatureParameter = Pick<Parameter, "name" | "mutable"> &
    Partial<Pick<Parameter, "large" | "alias" | "range">> & { readonly type: IrType; readonly span: Span };

interface MutableRegion {
    readonly parameters: ValueId[];
    readonly operations: OpId[];
}

/** A region that is being built. */
export interface OpenRegion {
    readonly id: RegionId;
    readonly parameters: readonly ValueId[];
    /** What goes on when the region ends. */
    readonly outer: { readonly current: MutableRegion; readonly reachable: boolean };
}

/** Most operations have neither: one of each serves them all. */
const NO_ATTRIBUTES: Attributes = {};
const NO_REGIONS: readonly RegionId[] = [];

export class FunctionBuilder {
    readonly function: IrFunction;
    readonly #regions: MutableRegion[] = [];
    #current: MutableRegion;
    #reachable = true;

    constructor(signature: Signature) {
        this.#current = { parameters: [], operations: [] };
        this.#regions.push(this.#current);
        const values: { type: IrType; span: Span }[] = [];
        const parameters: Parameter[] = signature.parameters.map((parameter) => {
            const { name, mutable, large = false, alias = false, range = null, type, span } = parameter;
            values.push({ type, span });
            return { value: (values.length - 1) as ValueId, name, mutable, large, alias, range };
        });
        this.function = {
            name: signature.name,
            span: signature.span,
            kernel: signature.kernel,
            options: signature.options,
            parameters,
            results: signature.results,
            values,
            operations: [],
            regions: this.#regions,
            body: 0 as RegionId,
        };
    }

    /** Whether what is built now can be reached from the region's start. */
    get reachable(): boolean {
        return this.#reachable;
    }

    /**
     * Appends an operation of one result. `type` is the result's where the operands don't give it: the element's for a
     * buffer's.
     */
    value(
        op: OpName,
        operands: readonly ValueId[],
        span: Span,
        attributes: Attributes = NO_ATTRIBUTES,
        type?: IrType,
    ): ValueId {
        const result = this.#newValue(this.#resultType(op, operands, type), span);
        this.#append({ op, operands, results: [result], attributes, regions: NO_REGIONS, span });
        return result;
    }

    constant(value: ConstantValue, type: IrScalar, span: Span): ValueId {
        return this.value("const", [], span, { value }, type);
    }

    /** Appends an operation without a result. */
    effect(op: OpName, operands: readonly ValueId[], span: Span, attributes: Attributes = NO_ATTRIBUTES): void {
        this.#append({ op, operands, results: [], attributes, regions: NO_REGIONS, span });
    }

    /** Appends an operation of several results. */
    values(
        op: OpName,
        operands: readonly ValueId[],
        types: readonly IrType[],
        span: Span,
        attributes: Attributes = NO_ATTRIBUTES,
    ): readonly ValueId[] {
        const results = types.map((type) => this.#newValue(type, span));
        this.#append({ op, operands, results, attributes, regions: NO_REGIONS, span });
        return results;
    }

    /** Appends a `tile_map` of a region that was built before. */
    map(operands: readonly ValueId[], element: RegionId, type: TileType, span: Span): ValueId {
        const result = this.#newValue(type, span);
        this.#append({
            op: "tile_map",
            operands,
            results: [result],
            attributes: NO_ATTRIBUTES,
            regions: [element],
            span,
        });
        return result;
    }

    /** Calls a function; gives its results. */
    call(callee: IrFunction, operands: readonly ValueId[], span: Span): readonly ValueId[] {
        const results = callee.results.map((type) => this.#newValue(type, span));
        this.#append({ op: "call", operands, results, attributes: { callee: callee.name }, regions: NO_REGIONS, span });
        return results;
    }

    terminate(
        op: TerminatorName,
        operands: readonly ValueId[],
        span: Span,
        attributes: Attributes = NO_ATTRIBUTES,
    ): void {
        this.#append({ op, operands, results: [], attributes, regions: NO_REGIONS, span });
        this.#current = { parameters: [], operations: [] };
        this.#reachable = false;
    }

    /** The id of a loop that is to be built, for the `break`s within it. */
    reserve(): OpId {
        const ids = this.function.operations;
        ids.push({
            op: "unreachable",
            operands: [],
            results: [],
            attributes: {},
            regions: [],
            span: this.function.span,
        });
        return (ids.length - 1) as OpId;
    }

    /** Starts a region: what is built from here on belongs to it, until `end` gets it back. */
    begin(parameters: readonly { type: IrType; span: Span }[]): OpenRegion {
        const outer = { current: this.#current, reachable: this.#reachable };
        const values = parameters.map(({ type, span }) => this.#newValue(type, span));
        this.#current = { parameters: values, operations: [] };
        this.#regions.push(this.#current);
        this.#reachable = true;
        return { id: (this.#regions.length - 1) as RegionId, parameters: values, outer };
    }

    /** Ends a region, which a terminator must have closed, and goes on where it began. */
    end({ id, outer }: OpenRegion): RegionId {
        if (this.#reachable) throw new Error("a region without a terminator");
        this.#current = outer.current;
        this.#reachable = outer.reachable;
        return id;
    }

    /** Appends an `if` or loop made of regions that were built before. */
    structured(
        op: "if" | "for" | "while",
        operands: readonly ValueId[],
        results: readonly IrType[],
        regions: readonly RegionId[],
        span: Span,
        id: OpId = this.reserve(),
        attributes: Attributes = NO_ATTRIBUTES,
    ): readonly ValueId[] {
        const values = results.map((type) => this.#newValue(type, span));
        this.function.operations[id] = { op, operands, results: values, attributes, regions, span };
        this.#current.operations.push(id);
        return values;
    }

    #append(op: Operation): void {
        this.function.operations.push(op);
        this.#current.operations.push((this.function.operations.length - 1) as OpId);
    }

    #newValue(type: IrType, span: Span): ValueId {
        this.function.values.push({ type, span });
        return (this.function.values.length - 1) as ValueId;
    }

    #resultType(op: OpName, operands: readonly ValueId[], given: IrType | undefined): IrType {
        const spec = OPS[op];
        if (spec.result === null || spec.result === "variadic") throw new Error(`${op} has no result of its own`);
        if (given !== undefined) return given;
        if (spec.result !== "T") return spec.result as IrScalar;
        const at = TYPE_GIVERS.get(op) as number;
        const operand = operands[at];
        if (operand === undefined) throw new Error(`the result type of ${op} must be given`);
        const type = typeOf(this.function, operand);
        if (spec.operands[at] !== "buffer<T>") return type;
        if (!isBuffer(type)) throw new Error(`${op} needs a buffer, not ${typeText(type)}`);
        if (type.element === "bytes") throw new Error(`the result type of ${op} of bytes must be given`);
        return type.element;
    }
}

/** By operation: which operand gives the result its type; -1 if none does. */
const TYPE_GIVERS = new Map<OpName, number>(
    (Object.keys(OPS) as OpName[]).map((name) => {
        const { operands } = OPS[name];
        return [name, operands === "variadic" ? -1 : operands.findIndex(givesT)];
    }),
);

function givesT(pattern: TypePattern): boolean {
    return pattern === "T" || pattern === "buffer<T>";
}
