// One launch of many kernels of one structure, as those of populations and connections are: their buffers lie one behind the other in pools,
// a table says for each member how many workgroups it has, where its buffers begin, their extents and its other arguments, and each
// workgroup finds its member in it by its number. Kernels that fit into one launch as they are stay apart: see source.ts.

import type { Formula } from "../../codeobject/network/formula.js";
import type { NetworkBuffer } from "../../codeobject/network/manifest.js";
import { CONSTANTS } from "./generation.js";
import {
    canonical,
    type Draft,
    type Extent,
    extentText,
    fusable,
    isFlat,
    isShared,
    type KernelParameter,
} from "./source.js";

/** Drafts of one structure. */
export type Members = readonly [Draft, ...Draft[]];

/**
 * What is merged of drafts that may run side by side: all, by structures, where some have one in common and one launch hasn't room for
 * all; a draft that has its structure for itself goes with them, so that it can be fused with the others.
 */
export function mergeable(drafts: readonly Draft[]): readonly Members[] {
    const flat = drafts.filter(isFlat);
    if (fusable(flat).length < 2) return [];
    const alike = new Map<string, Draft[]>();
    for (const draft of flat) {
        const key = structure(draft);
        alike.set(key, [...(alike.get(key) ?? []), draft]);
    }
    const all = [...alike.values()] as unknown as Members[];
    return all.some((members) => members.length > 1) ? all : [];
}

/** All that members have in common. */
function structure(draft: Draft): string {
    const { body, columns, codes } = canonical(draft);
    const parameters = draft.parameters.map(({ name, type, binding }) => [name, type, "buffer" in binding]);
    const groups = draft.groups.map(extentText);
    return JSON.stringify([body, columns.length, codes.length, parameters, groups, draft.workgroup]);
}

/**
 * Which buffers lie in one pool: those that a parameter of merged kernels is, of all members, and of parameters whose names differ in
 * numbers alone (`arrived_of0`, `arrived_of1`), and all that these share one with.
 */
export class Pools {
    private readonly parents = new Map<string, string>();

    /** @param phase drafts that may run side by side */
    add(phase: readonly Members[]): void {
        const families = new Map<string, string>();
        for (const { name, type, binding } of phase.flat().flatMap(({ parameters }) => parameters)) {
            if (isShared(name) || !("buffer" in binding)) continue;
            const family = `${name.replace(/\d+/g, "")} ${elementOf(type)}`;
            const first = families.get(family) ?? binding.buffer;
            families.set(family, first);
            this.parents.set(this.root(binding.buffer), this.root(first));
        }
    }

    private root(buffer: string): string {
        const parent = this.parents.get(buffer);
        if (parent !== undefined && parent !== buffer) return this.root(parent);
        this.parents.set(buffer, buffer);
        return buffer;
    }

    /** The name of the pool in which a buffer lies; null where it lies by itself. */
    of(buffer: string): string | null {
        if (!this.parents.has(buffer)) return null;
        const roots = [...this.parents].flatMap(([name, parent]) => (name === parent ? [name] : []));
        return `pool:${roots.indexOf(this.root(buffer))}`;
    }

    /** A draft whose parameters say in which pools they lie. */
    place(draft: Draft): Draft {
        const parameters = draft.parameters.map((parameter) => {
            const buffer = bufferOf(parameter);
            const pool = buffer === null ? null : this.of(buffer);
            return pool === null ? parameter : { ...parameter, within: pool };
        });
        return { ...draft, parameters };
    }
}

function bufferOf({ binding }: KernelParameter): string | null {
    return "buffer" in binding ? binding.buffer : null;
}

/** What a merged kernel needs of the network. */
export interface Around {
    readonly pools: Pools;
    readonly extentsOf: (buffer: string) => readonly Formula[];
    /** Gives new columns for these of the constants, one behind the other. */
    readonly constants: (columns: readonly number[]) => number;
    readonly findings: (codes: readonly number[]) => number;
    /** Takes in the table, under a new name. */
    readonly table: (buffer: Omit<NetworkBuffer, "name">) => string;
}

/** Columns of the table: the number of the first workgroup, the number of all, and then what `fields` say. */
const OWN_COLUMNS = 2;

export function merge(members: Members, around: Around): Draft {
    const { pools, extentsOf } = around;
    const [first] = members;
    const { columns, codes, body } = canonical(first);
    const own = first.parameters.filter(({ name }) => !isShared(name));
    const fields: { readonly name: string; readonly type: string; readonly of: (member: Draft) => Formula }[] = [];
    const field = (name: string, type: string, of: (member: Draft) => Formula) => {
        if (!fields.some((each) => each.name === name)) fields.push({ name, type, of });
    };
    if (columns.length > 0) field("own_constant", "i32", (member) => around.constants(canonical(member).columns));
    if (codes.length > 0) field("own_finding", "i32", (member) => around.findings(canonical(member).codes));
    const shared = new Map<string, KernelParameter>();
    let text = body.join("\n").replace(/\bk(\d+)\b/g, "c$1");
    text = text.replaceAll("first_constant", "own_constant").replaceAll("first_finding", "own_finding");
    for (const { name, type, binding } of own) {
        const of = (member: Draft) => member.parameters.find((each) => each.name === name) as KernelParameter;
        if (!("buffer" in binding)) {
            field(name, type || "index", (member) => formulaOf(of(member)));
            continue;
        }
        const dimensions = dimensionsOf(type);
        for (const [at, dimension] of dimensions.entries()) {
            if (!/^[a-z]\w*$/.test(dimension) || dimension === "b") continue;
            field(dimension, "index", (member) => extentsOf(bufferOf(of(member)) as string)[at] as Formula);
        }
        field(`start_of_${name}`, "index", (member) => `offset:${bufferOf(of(member))}`);
        const pool = pools.of(binding.buffer) as string;
        const whole = pool.replace(":", "_");
        text = replaceAccesses(text, name, (places) => `${whole}[start_of_${name} + ${linear(places, dimensions)}]`);
        const isWritten = type.startsWith("mut ") || shared.get(whole)?.type.startsWith("mut ");
        const view = `${isWritten ? "mut " : ""}${elementOf(type)}[${whole}_size]`;
        shared.set(whole, { name: whole, type: view, binding: { buffer: pool }, within: pool });
    }
    const used = fields.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(text));
    const width = OWN_COLUMNS + used.length;
    const groups = members.map((member) => workgroups(member, members.length, extentsOf));
    const rows = members.map((member) => used.map(({ of }) => of(member)));
    const name = around.table({
        element: "u64",
        extents: [members.length * width],
        initial: { kind: "members", groups, rows },
        isState: false,
        pool: null,
    });
    const table = name.replace(":", "_");
    const head = [
        "var member: index = 0",
        `var last_member: index = ${members.length - 1}`,
        "while member < last_member {",
        "    let between = (member + last_member + 1) / 2",
        `    if ${table}[between * ${width}] as index <= group_id(1) { member = between } else { last_member = between - 1 }`,
        "}",
        `let first_group = ${table}[member * ${width}] as index`,
        ...(text.includes("group_count(1)") ? [`let own_groups = ${table}[member * ${width} + 1] as index`] : []),
        ...used.map(
            ({ name: each, type }, at) => `let ${each} = ${table}[member * ${width} + ${at + OWN_COLUMNS}] as ${type}`,
        ),
    ];
    return {
        name: `${first.name}_merged`,
        doc: `${members.length} of one structure: ${members.map(({ doc }) => doc).join(" ")}`,
        parameters: [
            // It binds the batch, too.
            CONSTANTS,
            ...first.parameters.filter((each) => isShared(each.name) && each.name !== CONSTANTS.name),
            { name: `${table}`, type: `u64[${table}_size]`, binding: { buffer: name } },
            ...shared.values(),
            { name: `${table}_groups`, type: "", binding: { value: "formula", formula: `workgroups:${name}` } },
        ],
        groups: ["b", `${table}_groups`],
        workgroup: first.workgroup,
        body: [
            ...head,
            ...text
                .replaceAll("group_id(1)", "(group_id(1) - first_group)")
                .replaceAll("group_count(1)", "own_groups")
                .split("\n"),
        ],
    };
}

function formulaOf({ binding, name }: KernelParameter): Formula {
    if ("value" in binding && binding.value === "formula") return binding.formula;
    throw new Error(`${name} is nothing that a table has`);
}

/** How many workgroups a member has. Those that go through lists share what one alone would have, four times over. */
function workgroups(member: Draft, count: number, extentsOf: Around["extentsOf"]): Formula {
    const extent = member.groups[1] as Extent;
    const [of, per] = typeof extent === "string" ? [extent, 1] : [extent.of, extent.per];
    for (const { name, type, binding } of member.parameters) {
        if (name === of && "value" in binding && binding.value === "formula") {
            return binding.formula === "groups" ? ["ceil", ["/", ["*", 4, "groups"], count]] : binding.formula;
        }
        const at = dimensionsOf(type).indexOf(of);
        if (at >= 0 && "buffer" in binding) return ["ceil", ["/", extentsOf(binding.buffer)[at] as Formula, per]];
    }
    throw new Error(`nothing says what ${of} is`);
}

/** `f32` of `mut f32[b, n]` */
function elementOf(type: string): string {
    return type.replace("mut ", "").replace(/\[.*/, "");
}

/** `["b", "q + 1"]` of `mut f32[b, q + 1]` */
function dimensionsOf(type: string): readonly string[] {
    const list = type.match(/\[(.*)\]/)?.[1];
    return list === undefined ? [] : list.split(",").map((each) => each.trim());
}

/** The place in a row-major array. */
function linear(places: readonly string[], dimensions: readonly string[]): string {
    return places.reduce(
        (sum, place, at) => (at === 0 ? `(${place})` : `(${sum} * ${dimensions[at]} + (${place}))`),
        "",
    );
}

/** Writes what stands between the brackets behind a name anew. */
function replaceAccesses(text: string, name: string, write: (places: readonly string[]) => string): string {
    const pattern = new RegExp(`\\b${name}\\[`, "g");
    let result = "";
    let done = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
        const places: string[] = [];
        let [depth, from, at] = [0, pattern.lastIndex, pattern.lastIndex];
        for (; depth >= 0; at++) {
            const character = text[at];
            if (character === undefined) throw new Error(`${name} has no end`);
            if ("([".includes(character)) depth++;
            if (")]".includes(character)) depth--;
            if (depth < 0 || (depth === 0 && character === ",")) {
                places.push(text.slice(from, at).trim());
                from = at + 1;
            }
        }
        result += text.slice(done, match.index) + write(places);
        done = at;
        pattern.lastIndex = at;
    }
    return result + text.slice(done);
}
