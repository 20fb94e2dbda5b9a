// What the generators of a network share: its constants, buffers, kernels and random streams.

import { type Formula, substitute } from "../../codeobject/network/formula.js";
import type {
    Binding,
    ConnectionManifest,
    Finding,
    NetworkBuffer,
    NetworkLaunch,
    NetworkParameter,
} from "../../codeobject/network/manifest.js";
import type { Target } from "../targets/targets.js";
import { expected, valueWith } from "./algebra.js";
import { signsOf } from "./check-constants.js";
import type { Around } from "./check-model.js";
import { type Around as AroundMerging, merge, mergeable, Pools } from "./merge.js";
import type { Model } from "./model.js";
import type { Connection, Layer, Network, Population, RuleUse } from "./network.js";
import { type Draft, fusable, fuse, identifier, type KernelParameter, write } from "./source.js";
import { Constants } from "./text.js";
import { type Dimension, showDimension } from "./units.js";

export class Generation {
    /** Those of all drafts; kernels have theirs one behind the other in `columns`. */
    readonly constants = new Constants();
    /** What the columns of the buffer `constants` hold. */
    readonly columns: Formula[] = [];
    readonly buffers: NetworkBuffer[] = [];
    readonly parameters: NetworkParameter[] = [];
    readonly connections: ConnectionManifest[] = [];
    readonly findings: Finding[] = [];
    private readonly drafted: Finding[] = [];
    /** Names of kernels by their texts. */
    private readonly kernels = new Map<
        string,
        { readonly name: string; readonly doc: string; readonly keyword: string }
    >();
    readonly notes: string[] = [];
    private streams = 1;
    private tables = 0;

    constructor(
        readonly network: Network,
        /** What it is compiled for. */
        readonly target: Target,
        readonly report: Around["report"],
    ) {
        for (const { name, value, dimension } of network.params) {
            this.parameter(name, value, showDimension(dimension));
        }
    }

    parameter(name: string, value: Formula | null, quantity: string, sign: NetworkParameter["sign"] = "any"): void {
        const domain = this.network.domains.get(name) ?? null;
        this.parameters.push({ name, value, quantity, sign, domain });
    }

    /** A number of its own for `count` random streams. */
    stream(count = 1): number {
        const first = this.streams;
        this.streams += count;
        return first;
    }

    buffer(buffer: Omit<NetworkBuffer, "pool">): void {
        if (!this.buffers.some(({ name }) => name === buffer.name)) this.buffers.push({ ...buffer, pool: null });
    }

    /** Parameters of a model with one value an instance, as they can be set: `exc.tau`. */
    declare(
        prefix: string,
        model: Model,
        uniform: ReadonlyMap<string, { readonly value: Formula; readonly dimension: Dimension }>,
    ): void {
        const signs = signsOf(model);
        for (const [name, { value, dimension }] of uniform) {
            const full = `${prefix}.${name}`;
            if (this.parameters.some((each) => each.name === full)) continue;
            this.parameter(full, value, showDimension(dimension), signs.get(name));
        }
    }

    /**
     * A formula's value with the parameters' defaults, and draws at their means; undefined where it isn't known before the network is made.
     * @param of what further names stand for
     */
    known(formula: Formula, of: (name: string) => Formula | undefined = () => undefined): number | undefined {
        return valueWith(expected(formula), (name) => {
            const own = of(name);
            if (own !== undefined && own !== name) return this.known(own);
            const value =
                name === "dt"
                    ? this.network.dt
                    : (this.parameters.find((parameter) => parameter.name === name)?.value ?? this.atStart(name));
            return value === null || value === undefined ? undefined : this.known(value);
        });
    }

    /** What a buffer's elements hold at the start, where a formula says it. */
    atStart(buffer: string): Formula | undefined {
        const initial = this.buffers.find(({ name }) => name === buffer)?.initial;
        return initial?.kind === "formula" ? initial.value : initial?.kind === "zero" ? 0 : undefined;
    }

    kernelName(...parts: readonly string[]): string {
        return [this.network.name, ...parts].map(identifier).join("__");
    }

    /** What a kernel reports, as its draft writes it. */
    finding(text: string, part: string): string {
        return `finding${this.drafted.push({ text, part }) - 1}`;
    }

    /**
     * Launches of what runs one after the other, each of kernels that may run side by side: those of one structure are merged where they
     * don't fit into one launch.
     */
    phases(phases: readonly (readonly Draft[])[]): NetworkLaunch[][] {
        const merged = phases.map(mergeable);
        const pools = new Pools();
        for (const phase of merged) pools.add(phase);
        this.buffers.forEach((buffer, at) => {
            this.buffers[at] = { ...buffer, pool: pools.of(buffer.name) };
        });
        const around: AroundMerging = {
            pools,
            extentsOf: (name) => this.buffers.find((each) => each.name === name)?.extents ?? [],
            constants: (columns) => this.column(columns),
            findings: (codes) => this.code(codes),
            table: (table) => {
                const name = `members:${this.tables++}`;
                this.buffers.push({ ...table, name });
                return name;
            },
        };
        return phases.map((drafts, at) => {
            const groups = merged[at] ?? [];
            const rest = drafts.filter((draft) => !groups.some((members) => members.includes(draft)));
            return this.emit([
                ...groups.map((members) => merge(members, around)),
                ...rest.map((each) => pools.place(each)),
            ]);
        });
    }

    /** Columns of their own for these, one behind the other. */
    private column(columns: readonly number[]): number {
        const first = this.columns.length;
        for (const column of columns) this.columns.push(this.constants.formulas[column] as Formula);
        return first;
    }

    private code(codes: readonly number[]): number {
        const first = this.findings.length + 1;
        for (const code of codes) this.findings.push(this.drafted[code] as Finding);
        return first;
    }

    /** Writes kernels that don't depend on each other, fused as far as they can be; gives their launches. */
    emit(drafts: readonly Draft[]): NetworkLaunch[] {
        return fusable(drafts).map((group) => {
            const draft = fuse(group);
            const {
                keyword,
                text,
                arguments: args,
            } = write(
                draft,
                (columns) => this.column(columns),
                (codes) => this.code(codes),
            );
            const known = this.kernels.get(text) ?? { name: this.unused(draft.name), doc: draft.doc, keyword };
            this.kernels.set(text, known);
            return { kernel: known.name, every: null, when: draft.when ?? null, arguments: args };
        });
    }

    private unused(name: string): string {
        const names = new Set([...this.kernels.values()].map((kernel) => kernel.name));
        let unused = name;
        for (let k = 2; names.has(unused); k++) unused = `${name}_${k}`;
        return unused;
    }

    /** The texts of all kernels. */
    get texts(): string[] {
        return [...this.kernels].map(([text, { name, doc, keyword }]) => `/// ${doc}\n${keyword} ${name}${text}`);
    }
}

export const CONSTANTS: KernelParameter = {
    name: "constants",
    type: "f32[b, kk]",
    binding: { buffer: "constants" },
};

export const FINDINGS: KernelParameter = { name: "findings", type: "mut u64[b]", binding: { buffer: "findings" } };

export const SEED: KernelParameter = { name: "seed", type: "u64", binding: { value: "seed" } };

/** The first of a kernel's random streams, of 256. */
export function streamOf(number: number): KernelParameter {
    return { name: "stream", type: "u32", binding: { value: "formula", formula: number * 256 } };
}

export function bound(buffer: string): Binding {
    return { buffer };
}

/** What names of a rule's formulas are: its parameters, and what the kernel calls the rest. */
export function ruleNames({ name: rule, uniform }: RuleUse, locals: Readonly<Record<string, string>>) {
    return (name: string): { readonly code: string } | { readonly uniform: Formula } => {
        const code = locals[name];
        if (code !== undefined) return { code };
        if (name === "dt") return { uniform: name };
        return { uniform: uniform.has(name) ? `${rule}.${name}` : name };
    };
}

/** A rule's formula over the network's parameters. */
export function inRule({ name: rule, uniform }: RuleUse, formula: Formula): Formula {
    return substitute(formula, (name) => (uniform.has(name) ? `${rule}.${name}` : undefined));
}

export function sizeOf(part: Layer | Population): Formula {
    return `size.${part.name}`;
}

/** Between layers the buffers of a connection. */
export function weightsOf(connection: Connection): string {
    return `${connection.name}.weights`;
}
