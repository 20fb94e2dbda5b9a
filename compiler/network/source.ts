// Writing generated source: kernels as drafts, which are fused where they may run side by side, and written once where several
// are the same but for what they are given. So what tells kernels of one structure apart are their arguments: where their
// constants begin, which findings they report, which random stream they draw from. (`merge.ts` makes one launch of those.)

import type { Formula } from "../../codeobject/network/formula.js";
import type { Binding, NetworkLaunch } from "../../codeobject/network/manifest.js";

export interface KernelParameter {
    readonly name: string;
    /** As in the source: `mut f32[b, n]`; empty for a dimension that the host passes. */
    readonly type: string;
    readonly binding: Binding;
    /** The memory in which its buffer lies among others. */
    readonly within?: string;
}

/** The number of the step, for the body of a draft. */
export const STEP: KernelParameter = { name: "step", type: "i32", binding: { value: "ahead" } };

/** How the device knows it: it has the number of a step, so that a graph of steps can be replayed as it is, and each launch how far it is from there. */
const CLOCK: readonly KernelParameter[] = [
    { name: "clock", type: "i32[1]", binding: { buffer: "clock" } },
    { name: "ahead", type: "i32", binding: STEP.binding },
];

/** A kernel whose constants (`k7`) and findings (`finding3`) are still the network's. */
export interface Draft {
    readonly name: string;
    readonly doc: string;
    readonly parameters: readonly KernelParameter[];
    /** The grid's extents in workgroups; the first is the batch, b. */
    readonly groups: readonly Extent[];
    readonly workgroup: readonly number[];
    /** Of a matrix kernel, which has no grid of its own: the ranges of its blocks. */
    readonly blocks?: string;
    /** When it runs, where another draft does the same otherwise; absent or null is always. */
    readonly when?: Formula | null;
    readonly body: readonly string[];
}

/** Workgroups along a dimension of the grid: an expression, or as many as cover a dimension, each so much of it. */
export type Extent = string | { readonly of: string; readonly per: number };

export function extentText(extent: Extent): string {
    return typeof extent === "string" ? extent : `(${extent.of} + ${extent.per - 1}) / ${extent.per}`;
}

/** What is the same for all kernels of a network, and has one name in a fused kernel. */
const SHARED = new Set(["constants", "findings", "seed", "step", "b", "kk"]);

/** Whether a parameter is one for all that is fused: what is the network's, and memory in which several drafts' buffers lie. */
export function isShared(name: string): boolean {
    return SHARED.has(name) || name.startsWith("pool_");
}

/** A fused kernel has no more parameters than this: each costs scalar registers. */
const MOST_PARAMETERS = 40;

/** Kernels that may run side by side, in groups that become one launch each. */
export function fusable(drafts: readonly Draft[]): readonly (readonly Draft[])[] {
    const groups: Draft[][] = [];
    for (const draft of drafts) {
        const size = (group: readonly Draft[]) => {
            const all = group.flatMap((each) =>
                each.parameters.map(({ name }, at) => (isShared(name) ? name : { at })),
            );
            return new Set(all).size;
        };
        const group = groups.find(
            (each) =>
                isFlat(draft) &&
                each[0] !== undefined &&
                isFlat(each[0]) &&
                fitsBeside(each[0], draft) &&
                !each.some((other) => conflict(other, draft)) &&
                size([...each, draft]) <= MOST_PARAMETERS,
        );
        if (group === undefined) groups.push([draft]);
        else group.push(draft);
    }
    return groups;
}

/** Whether it can be one of several in a launch: its grid is one of instances and workgroups, and it always runs. */
export function isFlat({ groups, when = null }: Draft): boolean {
    return groups.length === 2 && when === null;
}

/** Whether workgroups of one are as large as the other's, or as several of them. */
function fitsBeside({ workgroup: [, a = 1] }: Draft, { workgroup: [, b = 1] }: Draft): boolean {
    return a % b === 0 || b % a === 0;
}

/** A draft whose workgroups are several of its own, side by side: none of them has barriers, or memory that its work-items share. */
function widened(draft: Draft, size: number): Draft {
    const own = draft.workgroup[1] as number;
    if (own === size) return draft;
    const many = size / own;
    const extent = extentText(draft.groups[1] as Extent);
    const group = `(group_id(1) * ${many} + local_id(1) / ${own})`;
    const body = draft.body.map((line) =>
        line
            .replaceAll("group_count(1)", `(${extent})`)
            .replace(/\bgroup_id\(1\)|\blocal_id\(1\)/g, (each) =>
                each === "group_id(1)" ? group : `(local_id(1) % ${own})`,
            ),
    );
    return {
        ...draft,
        groups: [draft.groups[0] as Extent, `(${extent} + ${many - 1}) / ${many}`],
        workgroup: [1, size],
        body: [`if ${group} < ${extent} {`, ...body.map((line) => `    ${line}`), "}"],
    };
}

/** Whether one writes to memory that the other has under another name: the parameters of a kernel don't overlap. */
function conflict(a: Draft, b: Draft): boolean {
    const overlap = (one: KernelParameter, other: KernelParameter) =>
        one.within !== undefined &&
        one.within === other.within &&
        isShared(one.name) !== isShared(other.name) &&
        (one.type.startsWith("mut ") || other.type.startsWith("mut "));
    return a.parameters.some((one) => b.parameters.some((other) => overlap(one, other)));
}

/** One draft of several that run side by side: workgroups along the second dimension are the first's, then the second's, … */
export function fuse(given: readonly Draft[]): Draft {
    const [only] = given;
    if (only !== undefined && given.length === 1) return only;
    const size = Math.max(...given.map(({ workgroup }) => workgroup[1] as number));
    const drafts = given.map((draft) => widened(draft, size));
    const first = drafts[0] as Draft;
    const shared = new Map<string, KernelParameter>();
    const own: KernelParameter[] = [];
    const head: string[] = [];
    const branches: string[] = [];
    const extents: string[] = [];
    for (const [at, draft] of drafts.entries()) {
        const rename = renaming(draft, `_${at}`);
        for (const parameter of draft.parameters) {
            if (isShared(parameter.name)) {
                const known = shared.get(parameter.name);
                shared.set(parameter.name, known?.type.startsWith("mut ") ? known : parameter);
            } else own.push({ ...parameter, name: rename(parameter.name), type: renameType(parameter.type, rename) });
        }
        const extent = rename(extentText(draft.groups[1] as Extent));
        extents.push(extent);
        const before = at === 0 ? "" : ` - end_${at - 1}`;
        head.push(`let end_${at} = ${at === 0 ? "" : `end_${at - 1} + `}${extent}`);
        branches.push(
            `${at === 0 ? "" : "} else "}if group_id(1) < end_${at} {`,
            ...draft.body.map(
                (line) =>
                    `    ${rename(line)
                        .replaceAll("group_id(1)", `(group_id(1)${before})`)
                        .replaceAll("group_count(1)", `(${extent})`)}`,
            ),
        );
    }
    return {
        name: `${first.name}_and_${drafts.length - 1}_more`,
        doc: drafts.map(({ doc }) => doc).join(" "),
        parameters: [...shared.values(), ...own],
        groups: ["b", extents.join(" + ")],
        workgroup: first.workgroup,
        body: [...head, ...branches, "}"],
    };
}

/** Gives a draft's parameters and dimensions names of their own. */
function renaming({ parameters }: Draft, suffix: string): (text: string) => string {
    const names = new Set<string>();
    for (const { name, type } of parameters) {
        if (isShared(name)) continue;
        names.add(name);
        for (const [dimension] of (type.match(/\[.*\]/)?.[0] ?? "").matchAll(/[a-z]\w*/g)) {
            if (!SHARED.has(dimension)) names.add(dimension);
        }
    }
    const pattern = new RegExp(`\\b(${[...names].join("|")})\\b`, "g");
    return (text) => (names.size === 0 ? text : text.replace(pattern, (name) => name + suffix));
}

function renameType(type: string, rename: (text: string) => string): string {
    return type.replace(/\[.*\]/, rename);
}

/** A draft as text in which constants and findings have numbers of their own, from 0 on, and which of the network's these are. */
export interface Canonical {
    readonly body: readonly string[];
    readonly columns: readonly number[];
    readonly codes: readonly number[];
}

export function canonical(draft: Draft): Canonical {
    const found = (pattern: RegExp) => [
        ...new Set(draft.body.flatMap((line) => [...line.matchAll(pattern)].map((match) => Number(match[1])))),
    ];
    const columns = found(/\bk(\d+)\b/g);
    const codes = found(/\bfinding(\d+)\b/g);
    const body = draft.body.map((line) =>
        line
            .replace(
                /constants\[r, (\d+)\]/g,
                (_, column) => `constants[r, first_constant as index + ${columns.indexOf(Number(column))}]`,
            )
            .replace(/\bk(\d+)\b/g, (_, column) => `k${columns.indexOf(Number(column))}`)
            .replace(/\bfinding(\d+)\b/g, (_, code) => `(first_finding + ${codes.indexOf(Number(code))}) as u64`),
    );
    return { body, columns, codes };
}

export interface Written {
    /** What stands before the kernel's name. */
    readonly keyword: "kernel" | "matrix kernel";
    /** Behind the kernel's name. */
    readonly text: string;
    readonly arguments: NetworkLaunch["arguments"];
}

/**
 * A kernel as text that says nothing of the network's own numbers.
 * @param constants gives new columns for these of the network's, one behind the other
 * @param findings the same for findings
 */
export function write(
    draft: Draft,
    constants: (columns: readonly number[]) => number,
    findings: (codes: readonly number[]) => number,
): Written {
    const { body, columns, codes } = canonical(draft);
    const numbers: KernelParameter[] = [];
    const add = (name: string, type: string, formula: Formula) =>
        numbers.push({ name, type, binding: { value: "formula", formula } });
    if (columns.length > 0) add("first_constant", "i32", constants(columns));
    if (codes.length > 0) add("first_finding", "i32", findings(codes));
    const takesStep = draft.parameters.some(({ name }) => name === STEP.name);
    const parameters = [...draft.parameters.flatMap((each) => (each.name === STEP.name ? CLOCK : [each])), ...numbers];
    const lines = takesStep ? [`let ${STEP.name} = clock[0] + ahead`, ...body] : body;
    const list = parameters.filter(({ type }) => type !== "").map(({ name, type }) => `    ${name}: ${type}`);
    const head =
        draft.blocks === undefined
            ? `groups (${draft.groups.map(extentText).join(", ")}) workgroup(${draft.workgroup.join(", ")})`
            : `over (${draft.blocks})`;
    return {
        keyword: draft.blocks === undefined ? "kernel" : "matrix kernel",
        text: [`(`, list.join(",\n"), `) ${head} {`, ...lines.map((line) => `    ${line}`), "}"].join("\n"),
        arguments: Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.binding])),
    };
}

/** Names of parts as names of kernels: `exc->inh.g_exc` becomes `exc_to_inh_g_exc`. */
export function identifier(name: string): string {
    return name.replace("->", "_to_").replace(/\W/g, "_");
}
