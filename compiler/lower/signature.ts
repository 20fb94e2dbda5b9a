// What a kernel or function takes, in order: its parameters as written, then the values of its dimension names. The
// manifest's argument buffer follows the same list.

import type { FunctionBuilder, Signature } from "../ir/builder.js";
import type { Range } from "../ir/module.js";
import type { IrScalar, IrType, Space } from "../ir/types.js";
import type { CodeOptions, Fn, Kernel, Local } from "../sema/program.js";
import { isValue } from "../sema/scalars.js";
import type { ScalarName } from "../sema/types.js";
import { dimRanges, mostElements, mostGroups } from "./dim-ranges.js";
import { bufferElement, layoutOf, scalarsOf } from "./layout.js";
import { gridOrder, OVER_WORKGROUP } from "./workgroup.js";

export type Argument =
    | { readonly kind: "view"; readonly name: string; readonly type: IrType; readonly local: Local }
    /** One scalar of a value, which lies so many bytes from the value's start. */
    | {
          readonly kind: "scalar";
          readonly name: string;
          readonly type: IrScalar;
          readonly scalar: ScalarName;
          readonly local: Local;
          readonly at: number;
      }
    | { readonly kind: "dim"; readonly name: string; readonly type: "index" }
    /** Of a strided view: elements between neighbours along a dimension. */
    | {
          readonly kind: "stride";
          readonly name: string;
          readonly type: "index";
          readonly local: Local;
          readonly dimension: number;
      };

/** @param spaces where the views of a function's parameters lie; all in global memory if they are not said */
export function argumentsOf(callable: Kernel | Fn, spaces: readonly Space[] = []): Argument[] {
    const list: Argument[] = [];
    let views = 0;
    for (const local of callable.params) {
        const { name, type } = local;
        if (type.kind === "view" || (type.kind === "array" && local.space === "shared")) {
            const space = type.kind === "array" ? "shared" : (spaces[views++] ?? "global");
            list.push({ kind: "view", name, type: { element: bufferElement(type.element), space }, local });
            continue;
        }
        if (!isValue(type)) throw new Error(`parameter ${name} is of kind ${type.kind}`);
        for (const { path, type: stored, scalar, offset } of layoutOf(type).leaves) {
            list.push({ kind: "scalar", name: `${name}${path}`, type: stored, scalar, local, at: offset });
        }
    }
    for (const name of callable.dims) list.push({ kind: "dim", name, type: "index" });
    for (const local of callable.params) {
        const { name, type } = local;
        if (type.kind !== "view" || !type.strided) continue;
        for (let dimension = 0; dimension < type.dims.length; dimension++) {
            list.push({ kind: "stride", name: `${name}.stride${dimension}`, type: "index", local, dimension });
        }
    }
    return list;
}

/** `wave` is the size of its waves where that is not the target's own: functions are made for each size that calls them. */
export function signatureOf(
    callable: Kernel | Fn,
    wave: CodeOptions["wave"],
    spaces: readonly Space[] = [],
): Signature {
    const isKernel = "launch" in callable;
    const ranges = dimRanges(callable, isKernel ? workgroupOf(callable) : []);
    return {
        name: isKernel
            ? callable.name
            : `${nameIn(callable.symbol, spaces)}${wave === undefined ? "" : `.wave${wave}`}`,
        span: callable.span,
        kernel: isKernel
            ? {
                  workgroup: workgroupOf(callable),
                  mostGroups: mostGroups(callable, ranges, workgroupOf(callable)),
                  ...(callable.launch.kind === "over" && { elements: 1 }),
              }
            : null,
        options: { ...callable.options, ...(wave && { wave }) },
        parameters: argumentsOf(callable, spaces).map((argument) => {
            const range = argument.kind === "dim" ? ranges.get(argument.name) : strideRange(argument);
            const view = argument.kind === "view" && argument.local.type.kind === "view" ? argument.local.type : null;
            return {
                name: argument.name,
                type: argument.type,
                mutable: view?.mutable ?? false,
                large: view?.large ?? false,
                alias: view?.alias ?? false,
                range: range ?? null,
                span: argument.kind === "dim" ? callable.span : argument.local.span,
            };
        }),
        results: isKernel || callable.result.kind === "void" ? [] : scalarsOf(callable.result),
    };
}

/** A function for arguments in other spaces than global memory has a name of its own. */
function nameIn(symbol: string, spaces: readonly Space[]): string {
    return spaces.every((space) => space === "global") ? symbol : `${symbol}.${spaces.join(".")}`;
}

/** A launch is checked for strides that are not negative, and for where a view ends. */
function strideRange(argument: Argument): Range | undefined {
    if (argument.kind !== "stride" || argument.local.type.kind !== "view") return undefined;
    return { min: 0n, max: mostElements(argument.local.type) };
}

/** Work-items of a workgroup in grid order. */
export function workgroupOf({ launch }: Kernel): readonly [number, number, number] {
    if (launch.kind === "groups") return gridOrder(launch.workgroup);
    if (launch.kind === "tiles") return [launch.workgroup, 1, 1];
    const size = OVER_WORKGROUP[launch.domain.length];
    if (!size) throw new Error(`a domain of ${launch.domain.length} dimensions`);
    return size;
}

/** The value of each argument in the function that is being built. */
export function valuesOf(builder: FunctionBuilder, callable: Kernel | Fn, spaces: readonly Space[]) {
    return argumentsOf(callable, spaces).map((argument, at) => {
        const parameter = builder.function.parameters[at];
        if (!parameter) throw new Error(`no parameter ${at}`);
        return { argument, value: parameter.value };
    });
}
