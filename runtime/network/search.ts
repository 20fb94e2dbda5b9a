// A search over what a network leaves open: sizes and parameters that the source gives as `choose(…)` and `between(…)`. Candidates
// are evaluated as batches on the device; those that differ in sizes are batches of their own.
// Invariant: which candidates come follows from the seed and the scores alone, so that a search that was broken off goes on where
// its file ends.

import { appendFile, readFile } from "node:fs/promises";
import { evaluate, namesOf, Words } from "../../codeobject/network/formula.js";
import type { NetworkManifest } from "../../codeobject/network/manifest.js";
import { describeValue } from "../elements.js";
import { ArgumentError } from "../errors.js";
import type { Gpu } from "../gpu.js";
import { requireOptions } from "../options.js";
import type { NetworkDefinition } from "./definition.js";
import type { Network } from "./network.js";
import { requireSeed } from "./options.js";

/** Parameters by name. */
export type Candidate = Readonly<Record<string, number>>;

export interface Trial {
    readonly round: number;
    readonly candidate: Candidate;
    /** How much the score may cost, from 1. */
    readonly budget: number;
    /** The greater the better. */
    readonly score: number;
}

export interface SearchOptions {
    /**
     * Scores the instances of a network, each a candidate: the greater the better.
     * @param budget from 1; successive halving gives the better ones more
     */
    readonly score: (net: Network, budget: number) => ArrayLike<number> | Promise<ArrayLike<number>>;
    /**
     * `evolution` (the default): rounds of candidates, of which the better ones have changed copies; `halving`: the better part of the
     * candidates goes on with a greater budget (K. Jamieson, A. Talwalkar, 2016).
     */
    readonly strategy?: "evolution" | "halving";
    /** Candidates of a round, of halving the first. Default 16. */
    readonly candidates?: number;
    /** Rounds of an evolution. Default 8. */
    readonly rounds?: number;
    /** Of halving: one in so many goes on, with so many times the budget. Default 2. */
    readonly factor?: number;
    /** Of the networks and of what the search draws. Default 0. */
    readonly seed?: number;
    /** Where trials are kept, a line of JSON each. Trials that it has are not run again. */
    readonly file?: string;
    /** Parameters that are the same for all. */
    readonly parameters?: Candidate;
}

export interface SearchResult {
    readonly best: Trial;
    /** In the order in which they ran. */
    readonly trials: readonly Trial[];
}

/** A parameter that is open. */
type Dimension = { readonly name: string; readonly kind: "choose" | "between"; readonly values: readonly number[] };

const OPTIONS = ["score", "strategy", "candidates", "rounds", "factor", "seed", "file", "parameters"] as const;

/** @throws ArgumentError where nothing is open, or for a file of another search */
export async function search(gpu: Gpu, definition: NetworkDefinition, options: SearchOptions): Promise<SearchResult> {
    const { strategy = "evolution", candidates = 16, seed = 0, score } = requireOptions("search", options, OPTIONS);
    if (typeof score !== "function")
        throw new ArgumentError(
            `search: score is a function that rates the instances of a network, not ${describeValue(score)}`,
        );
    if (strategy !== "evolution" && strategy !== "halving")
        throw new ArgumentError(`search: strategy is "evolution" or "halving", not ${describeValue(strategy)}`);
    requireSeed(seed);
    const space = spaceOf(definition.manifest);
    if (space.length === 0)
        throw new ArgumentError(
            `network ${definition.name} leaves nothing open: write \`choose(64, 128)\` or \`between(0.001, 0.1)\` where a search may choose`,
        );
    if (!(Number.isSafeInteger(candidates) && candidates >= 2))
        throw new ArgumentError("a search has at least two candidates");
    const evaluation = new Evaluation(gpu, definition, options, await trialsIn(options.file));
    const words = new Words(BigInt(seed));
    const drawer = (round: number) => {
        words.begin(STREAM, round);
        return () => words.next() / 2 ** 32;
    };
    const first = drawer(0);
    const start = Array.from({ length: candidates }, () => randomOf(space, first));
    if (strategy === "evolution") await evolve(evaluation, space, start, drawer, options);
    else await halve(evaluation, start, options);
    const { trials } = evaluation;
    const budget = Math.max(...trials.map((trial) => trial.budget));
    const best = trials.filter((trial) => trial.budget === budget).reduce((a, b) => (b.score > a.score ? b : a));
    return { best, trials };
}

/** The random stream of searches; networks number theirs from 1. */
const STREAM = 0;

function spaceOf({ parameters }: NetworkManifest): Dimension[] {
    const value = (name: string): number => {
        const found = parameters.find((each) => each.name === name)?.value ?? null;
        if (found === null) throw new ArgumentError(`a domain names ${name}, which has no value`);
        return Number(evaluate(found, value));
    };
    return parameters.flatMap(({ name, domain }) => {
        if (domain === null) return [];
        return [{ name, kind: domain.kind, values: domain.values.map((each) => Number(evaluate(each, value))) }];
    });
}

function randomOf(space: readonly Dimension[], draw: () => number): Candidate {
    return Object.fromEntries(space.map((dimension) => [dimension.name, valueAt(dimension, draw())]));
}

function valueAt({ kind, values }: Dimension, share: number): number {
    if (kind === "choose") return values[Math.floor(share * values.length)] as number;
    const [low, high] = values as [number, number];
    return low + share * (high - low);
}

/** Half of each round goes on; the rest are crossed and changed copies of winners of two. */
async function evolve(
    evaluation: Evaluation,
    space: readonly Dimension[],
    start: readonly Candidate[],
    drawer: (round: number) => () => number,
    { rounds = 8 }: SearchOptions,
): Promise<void> {
    let living = await evaluation.run(0, start, 1);
    for (let round = 1; round < rounds; round++) {
        const draw = drawer(round);
        const parents = sorted(living).slice(0, Math.ceil(start.length / 2));
        const pick = () => {
            const [a, b] = [0, 0].map(() => parents[Math.floor(draw() * parents.length)] as Trial) as [Trial, Trial];
            return (a.score >= b.score ? a : b).candidate;
        };
        const children = Array.from({ length: start.length - parents.length }, () => {
            const [mother, father] = [pick(), pick()];
            return Object.fromEntries(
                space.map((dimension) => {
                    const own = (draw() < 0.5 ? mother : father)[dimension.name] as number;
                    return [dimension.name, changed(dimension, own, draw)];
                }),
            );
        });
        living = [...parents, ...(await evaluation.run(round, children, 1))];
    }
}

/** A choice is made anew once in a few times; a number moves by a normal share of its range, and is thrown back at the ends. */
function changed(dimension: Dimension, value: number, draw: () => number): number {
    const [isNew, a, b] = [draw() < 0.3, draw(), draw()];
    if (dimension.kind === "choose") return isNew ? valueAt(dimension, a) : value;
    const [low, high] = dimension.values as [number, number];
    const normal = Math.sqrt(-2 * Math.log(a + 2 ** -33)) * Math.cos(2 * Math.PI * b);
    const moved = value + 0.15 * (high - low) * normal;
    const thrown = moved < low ? 2 * low - moved : moved > high ? 2 * high - moved : moved;
    return Math.min(Math.max(thrown, low), high);
}

async function halve(
    evaluation: Evaluation,
    start: readonly Candidate[],
    { factor = 2 }: SearchOptions,
): Promise<void> {
    if (!(factor > 1)) throw new ArgumentError(`one in ${factor} candidates can't go on: the factor is above 1`);
    let living = start;
    for (let round = 0, budget = 1; ; round++, budget *= factor) {
        const trials = await evaluation.run(round, living, budget);
        if (living.length === 1) return;
        living = sorted(trials)
            .slice(0, Math.max(1, Math.floor(living.length / factor)))
            .map(({ candidate }) => candidate);
    }
}

/** The better ones first; equals stay in order. */
function sorted(trials: readonly Trial[]): Trial[] {
    return [...trials].sort((a, b) => b.score - a.score);
}

class Evaluation {
    readonly trials: Trial[] = [];
    private readonly structural: ReadonlySet<string>;

    constructor(
        private readonly gpu: Gpu,
        private readonly definition: NetworkDefinition,
        private readonly options: SearchOptions,
        private readonly known: readonly Trial[],
    ) {
        this.structural = structuralParameters(definition.manifest);
    }

    /** Scores candidates, of which the file may have some. */
    async run(round: number, candidates: readonly Candidate[], budget: number): Promise<Trial[]> {
        const from = this.trials.length;
        const scores = candidates.map((candidate, at) => this.scoreInFile(from + at, round, candidate, budget));
        for (const group of this.groups(candidates, (at) => scores[at] === undefined)) {
            const found = await this.score(
                group.map((at) => candidates[at] as Candidate),
                budget,
            );
            for (const [at, place] of group.entries()) scores[place] = found[at];
        }
        const trials = candidates.map((candidate, at) => ({ round, candidate, budget, score: scores[at] as number }));
        const fresh = trials.filter((_, at) => from + at >= this.known.length);
        this.trials.push(...trials);
        if (this.options.file !== undefined && fresh.length > 0) {
            await appendFile(this.options.file, fresh.map((trial) => `${JSON.stringify(trial)}\n`).join(""));
        }
        return trials;
    }

    private scoreInFile(at: number, round: number, candidate: Candidate, budget: number): number | undefined {
        const known = this.known[at];
        if (known === undefined) return undefined;
        if (known.round === round && known.budget === budget && isSame(known.candidate, candidate)) return known.score;
        throw new ArgumentError(
            `${this.options.file} is of another search: its trial ${at} is ${JSON.stringify(known.candidate)} with budget ${known.budget}, and this one's is ${JSON.stringify(candidate)} with ${budget}`,
        );
    }

    /** Places of those wanted, by what a batch has in common. */
    private groups(candidates: readonly Candidate[], isWanted: (at: number) => boolean): number[][] {
        const groups = new Map<string, number[]>();
        for (const [at, candidate] of candidates.entries()) {
            if (!isWanted(at)) continue;
            const key = JSON.stringify(Object.entries(candidate).filter(([name]) => this.structural.has(name)));
            const group = groups.get(key) ?? [];
            group.push(at);
            groups.set(key, group);
        }
        return [...groups.values()];
    }

    private async score(candidates: readonly Candidate[], budget: number): Promise<readonly number[]> {
        const { seed = 0, parameters = {}, score } = this.options;
        const names = Object.keys(candidates[0] as Candidate);
        const lists = names.map((name) => [name, candidates.map((each) => each[name] as number)] as const);
        using net = this.gpu.network(this.definition, {
            seed,
            batch: candidates.length,
            parameters: { ...parameters, ...Object.fromEntries(lists) },
        });
        const found: unknown = await score(net, budget);
        const isList = Array.isArray(found) || ArrayBuffer.isView(found);
        const scores = isList ? Array.from(found as ArrayLike<number>) : [];
        if (isList && scores.length === candidates.length && scores.every(Number.isFinite)) return scores;
        throw new ArgumentError(
            `a score is a number for each of the ${candidates.length} instances, not ${isList ? `[${scores.join(", ")}]` : describeValue(found)}`,
        );
    }
}

function isSame(a: Candidate, b: Candidate): boolean {
    return (
        Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value)
    );
}

/** Parameters that sizes and structure depend on, which instances of a batch share. */
function structuralParameters({ parameters, parts, connections, buffers }: NetworkManifest): ReadonlySet<string> {
    const names = new Set<string>();
    for (const { size } of parts) namesOf(size, names);
    for (const { extents } of buffers) for (const extent of extents) namesOf(extent, names);
    for (const { connectivity, weight, delay } of connections) {
        for (const formula of [connectivity.value, weight, delay]) if (formula !== null) namesOf(formula, names);
    }
    for (const name of names) {
        const value = parameters.find((parameter) => parameter.name === name)?.value ?? null;
        if (value !== null) namesOf(value, names);
    }
    return names;
}

/** @throws ArgumentError for a file that is none of trials */
async function trialsIn(file: string | undefined): Promise<readonly Trial[]> {
    if (file === undefined) return [];
    const text = await readFile(file, "utf8").catch(() => "");
    return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line, at) => {
            try {
                const trial = JSON.parse(line) as Trial;
                if (typeof trial.score === "number" && typeof trial.candidate === "object") return trial;
            } catch {
                // Said below.
            }
            throw new ArgumentError(`${file}: line ${at + 1} is no trial of a search`);
        });
}
