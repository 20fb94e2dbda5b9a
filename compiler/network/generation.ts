// What the generators of a network share: its constants, buffers, kernels and random streams.

import type { Formula } from "../../codeobject/network/formula.js";
import type {
    Binding,
    ConnectionManifest,
    Finding,
    NetworkBuffer,
    NetworkParameter,
} from "../../codeobject/network/manifest.js";
import type { Connection, Layer, Network, Population, RuleUse } from "./network.js";
import { identifier, type KernelParameter } from "./source.js";
import { Constants } from "./text.js";
import { type Dimension, showDimension } from "./units.js";

/** A position in a kernel's parameters. */
export class Generation {
    readonly constants = new Constants();
    readonly buffers: NetworkBuffer[] = [];
    readonly kernels: string[] = [];
    readonly parameters: NetworkParameter[] = [];
    readonly connections: ConnectionManifest[] = [];
    readonly findings: Finding[] = [];
    readonly notes: string[] = [];
    private streams = 1;

    constructor(readonly network: Network) {
        for (const { name, value, dimension } of network.params) {
            this.parameters.push({ name, value, quantity: showDimension(dimension) });
        }
    }

    /** A number of its own for `count` random streams. */
    stream(count = 1): number {
        const first = this.streams;
        this.streams += count;
        return first;
    }

    buffer(buffer: NetworkBuffer): NetworkBuffer {
        const known = this.buffers.find(({ name }) => name === buffer.name);
        if (known !== undefined) return known;
        this.buffers.push(buffer);
        return buffer;
    }

    /** Parameters with one value an instance, as they can be set: `exc.tau`. */
    declare(
        prefix: string,
        uniform: ReadonlyMap<string, { readonly value: Formula; readonly dimension: Dimension }>,
    ): void {
        for (const [name, { value, dimension }] of uniform) {
            const full = `${prefix}.${name}`;
            if (this.parameters.some((each) => each.name === full)) continue;
            this.parameters.push({ name: full, value, quantity: showDimension(dimension) });
        }
    }

    kernelName(...parts: readonly string[]): string {
        return [this.network.name, ...parts].map(identifier).join("__");
    }

    /** The code of a finding that kernels report. */
    finding(text: string, part: string): number {
        return this.findings.push({ text, part });
    }
}

export const CONSTANTS: KernelParameter = {
    name: "constants",
    type: "f32[b, kk]",
    binding: { buffer: "constants" },
};

export const FINDINGS: KernelParameter = { name: "findings", type: "mut u64[b]", binding: { buffer: "findings" } };

export const SEED: KernelParameter = { name: "seed", type: "u64", binding: { value: "seed" } };

export const STEP: KernelParameter = { name: "step", type: "i32", binding: { value: "step" } };

export function bound(buffer: string): Binding {
    return { buffer };
}

/** What names of a rule's formulas are: its parameters, and what the kernel calls the rest. */
export function ruleNames({ name: rule, uniform }: RuleUse, locals: Readonly<Record<string, string>>) {
    return (name: string): { readonly code: string } | { readonly uniform: Formula } => {
        const code = locals[name];
        if (code !== undefined) return { code };
        if (name === "dt" || name === "t") return { uniform: name };
        return { uniform: uniform.has(name) ? `${rule}.${name}` : name };
    };
}

export function sizeOf(part: Layer | Population): Formula {
    return `size.${part.name}`;
}

/** Between layers the buffers of a connection. */
export function weightsOf(connection: Connection): string {
    return `${connection.name}.weights`;
}
