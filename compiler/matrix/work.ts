// The state of lowering one kernel's tiles: the function that is made, what the old one's values have become, and small
// makers of operations. Pure operations are made once in a region and used in those within it.

import type { Span } from "../diagnostics/diagnostic.js";
import { FunctionBuilder } from "../ir/builder.js";
import {
    type Attributes,
    type ConstantValue,
    type IrFunction,
    type Operation,
    scalarOf,
    typeOf,
    type ValueId,
} from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import { type IrScalar, type IrType, isFloat, isScalar } from "../ir/types.js";
import type { Target } from "../targets/targets.js";
import { teamOf } from "./choose.js";
import type { Layouts } from "./infer.js";
import { type Bases, coordinates, type Layout, type Team } from "./layout.js";
import { Lds } from "./lds.js";
import type { Tile } from "./tile.js";

export class Work {
    readonly builder: FunctionBuilder;
    readonly team: Team;
    readonly lds: Lds;
    /** What values of the old function are in the new one. */
    readonly scalars = new Map<ValueId, ValueId>();
    readonly tiles = new Map<ValueId, Tile>();
    /** Of the loop around that begins its loads a round early: which half of LDS its operands are in, a u32. */
    round: ValueId | null = null;
    /** Whether the source asks for the loop around to be a pipeline. */
    isPipelined = false;
    /** Loops that the source makes pipelines, with the LDS that they take. */
    readonly pipelines: { readonly loop: Operation; readonly bytes: number }[] = [];
    /** Loops of which nothing can be begun early although the source asks for it. */
    readonly refused: Operation[] = [];
    /** Loops whose tiles can't go straight to LDS although the source asks for it. */
    readonly indirect: Operation[] = [];
    /** LDS that nobody needs in this round of such a loop, from its start on moved by a u32. */
    spare: { readonly start: number; readonly move: ValueId; readonly bytes: number } | null = null;
    /** Where operations that are made come from in the source. */
    span: Span;
    /** The work-item's number, where it is no longer what it was launched with for all that LLVM knows. */
    #item: ValueId | null = null;
    readonly #made: Map<string, ValueId>[] = [new Map()];
    readonly #constants = new Map<ValueId, ConstantValue>();

    constructor(
        readonly source: IrFunction,
        readonly target: Target,
        readonly layouts: Layouts,
    ) {
        const { name, span, kernel, options, parameters, results } = source;
        this.builder = new FunctionBuilder({
            name,
            span,
            kernel,
            options,
            results,
            parameters: parameters.map(({ value, ...parameter }) => ({
                ...parameter,
                type: typeOf(source, value),
                span: source.values[value]?.span ?? span,
            })),
        });
        parameters.forEach(({ value }, at) => {
            this.scalars.set(value, this.builder.function.parameters[at]?.value as ValueId);
        });
        this.team = teamOf(source, target);
        this.span = span;
        this.lds = new Lds(this);
    }

    get workgroup(): number {
        return 1 << (this.team.laneBits + this.team.waveBits);
    }

    /** A pure operation. */
    op(op: OpName, operands: readonly ValueId[], type?: IrType, attributes?: Attributes): ValueId {
        const of = typeof type === "object" ? JSON.stringify(type) : type;
        const key = `${op} ${operands.join()} ${of} ${attributes === undefined ? "" : JSON.stringify(attributes)}`;
        for (const made of this.#made) {
            const known = made.get(key);
            if (known !== undefined) return known;
        }
        const value = this.builder.value(op, operands, this.span, attributes, type);
        this.#made.at(-1)?.set(key, value);
        return value;
    }

    constant(value: ConstantValue, type: IrScalar): ValueId {
        const key = `const ${Object.is(value, -0) ? "-0" : String(value)} ${type}`;
        for (const made of this.#made) {
            const known = made.get(key);
            if (known !== undefined) return known;
        }
        const made = this.builder.constant(value, type, this.span);
        this.#constants.set(made, value);
        this.#made.at(-1)?.set(key, made);
        return made;
    }

    /** The value of a constant; undefined for what is none. */
    known(value: ValueId): ConstantValue | undefined {
        return this.#constants.get(value);
    }

    zero(type: IrType): ValueId {
        if (!isScalar(type)) throw new Error("no zero of a buffer");
        return this.constant(type === "bool" ? false : isFloat(type) ? 0 : 0n, type);
    }

    word(value: number): ValueId {
        return this.constant(BigInt(value), "u32");
    }

    index(value: number): ValueId {
        return this.constant(BigInt(value), "index");
    }

    typeOf(value: ValueId): IrType {
        return typeOf(this.builder.function, value);
    }

    /** The same bits as another type of the same size. */
    bits(value: ValueId, type: IrScalar): ValueId {
        return scalarOf(this.builder.function, value) === type ? value : this.op("bitcast", [value], type);
    }

    convert(value: ValueId, type: IrScalar): ValueId {
        return scalarOf(this.builder.function, value) === type ? value : this.op("convert", [value], type);
    }

    /** The region that is being made, as a token: what is made in it can be used in it from then on. */
    get scope(): object | undefined {
        return this.#made.at(-1);
    }

    /** What is made from here on may not be used behind `leave`. */
    enter(): void {
        this.#made.push(new Map());
    }

    leave(): void {
        this.#made.pop();
    }

    /** The work-item's number in its workgroup: its lane's bits, then its wave's. */
    get item(): ValueId {
        return this.#item ?? this.convert(this.op("local_id", [], "index", { axis: 0 }), "u32");
    }

    /**
     * Does something for which what depends on the work-item's number is computed anew, as in a round of a loop around others: before it
     * that would take registers through all of it.
     */
    anew(act: () => void): void {
        const before = this.#item;
        const { item } = this;
        // The bits that it can have are said again.
        this.#item = this.op("and", [this.op("anew", [item]), this.word(this.workgroup - 1)]);
        act();
        this.#item = before;
    }

    /** What the bits of the work-item's number add up to, a u32. */
    linear(bases: Bases): ValueId {
        let sum: ValueId | null = null;
        for (let bit = 0; bit < bases.length; ) {
            const basis = bases[bit] ?? 0;
            let run = 1;
            while (basis !== 0 && bases[bit + run] === basis * 2 ** run) run++;
            if (basis !== 0) {
                const part = this.#field(bit, run, basis);
                sum = sum === null ? part : this.op("xor", [sum, part]);
            }
            bit += run;
        }
        return sum ?? this.word(0);
    }

    /** So many bits of the work-item's number from one on, times a factor. */
    #field(bit: number, count: number, factor: number): ValueId {
        const shifted = bit === 0 ? this.item : this.op("shr", [this.item, this.word(bit)]);
        const isWhole = bit + count === this.team.laneBits + this.team.waveBits;
        const field = isWhole ? shifted : this.op("and", [shifted, this.word(2 ** count - 1)]);
        if (factor === 1) return field;
        const power = Math.log2(factor);
        return Number.isInteger(power)
            ? this.op("shl", [field, this.word(power)])
            : this.op("mul", [field, this.word(factor)]);
    }

    /** The work-item's part of an element's place along a dimension. */
    placeAlong({ shape, lanes, waves }: Layout, axis: number): ValueId {
        return this.linear([...lanes, ...waves].map((basis) => coordinates(shape, basis)[axis] ?? 0));
    }

    /** Values by a condition that all of the workgroup share. */
    choose(
        condition: ValueId,
        types: readonly IrType[],
        then: () => readonly ValueId[],
        otherwise: () => readonly ValueId[],
    ): readonly ValueId[] {
        const { builder, span } = this;
        const regions = [then, otherwise].map((branch) => {
            const region = builder.begin([]);
            this.enter();
            builder.terminate("yield", branch(), span);
            this.leave();
            return builder.end(region);
        });
        return builder.structured("if", [condition], types, regions, span);
    }
}
