// A small well-formed module with every kind of construct, for tests that break it or change it.

import { FunctionBuilder } from "../../compiler/ir/builder.js";
import type { IrFunction, IrModule, Operation, OpId } from "../../compiler/ir/module.js";
import type { OpName } from "../../compiler/ir/ops.js";
import { SPAN } from "./saxpy.js";

/** `fn @twice(x: f32) -> f32 { x + x }` and a kernel with a loop, a branch, memory and a call. */
export function sampleModule(): IrModule {
    const twice = buildTwice();
    return { functions: [twice, buildKernel(twice)] };
}

function buildTwice(): IrFunction {
    const builder = new FunctionBuilder({
        name: "twice",
        span: SPAN,
        kernel: null,
        options: {},
        parameters: [{ name: "x", type: "f32", mutable: false, span: SPAN }],
        results: ["f32"],
    });
    const [x] = builder.function.parameters.map(({ value }) => value);
    if (x === undefined) throw new Error("no parameter");
    builder.terminate("return", [builder.value("add", [x, x], SPAN)], SPAN);
    return builder.function;
}

function buildKernel(twice: IrFunction): IrFunction {
    const global = { element: "f32", space: "global" } as const;
    const builder = new FunctionBuilder({
        name: "k",
        span: SPAN,
        kernel: { workgroup: [64, 1, 1], mostGroups: [1024, 1, 1] },
        options: {},
        parameters: [
            { name: "x", type: global, mutable: false, span: SPAN },
            { name: "y", type: global, mutable: true, span: SPAN },
            { name: "n", type: "index", mutable: false, span: SPAN },
        ],
        results: [],
    });
    const [x, y, n] = builder.function.parameters.map(({ value }) => value);
    if (x === undefined || y === undefined || n === undefined) throw new Error("no parameters");
    const i = builder.value("local_id", [], SPAN, { axis: 0 });
    const [zero, one] = [builder.constant(0n, "index", SPAN), builder.constant(1n, "index", SPAN)];
    const start = builder.constant(0, "f32", SPAN);
    const loop = builder.reserve();
    const carried = [
        { type: "index", span: SPAN },
        { type: "f32", span: SPAN },
    ] as const;
    const body = builder.begin(carried);
    const [k, sum] = body.parameters;
    if (k === undefined || sum === undefined) throw new Error("no parameters");
    const element = builder.value("load", [x, k], SPAN);
    const stop = builder.value("lt", [element, sum], SPAN);
    const then = builder.begin([]);
    builder.terminate("break", [sum], SPAN, { target: loop });
    builder.end(then);
    const otherwise = builder.begin([]);
    builder.terminate("yield", [], SPAN);
    builder.end(otherwise);
    builder.structured("if", [stop], [], [then.id, otherwise.id], SPAN);
    builder.terminate("yield", [builder.value("add", [sum, element], SPAN)], SPAN);
    builder.end(body);
    const [total] = builder.structured("for", [zero, n, one, start], ["f32"], [body.id], SPAN, loop);
    const [doubled] = total === undefined ? [] : builder.call(twice, [total], SPAN);
    if (doubled === undefined) throw new Error("no result");
    builder.effect("store", [y, i, doubled], SPAN);
    builder.terminate("return", [], SPAN);
    return builder.function;
}

/** The first operation of a name, and its id. */
export function find(fn: IrFunction, name: OpName): { id: OpId; op: Operation } {
    const id = fn.operations.findIndex(({ op }) => op === name) as OpId;
    const op = fn.operations[id];
    if (!op) throw new Error(`no ${name}`);
    return { id, op };
}

/** Replaces parts of the first operation of a name. */
export function change(fn: IrFunction, name: OpName, parts: Partial<Operation>): void {
    const { id, op } = find(fn, name);
    fn.operations[id] = { ...op, ...parts };
}
