// Formulas as Soma source: what the generated kernels compute. Whatever is the same for all neurons of an instance
// becomes a constant, which the runtime computes once in double precision.

import { type Formula, namesOf, type Operation } from "../../codeobject/network/formula.js";

/** The columns of a network's constants: one for each different formula. */
export class Constants {
    readonly formulas: Formula[] = [];
    private readonly places = new Map<string, number>();

    column(formula: Formula): number {
        const key = JSON.stringify(formula);
        const known = this.places.get(key);
        if (known !== undefined) return known;
        const place = this.formulas.push(formula) - 1;
        this.places.set(key, place);
        return place;
    }
}

const INFIX = new Set(["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "&&", "||"]);

const CONDITIONS = new Set(["<", "<=", ">", ">=", "==", "!=", "&&", "||", "!"]);

/** A model's own name in code, of a neuron or synapse, or of the input of this number: no name that kernels have besides begins so. */
export function ownName(name: string, input: number | "" = ""): string {
    return `u${input}_${name}`;
}

/** The parameter that such a name is loaded from. */
export function viewOf(code: string): string {
    return `of_${code}`;
}

/** Prints the formulas of one kernel. */
export class Printer {
    /** Columns of constants in use. */
    private readonly columns = new Set<number>();
    private draw = 0;

    /**
     * @param constants the network's
     * @param names what a name is: code, or a formula that is one value an instance
     */
    constructor(
        private readonly constants: Constants,
        private readonly names: (name: string) => { readonly code: string } | { readonly uniform: Formula },
    ) {}

    /**
     * An expression in parentheses where it needs them.
     * @param places code in place of what some names are
     */
    print(formula: Formula, places?: ReadonlyMap<string, string>): string {
        this.places = places;
        return this.text(formula);
    }

    private places: ReadonlyMap<string, string> | undefined;

    private find(name: string): { readonly code: string } | { readonly uniform: Formula } {
        const code = this.places?.get(name);
        return code === undefined ? this.names(name) : { code };
    }

    private text(formula: Formula): string {
        if (typeof formula === "boolean") return String(formula);
        if (typeof formula === "number") return literal(formula);
        const isCondition = typeof formula === "object" && CONDITIONS.has(formula[0]);
        const uniform = isCondition ? null : this.uniform(formula);
        if (uniform !== null) return this.constant(uniform);
        if (typeof formula === "string") {
            const found = this.find(formula);
            return "code" in found ? found.code : this.constant(found.uniform);
        }
        const [operation, ...operands] = formula;
        const text = operands.map((operand) => this.text(operand));
        if (INFIX.has(operation)) return `(${text[0]} ${operation} ${text[1]})`;
        return this.printOperation(operation, text);
    }

    private printOperation(operation: Operation, text: readonly string[]): string {
        switch (operation) {
            case "!":
                return `!${text[0]}`;
            case "neg":
                return `(-${text[0]})`;
            case "inf":
                return "inf";
            case "if":
                return `(if ${text[0]} { ${text[1]} } else { ${text[2]} })`;
            case "phi":
                return `phi(${text[0]})`;
            case "uniform":
                return `uniform_f32(seed, index, ${this.next()}, draw)`;
            case "gauss":
                return `normal_f32(seed, index, ${this.next()}, draw)`;
            case "poisson":
                return `poisson_f32(${text[0]}, seed, index, ${this.next()}, draw)`;
            default:
                return `${operation}(${text.join(", ")})`;
        }
    }

    /** The formula over the network's parameters, where it has one value an instance. */
    private uniform(formula: Formula): Formula | null {
        if (hasStepDraw(formula)) return null;
        const uniforms = new Map<string, Formula>();
        for (const name of namesOf(formula)) {
            const found = this.find(name);
            if ("code" in found) return null;
            uniforms.set(name, found.uniform);
        }
        return replace(formula, uniforms);
    }

    private constant(formula: Formula): string {
        if (typeof formula === "number") return literal(formula);
        const column = this.constants.column(formula);
        this.columns.add(column);
        return `k${column}`;
    }

    /** The stream of a draw, of the 256 that the kernel's parameter `stream` begins. */
    private next(): string {
        return `stream + ${this.draw++}`;
    }

    /** Statements that load the constants in use, for the instance r. */
    loads(indent: string): string[] {
        return [...this.columns]
            .sort((a, b) => a - b)
            .map((column) => `${indent}let k${column} = constants[r, ${column}]`);
    }

    get usesConstants(): boolean {
        return this.columns.size > 0;
    }
}

function hasStepDraw(formula: Formula): boolean {
    if (typeof formula !== "object") return false;
    const [operation, ...operands] = formula;
    return operation === "uniform" || operation === "gauss" || operation === "poisson" || operands.some(hasStepDraw);
}

function replace(formula: Formula, names: ReadonlyMap<string, Formula>): Formula {
    if (typeof formula === "string") return names.get(formula) ?? formula;
    if (typeof formula !== "object") return formula;
    const [operation, ...operands] = formula;
    return [operation, ...operands.map((each) => replace(each, names))];
}

/** A float literal, as short as reads back to the same number. */
export function literal(value: number): string {
    const text = String(value);
    const signed = /[.e]/.test(text) ? text.replace(/^(-?\d+)e/, "$1.0e").replace("e+", "e") : `${text}.0`;
    return value < 0 ? `(${signed})` : signed;
}
