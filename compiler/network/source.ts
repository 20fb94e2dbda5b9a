// Writing generated source: kernels with the parameters and bindings that their bodies turn out to need.

import type { Binding, NetworkLaunch } from "../../codeobject/network/manifest.js";

export interface KernelParameter {
    readonly name: string;
    /** As in the source: `mut f32[b, n]`. */
    readonly type: string;
    readonly binding: Binding;
}

export interface GeneratedKernel {
    readonly text: string;
    readonly launch: NetworkLaunch;
}

/**
 * A kernel with its launch.
 * @param head what stands behind the parameters: the launch clause
 */
export function kernelText(
    name: string,
    doc: string,
    parameters: readonly KernelParameter[],
    head: string,
    body: readonly string[],
): GeneratedKernel {
    // Dimensions that the host passes are no parameters in the source.
    const written = parameters.filter(({ type }) => type !== "");
    const list = written.map((parameter) => `    ${parameter.name}: ${parameter.type}`).join(",\n");
    const lines = [`/// ${doc}`, `kernel ${name}(`, list, `) ${head} {`, ...body.map((line) => `    ${line}`), "}"];
    const args = Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.binding]));
    return { text: lines.join("\n"), launch: { kernel: name, arguments: args } };
}

/** Names of parts as names of kernels: `exc->inh.g_exc` becomes `exc_to_inh_g_exc`. */
export function identifier(name: string): string {
    return name.replace("->", "_to_").replace(/\W/g, "_");
}
