// The text form of the IR. Values and labels are numbered in order of appearance, so the same program gives the same
// text whatever passes made of it. Nothing in the text is lost that a parser would need, but the source places.

import {
    type ConstantValue,
    type IrFunction,
    type IrModule,
    type OpId,
    operation,
    type RegionId,
    region,
    typeOf,
    type ValueId,
} from "./module.js";
import { OPS } from "./ops.js";
import { typeText } from "./types.js";

export function printModule(module: IrModule): string {
    return module.functions.map(printFunction).join("\n");
}

export function printFunction(fn: IrFunction): string {
    return new Printer(fn).print();
}

class Printer {
    readonly #fn: IrFunction;
    readonly #values = new Map<ValueId, string>();
    readonly #labels = new Map<OpId, string>();
    readonly #lines: string[] = [];
    #depth = 1;

    constructor(fn: IrFunction) {
        this.#fn = fn;
    }

    print(): string {
        const fn = this.#fn;
        const parameters = fn.parameters.map(
            ({ value, name, mutable, large, alias, range }) =>
                `${this.#define(value)}${mutable ? " mut" : ""}${large ? " large" : ""}${alias ? " alias" : ""}${range ? ` range(${range.min}, ${range.max})` : ""} ` +
                JSON.stringify(name),
        );
        const { workgroup: sizes, mostGroups = [], elements } = fn.kernel ?? {};
        const over = elements === undefined ? "" : ` over(${elements})`;
        const workgroup =
            sizes === undefined ? "" : ` workgroup(${sizes.join(", ")}) groups(${mostGroups.join(", ")})${over}`;
        const result = fn.results.length > 0 ? ` -> ${fn.results.join(", ")}` : "";
        this.#region(fn.body);
        const head = `${fn.kernel ? "kernel" : "fn"} @${fn.name}(${parameters.join(", ")})${result}${workgroup}${optionsText(fn.options)} {`;
        return [head, ...this.#lines, "}", ""].join("\n");
    }

    #region(id: RegionId): void {
        for (const op of region(this.#fn, id).operations) this.#operation(op);
    }

    #operation(id: OpId): void {
        const op = operation(this.#fn, id);
        const {
            value,
            axis,
            atomic,
            order,
            scope,
            combine,
            from,
            callee,
            target,
            count,
            name,
            text,
            format,
            align,
            offset,
            access,
            dimension,
            unroll,
            stages,
            direct,
            nowrap,
        } = op.attributes;
        const words: string[] = [op.op];
        if (op.op === "for" || op.op === "while") words.push(this.#label(id));
        if (nowrap) words.push("nowrap");
        if (unroll !== undefined) words.push(`unroll(${unroll})`);
        if (stages !== undefined) words.push(`stages(${stages})`);
        if (direct) words.push("direct");
        if (target !== undefined) words.push(this.#label(target));
        if (atomic !== undefined) words.push(atomic);
        if (order !== undefined) words.push(order);
        if (scope !== undefined) words.push(scope);
        if (combine !== undefined) words.push(combine);
        if (from !== undefined) words.push(from);
        if (axis !== undefined) words.push(String(axis));
        if (callee !== undefined) words.push(`@${callee}`);
        if (align !== undefined) words.push(`align(${align})`);
        if (count !== undefined) words.push(String(count));
        if (name !== undefined) words.push(JSON.stringify(name));
        if (text !== undefined) words.push(JSON.stringify(text));
        if (format !== undefined) words.push(JSON.stringify(format));
        if (offset !== undefined) words.push(String(offset));
        if (access !== undefined) words.push(access);
        if (dimension !== undefined) words.push(String(dimension));
        if (value !== undefined) words.push(constantText(value));
        const operands = op.operands.map((operand) => this.#use(operand)).join(", ");
        if (operands) words.push(operands);
        // Results are named after the regions, but numbered before them: the line comes first.
        const results = op.results.map((result) => this.#define(result)).join(", ");
        this.#line(`${results}${results ? " = " : ""}${words.join(" ")}${op.regions.length > 0 ? " {" : ""}`);
        for (const [at, inner] of op.regions.entries()) {
            const parameters = region(this.#fn, inner).parameters.map((parameter) => this.#define(parameter));
            const heading = OPS[op.op].regions[at] ?? "";
            this.#line(`${heading}(${parameters.join(", ")}):`);
            this.#depth += 1;
            this.#region(inner);
            this.#depth -= 1;
        }
        if (op.regions.length > 0) this.#line("}");
    }

    #line(text: string): void {
        this.#lines.push(`${"    ".repeat(this.#depth)}${text}`);
    }

    #define(id: ValueId): string {
        return `${this.#use(id)}: ${typeText(typeOf(this.#fn, id))}`;
    }

    #use(id: ValueId): string {
        const known = this.#values.get(id);
        if (known !== undefined) return known;
        const text = `%${this.#values.size}`;
        this.#values.set(id, text);
        return text;
    }

    #label(id: OpId): string {
        const known = this.#labels.get(id);
        if (known !== undefined) return known;
        const text = `L${this.#labels.size}`;
        this.#labels.set(id, text);
        return text;
    }
}

/** Floats keep their sign of zero and always show that they are floats. */
export function constantText(value: ConstantValue): string {
    if (typeof value !== "number") return String(value);
    if (Object.is(value, -0)) return "-0.0";
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
    const text = String(value);
    return /[.e]/.test(text) ? text : `${text}.0`;
}

/** What attributes said of a function, behind its head. */
function optionsText({ wave, wavesPerEu, fast, inline, persistent }: IrFunction["options"]): string {
    const words = [
        ...(wave === undefined ? [] : [`wave(${wave})`]),
        ...(wavesPerEu === undefined ? [] : [`waves_per_eu(${wavesPerEu})`]),
        ...(fast ? ["fast"] : []),
        ...(inline ? ["inline"] : []),
        ...(persistent ? ["persistent"] : []),
    ];
    return words.map((text) => ` ${text}`).join("");
}
