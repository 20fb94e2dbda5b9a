// Every rule of the verifier, each broken once in a module that is otherwise well formed.

import { describe, expect, test } from "vitest";
import type { IrFunction, IrModule, OpId, RegionId, ValueId } from "../../compiler/ir/module.js";
import { verifyModule } from "../../compiler/ir/verify/verify.js";
import { change, find, sampleModule } from "./sample.js";
import { SPAN } from "./saxpy.js";

function parts(module: IrModule): { twice: IrFunction; kernel: IrFunction } {
    const [twice, kernel] = module.functions;
    if (!twice || !kernel) throw new Error("the sample has two functions");
    return { twice, kernel };
}

function addValue(fn: IrFunction, type: IrFunction["values"][number]["type"]): ValueId {
    return (fn.values.push({ type, span: SPAN }) - 1) as ValueId;
}

type Break = (kernel: IrFunction, twice: IrFunction, module: IrModule) => void;

const PLANTED: readonly [name: string, finding: RegExp, plant: Break][] = [
    [
        "two functions of one name",
        /two functions of this name/,
        (kernel, _twice, module) => void module.functions.push({ ...kernel, name: "twice" }),
    ],
    [
        "a callee that comes later",
        /no function that comes before/,
        (_kernel, _twice, module) => void module.functions.reverse(),
    ],
    [
        "a call of a kernel",
        /no function that comes before/,
        (kernel) => change(kernel, "call", { attributes: { callee: "k" } }),
    ],
    [
        "a call with wrong operands",
        /@twice takes \(f32\), not \(\)/,
        (kernel) => change(kernel, "call", { operands: [] }),
    ],
    [
        "a call without its result",
        /@twice returns \(f32\), not \(\)/,
        (kernel) => change(kernel, "call", { results: [] }),
    ],
    [
        "a use before the definition",
        /store uses %\d+ where it isn't defined/,
        (kernel) => {
            const { op } = find(kernel, "store");
            change(kernel, "store", { operands: [...op.operands.slice(0, 2), addValue(kernel, "f32")] });
        },
    ],
    [
        "a use outside the region of the definition",
        /store uses %\d+ where it isn't defined/,
        (kernel) => {
            const { op } = find(kernel, "store");
            change(kernel, "store", {
                operands: [...op.operands.slice(0, 2), find(kernel, "load").op.results[0] as ValueId],
            });
        },
    ],
    [
        "a second definition",
        /defines %\d+ a second time/,
        (kernel) => change(kernel, "load", { results: find(kernel, "local_id").op.results }),
    ],
    [
        "an operation in two places",
        /stands in two places/,
        (kernel) => {
            const operations = kernel.regions[kernel.body]?.operations;
            operations?.unshift(operations[0] as OpId);
        },
    ],
    [
        "a region without a terminator",
        /a region ends with store, no terminator/,
        (kernel) => void kernel.regions[kernel.body]?.operations.pop(),
    ],
    [
        "a terminator before the end",
        /return stands before a region's end/,
        (kernel) =>
            kernel.regions[kernel.body]?.operations.unshift(kernel.regions[kernel.body]?.operations.at(-1) as OpId),
    ],
    ["an empty region", /a region is empty/, (kernel) => void kernel.regions[kernel.body]?.operations.splice(0)],
    [
        "operands of different types",
        /add is \(T, T\) -> \(T\), not \(f32, index\) -> \(f32\)/,
        (kernel) => {
            const [sum] = find(kernel, "add").op.operands;
            change(kernel, "add", { operands: [sum as ValueId, kernel.parameters[2]?.value as ValueId] });
        },
    ],
    [
        "a type outside the operation's class",
        /fma takes a type of class float, not index/,
        (kernel) => {
            const n = kernel.parameters[2]?.value as ValueId;
            change(kernel, "local_id", { op: "fma", operands: [n, n, n], attributes: {} });
        },
    ],
    [
        "a load by something that is no index",
        /load is \(buffer<T>, index\)/,
        (kernel) => {
            const [buffer] = find(kernel, "load").op.operands;
            change(kernel, "load", { operands: [buffer as ValueId, kernel.regions[1]?.parameters[1] as ValueId] });
        },
    ],
    [
        "a store to a view that isn't mutable",
        /store writes to a buffer that isn't mutable/,
        (kernel) => {
            const { op } = find(kernel, "store");
            change(kernel, "store", { operands: [kernel.parameters[0]?.value as ValueId, ...op.operands.slice(1)] });
        },
    ],
    [
        "a missing attribute",
        /local_id without its attribute axis/,
        (kernel) => change(kernel, "local_id", { attributes: {} }),
    ],
    [
        "an attribute too many",
        /local_id has no attribute callee/,
        (kernel) => change(kernel, "local_id", { attributes: { axis: 0, callee: "twice" } }),
    ],
    [
        "a constant out of its type's range",
        /9223372036854775808 is no index/,
        (kernel) => change(kernel, "const", { attributes: { value: 1n << 63n } }),
    ],
    [
        "a break that names no enclosing loop",
        /break names no enclosing loop/,
        (kernel) => change(kernel, "break", { attributes: { target: find(kernel, "if").id } }),
    ],
    [
        "a break without the loop's values",
        /break carries \(f32\), not \(\)/,
        (kernel) => change(kernel, "break", { operands: [] }),
    ],
    ["a condition that is no bool", /if takes a bool/, (kernel) => change(kernel, "if", { operands: [] })],
    [
        "a loop's body with other parameters",
        /a for's body takes \(index, f32\), not \(index\)/,
        (kernel) => {
            const [body] = find(kernel, "for").op.regions;
            const region = kernel.regions[body as RegionId];
            if (region) kernel.regions[body as RegionId] = { ...region, parameters: region.parameters.slice(0, 1) };
        },
    ],
    [
        "a loop whose results aren't its carried values",
        /for gives \(f32\), not \(\)/,
        (kernel) => change(kernel, "for", { results: [] }),
    ],
    [
        "a region too few",
        /if has 1 regions instead of 2/,
        (kernel) => change(kernel, "if", { regions: find(kernel, "if").op.regions.slice(1) }),
    ],
    [
        "a return without its value",
        /the function returns \(f32\), not \(\)/,
        (_kernel, twice) => change(twice, "return", { operands: [] }),
    ],
    [
        "a yield outside of everything",
        /yield outside an if or loop/,
        (_kernel, twice) => change(twice, "return", { op: "yield" }),
    ],
    [
        "a mutable parameter that is no buffer",
        /parameter x is a mutable f32/,
        (_kernel, twice) => void Object.assign(twice.parameters[0] ?? {}, { mutable: true }),
    ],
    ["a kernel with a result", /a kernel has no result/, (kernel) => void Object.assign(kernel, { results: ["f32"] })],
    [
        "an impossible workgroup",
        /workgroup sizes are positive integers/,
        (kernel) => void Object.assign(kernel, { kernel: { workgroup: [0, 1, 1], mostGroups: [1, 1, 1] } }),
    ],
    [
        "a launch without workgroups",
        /at least one workgroup/,
        (kernel) => void Object.assign(kernel, { kernel: { workgroup: [1, 1, 1], mostGroups: [1, 0, 1] } }),
    ],
    [
        "a shared array in a function",
        /only a kernel has shared arrays/,
        (_kernel, twice) => {
            const array = addValue(twice, { element: "f32", space: "shared" });
            const attributes = { count: 4, name: "a" };
            twice.operations.push({ op: "alloc", operands: [], results: [array], attributes, regions: [], span: SPAN });
            twice.regions[twice.body]?.operations.unshift((twice.operations.length - 1) as OpId);
        },
    ],
    [
        "an array without elements",
        /an array of 0 elements/,
        (kernel) => {
            const array = addValue(kernel, { element: "f32", space: "private" });
            change(kernel, "local_id", { op: "alloc", results: [array], attributes: { count: 0, name: "a" } });
        },
    ],
    [
        "a bitcast between widths",
        /bitcast from index to f32: the widths differ/,
        (kernel) => {
            const [result, n] = [addValue(kernel, "f32"), kernel.parameters[2]?.value as ValueId];
            change(kernel, "local_id", { op: "bitcast", operands: [n], results: [result], attributes: {} });
        },
    ],
    [
        "an operation from nowhere",
        /local_id has no place in the source/,
        (kernel) => {
            const nowhere = {} as unknown as typeof SPAN;
            change(kernel, "local_id", { span: nowhere });
        },
    ],
];

test("a well-formed module has no findings", () => {
    expect(verifyModule(sampleModule())).toEqual([]);
});

describe("a planted error is found", () => {
    test.each(PLANTED)("%s", (_name, finding, plant) => {
        const module = sampleModule();
        const { twice, kernel } = parts(module);
        plant(kernel, twice, module);
        expect(verifyModule(module).join("\n")).toMatch(finding);
    });
});
