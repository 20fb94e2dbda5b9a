// Whole programs: functions and one kernel, over one or two dimensions or by workgroups with shared memory, and what it
// is launched with.

import type { ScalarName } from "../../compiler/sema/types.js";
import { Choices } from "./choices.js";
import { declare } from "./declarations.js";
import type { Callable, Elements, Scope, Variable } from "./expressions.js";
import { block, type Place, statements, type Tally, valueFor } from "./statements.js";
import {
    anyType,
    floatSamples,
    integerSamples,
    isFloat,
    isStored,
    NUMBERS,
    scalar,
    type TypeName,
    WORDS,
} from "./types.js";

/** A kernel's view argument; `outcome` where the kernel writes it. */
export interface ViewPlan {
    readonly name: string;
    readonly type: TypeName;
    readonly shape: readonly number[];
    readonly outcome: boolean;
    /** Which of the types' samples it holds. */
    readonly seed: number;
}

export interface Program {
    readonly kernel: string;
    readonly text: string;
    readonly views: readonly ViewPlan[];
    /** Dimension names in the kernel's order of appearance. */
    readonly dims: Readonly<Record<string, number>>;
    readonly groups: readonly [number, number, number];
}

const SIZES = [1, 5, 33, 70] as const;
const TALLY_EXTENT = "4";

/** The program that a tape says; all its names begin with `prefix`. */
export function generate(tape: readonly number[], prefix: string): Program {
    const choices = new Choices(tape);
    let names = 0;
    const fresh = (word: string) => `${word}${names++}`;
    const form = choices.below(3);
    const { declared, lines } = declare(choices, prefix);
    const waves = choices.once(3);
    const scope: Scope = { choices, fresh, declared, waves, variables: [], readable: [], own: [], functions: [] };
    const functions: { callable: Callable; lines: string[] }[] = [];
    for (let left = choices.below(3); left > 0; left--) {
        functions.push(
            makeFunction({ ...scope, functions: functions.map(({ callable }) => callable) }, `${prefix}_f${left}`),
        );
    }
    const known = { ...scope, functions: functions.map(({ callable }) => callable) };
    const program = form === 2 ? groupsKernel(known, prefix) : overKernel(known, prefix, form + 1);
    return { ...program, text: [...lines, ...functions.flatMap(({ lines }) => lines), program.text].join("\n") };
}

function makeFunction(scope: Scope, name: string): { callable: Callable; lines: string[] } {
    const { choices } = scope;
    const params = Array.from({ length: 1 + choices.below(3) }, () => anyType(choices, scope.declared));
    const result = anyType(choices, scope.declared);
    const variables = params.map((type): Variable => ({ name: scope.fresh("a"), type, mutable: false }));
    const leave = (here: Scope) => `return ${valueFor(here, result)}`;
    const place: Place = { ...scope, variables, depth: 2, inLoop: false, leave, tallies: [] };
    const list = variables.map((variable) => `${variable.name}: ${variable.type}`).join(", ");
    const total = scope.fresh("v");
    const inner = { ...place, variables: [...variables, { name: total, type: result, mutable: true }] };
    const start = `var ${total}: ${result} = ${valueFor(place, result)}`;
    const { lines: steps, after } = statements(inner, 3);
    const body = [start, ...steps, valueFor(after, result)];
    const lines = [`fn ${name}(${list}) -> ${result} {`, ...body.map((line) => `    ${line}`), "}"];
    return { callable: { name, params, result }, lines };
}

interface Views {
    readonly inputs: readonly Elements[];
    readonly outputs: readonly { readonly name: string; readonly type: TypeName }[];
    readonly tallies: readonly Tally[];
    readonly plans: readonly ViewPlan[];
    readonly params: string;
}

/** Views for a kernel whose results have `extents`, of which the values are `shape`; inputs have the extent n. */
function makeViews(
    { choices, declared }: Scope,
    n: number,
    extents: readonly string[],
    shape: readonly number[],
): Views {
    const inputs = Array.from({ length: 1 + choices.below(3) }, (_, at) => ({
        name: `in${at}`,
        type: anyType(choices, declared),
        extent: "n",
    }));
    const outputs = Array.from({ length: 1 + choices.below(3) }, (_, at) => ({
        name: `out${at}`,
        type: anyType(choices, declared),
    }));
    const tallies = choices.once(3) ? [makeTally(choices)] : [];
    const view = (name: string, type: TypeName, shape: readonly number[], outcome: boolean): ViewPlan => ({
        name,
        type,
        shape,
        outcome,
        seed: choices.below(97),
    });
    return {
        inputs,
        outputs,
        tallies,
        plans: [
            ...inputs.map(({ name, type }) => view(name, type, [n], false)),
            ...outputs.map(({ name, type }) => view(name, type, shape, true)),
            ...tallies.map(({ name, type }) => ({ ...view(name, type, [Number(TALLY_EXTENT)], true), seed: -1 })),
        ],
        params: [
            ...inputs.map(({ name, type }) => `${name}: ${type}[n]`),
            ...outputs.map(({ name, type }) => `${name}: mut ${type}[${extents.join(", ")}]`),
            ...tallies.map(({ name, type }) => `${name}: mut ${type}[${TALLY_EXTENT}]`),
        ].join(", "),
    };
}

function makeTally(choices: Choices): Tally {
    const type = choices.pick<ScalarName>([...WORDS, "f32", "f64"]);
    const op = choices.pick(isFloat(type) ? ["add", "min", "max"] : ["add", "sub", "min", "max", "and", "or", "xor"]);
    return { name: "tally", type, op, extent: TALLY_EXTENT };
}

function overKernel(scope: Scope, kernel: string, rank: number): Program {
    const { choices } = scope;
    const n = choices.pick(SIZES);
    const m = 1 + choices.below(9);
    const [extents, shape] =
        rank === 1
            ? [["n"], [n]]
            : [
                  ["m", "n"],
                  [m, n],
              ];
    const indices = ["i", "j"].slice(0, rank);
    const { inputs, outputs, tallies, plans, params } = makeViews(scope, n, extents, shape);
    const place: Place = {
        ...scope,
        variables: indices.map((name) => ({ name, type: "index", mutable: false })),
        readable: inputs,
        own: outputs.map(({ name, type }) => ({ name: `${name}[${indices.join(", ")}]`, type, mutable: true })),
        depth: 3,
        inLoop: false,
        leave: () => "return",
        tallies,
    };
    const domain = indices.map((index, axis) => `${index} in ${extents[axis]}`).join(", ");
    const lines = [
        `kernel ${kernel}(${params}) over ${rank === 1 ? domain : `(${domain})`} {`,
        ...body(place).map((line) => `    ${line}`),
        "}\n",
    ];
    const groups = rank === 1 ? [Math.ceil(n / 256), 1, 1] : [Math.ceil(n / 32), Math.ceil(m / 8), 1];
    const dims = rank === 1 ? { n } : { n, m };
    return {
        kernel,
        text: lines.join("\n"),
        views: plans,
        dims,

        groups: groups as [number, number, number],
    };
}

/** Statements, and results that depend on what they computed. */
function body(place: Place): string[] {
    const first = place.choices.pick(NUMBERS);
    const name = place.fresh("v");
    const inner = { ...place, variables: [...place.variables, { name, type: first, mutable: true }] };
    const start = `var ${name}: ${first} = ${valueFor(place, first)}`;
    const { lines, after } = statements(inner, 5);
    return [start, ...lines, ...place.own.map((own) => `${own.name} = ${valueFor(after, own.type)}`)];
}

const WORKGROUP = 32;

/**
 * Work-items meet at barriers. Between two of them each writes its own element of the shared array and reads no other,
 * or all read anywhere and none writes.
 */
function groupsKernel(scope: Scope, kernel: string): Program {
    const { choices } = scope;
    const n = choices.pick(SIZES);
    const g = 1 + choices.below(3);
    const { inputs, outputs, tallies, plans, params } = makeViews(scope, n, ["g", String(WORKGROUP)], [g, WORKGROUP]);
    const type = choices.once(3) ? anyType(choices, scope.declared) : scalar(choices);
    const ids = ["local", "global"].map((name): Variable => ({ name: `${name}_id()`, type: "index", mutable: false }));
    const own = outputs.map(
        ({ name, type }): Variable => ({ name: `${name}[group_id(), local_id()]`, type, mutable: true }),
    );
    const place: Place = {
        ...scope,
        variables: ids,
        readable: inputs,
        own,
        depth: 2,
        inLoop: false,
        leave: null,
        tallies,
    };
    const mine: Variable = { name: "buf[local_id()]", type, mutable: true };
    const writing: Place = { ...place, own: [...own, mine] };
    const reading: Place = { ...place, readable: [...inputs, { name: "buf", type, extent: String(WORKGROUP) }] };
    const round = () => [...block(writing), "    barrier()", ...block(reading), "    barrier()"];
    const lines = [
        `kernel ${kernel}(${params}) groups g workgroup(${WORKGROUP}) {`,
        `    shared buf: ${type}[${WORKGROUP}]`,
        `    ${mine.name} = ${valueFor(place, type)}`,
        ...(choices.once(2) ? ["    for t in 0 .. 3 {", ...round().map((line) => `    ${line}`), "    }"] : round()),
        ...(choices.once(3) ? ["    if n > 5 {", ...round().map((line) => `    ${line}`), "    }"] : []),
        ...own.map((result) => `    ${result.name} = ${valueFor(reading, result.type)}`),
        "}\n",
    ];
    return { kernel, text: lines.join("\n"), views: plans, dims: { n, g }, groups: [g, 1, 1] };
}

/** The nth scalar of a view before the launch: samples of its type, from the simple to the strange. */
export function sampleOf({ seed }: ViewPlan, type: ScalarName, at: number): number | bigint | boolean {
    const float = isFloat(type) || isStored(type);
    const samples: readonly (number | bigint | boolean)[] =
        type === "bool" ? [true, false] : float ? floatSamples(type) : integerSamples(type);
    const zero = type === "bool" ? false : float ? 0 : 0n;
    return seed < 0 ? zero : (samples[(at * 7 + seed * (1 + (at % 3))) % samples.length] ?? zero);
}
