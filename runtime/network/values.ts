// The numbers of a network: its parameters for each instance, and the formulas over them.

import { evaluate, type Formula, type Lookup } from "../../codeobject/network/formula.js";
import type { NetworkManifest } from "../../codeobject/network/manifest.js";
import { describeValue } from "../elements.js";
import { ArgumentError, CodeObjectError } from "../errors.js";
import { requireText } from "../options.js";
import { didYouMean } from "../suggest.js";

/** A number for all instances, or one for each. */
export type ParameterValue = number | readonly number[];

export class Values {
    private readonly given = new Map<string, readonly number[]>();
    /** Computed ones, by instance, until a parameter changes. */
    private readonly computed: Map<string, number>[];
    private readonly formulas: ReadonlyMap<string, Formula | null>;

    /** @throws ArgumentError */
    constructor(
        private readonly manifest: NetworkManifest,
        readonly batch: number,
        dt: number | undefined,
        parameters: Readonly<Record<string, ParameterValue>>,
    ) {
        this.formulas = new Map<string, Formula | null>([
            ...manifest.parameters.map(({ name, value }) => [name, value] as const),
            ["dt", manifest.dt],
            ["batch", batch],
            ...manifest.parts.map(({ name, size }) => [`size.${name}`, size] as const),
        ]);
        this.computed = Array.from({ length: batch }, () => new Map());
        if (dt !== undefined) this.setStep(dt);
        for (const [name, value] of Object.entries(parameters)) this.put(name, value);
        for (const { name, value } of manifest.parameters) {
            if (value === null && !this.given.has(name)) {
                throw new ArgumentError(
                    `network ${manifest.name}: its parameter ${name} has no value: pass { parameters: { ${JSON.stringify(name)}: … } }`,
                );
            }
        }
        this.requireSigns();
        if (manifest.dt !== null && !(this.get("dt") > 0)) {
            throw new ArgumentError(`network ${manifest.name}: a step of ${this.get("dt")} ms is none`);
        }
    }

    private setStep(dt: number): void {
        if (this.manifest.dt === null) {
            throw new ArgumentError(`network ${this.manifest.name} has layers only and no time: leave dt out`);
        }
        if (!(Number.isFinite(dt) && dt > 0)) {
            throw new ArgumentError(`dt is a time in ms above 0, not ${describeValue(dt)}`);
        }
        this.given.set(
            "dt",
            Array.from({ length: this.batch }, () => dt),
        );
    }

    /** Changes nothing where it throws. @throws ArgumentError */
    set(name: string, value: ParameterValue): void {
        const before = this.given.get(name);
        this.put(name, value);
        try {
            this.requireSigns();
        } catch (error) {
            if (before === undefined) this.given.delete(name);
            else this.given.set(name, before);
            for (const computed of this.computed) computed.clear();
            throw error;
        }
    }

    /** @throws ArgumentError where a time constant, capacitance or period is none */
    private requireSigns(): void {
        for (const { name, quantity, sign } of this.manifest.parameters) {
            if (sign === "any") continue;
            const wrong = this.list(name).find((each) => !(sign === "positive" ? each > 0 : each >= 0));
            if (wrong === undefined) continue;
            const least = sign === "positive" ? "above 0" : "0 or more";
            throw new ArgumentError(
                `network ${this.manifest.name}: ${name} would be ${wrong}, and this ${quantity.replace(/^an? /, "")} is ${least}`,
            );
        }
    }

    private put(name: string, value: ParameterValue): void {
        requireText("a parameter's name", name);
        const known = this.manifest.parameters.map((parameter) => parameter.name);
        if (!known.includes(name)) {
            const help = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
            throw new ArgumentError(
                `network ${this.manifest.name} has no parameter ${name}${didYouMean(name, known) || `: ${help}`}`,
            );
        }
        const list = Array.isArray(value) ? [...value] : Array.from({ length: this.batch }, () => value);
        const wrong = list.findIndex((each) => typeof each !== "number" || !Number.isFinite(each));
        if (list.length !== this.batch || wrong >= 0) {
            throw new ArgumentError(
                `network ${this.manifest.name}: ${name} is a number, or ${this.batch} of them for its instances, not ${describeValue(wrong >= 0 ? list[wrong] : value)}`,
            );
        }
        this.given.set(name, list);
        for (const computed of this.computed) computed.clear();
    }

    /** Whether the network has time. */
    get manifestDt(): Formula | null {
        return this.manifest.dt;
    }

    /** A number that follows from what was drawn. */
    define(name: string, value: number): void {
        this.given.set(
            name,
            Array.from({ length: this.batch }, () => value),
        );
        for (const computed of this.computed) computed.clear();
    }

    /** A parameter's value in each instance. */
    list(name: string): readonly number[] {
        return Array.from({ length: this.batch }, (_, r) => this.get(name, r));
    }

    /** Sets all parameters to what JSON of lists by their names says. @throws ArgumentError */
    restore(text: string): void {
        let lists: unknown;
        try {
            lists = JSON.parse(text);
        } catch {
            throw new ArgumentError("this checkpoint has no parameters");
        }
        for (const { name } of this.manifest.parameters) {
            this.put(name, (lists as Readonly<Record<string, readonly number[]>> | null)?.[name] ?? []);
        }
        this.requireSigns();
    }

    /** A parameter's, size's or step's value in an instance. */
    get(name: string, instance = 0): number {
        return Number(this.lookup(instance)(name));
    }

    /** A formula without draws. */
    evaluate(formula: Formula, instance = 0): number {
        return Number(evaluate(formula, this.lookup(instance)));
    }

    /** Names as an instance has them, and others besides. */
    lookup(instance: number, extra?: Readonly<Record<string, number>>): Lookup {
        const computed = this.computed[instance] as Map<string, number>;
        const find: Lookup = (name) => {
            const own = extra?.[name] ?? this.given.get(name)?.[instance] ?? computed.get(name);
            if (own !== undefined) return own;
            const formula = this.formulas.get(name);
            if (formula === undefined || formula === null) {
                throw new CodeObjectError(`network ${this.manifest.name}: nothing says what ${name} is`);
            }
            const value = Number(evaluate(formula, find));
            computed.set(name, value);
            return value;
        };
        return find;
    }
}
