// What the choices of a grammar's rules may begin with, as tables by the type of the next token.

import {
    Alternation,
    type IProduction,
    NonTerminal,
    Option,
    Repetition,
    RepetitionMandatory,
    RepetitionMandatoryWithSeparator,
    RepetitionWithSeparator,
    type Rule,
    Terminal,
} from "#chevrotain";
import { TOKENS } from "./tokens.js";

/** Of one rule, by the numbers that the grammar gives several of a kind. A table is 1 at the types that may come first. */
export interface Choices {
    readonly options: readonly (Uint8Array | undefined)[];
    /** Without separators. */
    readonly repetitions: readonly (Uint8Array | undefined)[];
    /** Repetitions with separators. */
    readonly lists: readonly (Uint8Array | undefined)[];
    readonly alternatives: readonly (Alternatives | undefined)[];
}

export const NO_CHOICES: Choices = { options: [], repetitions: [], lists: [], alternatives: [] };

/** A production of others. */
type Inner = IProduction & { readonly definition: readonly IProduction[]; readonly idx?: number };

/** Of one alternation; its alternatives are counted from 1. */
export class Alternatives {
    /** By type: the first one that may begin with it, or 0. */
    readonly first: Uint8Array;

    constructor(readonly tables: readonly Uint8Array[]) {
        this.first = new Uint8Array(TYPES).map((_, type) => this.after(0, type));
    }

    /** The next one behind another that may begin with the type, or 0. */
    after(which: number, type: number): number {
        for (let next = which; next < this.tables.length; next++) if (this.tables[next]?.[type] === 1) return next + 1;
        return 0;
    }
}

/** The end of the file is a type as well, and has the number 1. */
const TYPES = Math.max(...TOKENS.map(({ tokenTypeIdx = 0 }) => tokenTypeIdx)) + 1;

/** By the names of rules. */
export function choicesOf(rules: Readonly<Record<string, Rule>>): ReadonlyMap<string, Choices> {
    const firsts = new Firsts();
    return new Map(Object.values(rules).map((rule) => [rule.name, firsts.choices(rule)]));
}

interface First {
    readonly types: ReadonlySet<number>;
    /** Whether nothing at all may be there. */
    readonly empty: boolean;
}

class Firsts {
    readonly #rules = new Map<Rule, First>();

    choices(rule: Rule): Choices {
        const options: Uint8Array[] = [];
        const repetitions: Uint8Array[] = [];
        const lists: Uint8Array[] = [];
        const alternatives: Alternatives[] = [];
        const visit = (productions: readonly IProduction[]) => {
            for (const production of productions) {
                if (production instanceof Terminal || production instanceof NonTerminal) continue;
                const { definition, idx = 0 } = production as Inner;
                if (production instanceof Alternation) {
                    alternatives[idx] = new Alternatives(
                        definition.map((each) => this.#table((each as Inner).definition)),
                    );
                } else if (production instanceof Option) options[idx] = this.#table(definition);
                else if (production instanceof Repetition || production instanceof RepetitionMandatory) {
                    repetitions[idx] = this.#table(definition);
                } else if (isList(production)) lists[idx] = this.#table(definition);
                visit(definition);
            }
        };
        visit(rule.definition);
        return { options, repetitions, lists, alternatives };
    }

    #table(definition: readonly IProduction[]): Uint8Array {
        const { types } = this.#sequence(definition);
        return new Uint8Array(TYPES).map((_, type) => (types.has(type) ? 1 : 0));
    }

    #sequence(definition: readonly IProduction[]): First {
        const types = new Set<number>();
        for (const production of definition) {
            const first = this.#production(production);
            for (const type of first.types) types.add(type);
            if (!first.empty) return { types, empty: false };
        }
        return { types, empty: true };
    }

    #production(production: IProduction): First {
        if (production instanceof Terminal) {
            const { tokenTypeIdx = 0, categoryMatches = [] } = production.terminalType;
            return { types: new Set([tokenTypeIdx, ...categoryMatches]), empty: false };
        }
        if (production instanceof NonTerminal) return this.#rule(production.referencedRule);
        if (production instanceof Alternation) {
            const all = production.definition.map((each) => this.#sequence((each as Inner).definition));
            return { types: new Set(all.flatMap(({ types }) => [...types])), empty: all.some(({ empty }) => empty) };
        }
        const inner = this.#sequence((production as Inner).definition);
        const optional =
            production instanceof Option ||
            production instanceof Repetition ||
            production instanceof RepetitionWithSeparator;
        return { types: inner.types, empty: optional || inner.empty };
    }

    #rule(rule: Rule): First {
        const known = this.#rules.get(rule);
        if (known !== undefined) return known;
        const first = this.#sequence(rule.definition);
        this.#rules.set(rule, first);
        return first;
    }
}

function isList(production: IProduction): boolean {
    return production instanceof RepetitionWithSeparator || production instanceof RepetitionMandatoryWithSeparator;
}
