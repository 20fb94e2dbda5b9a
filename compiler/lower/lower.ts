// The typed program -> the IR. What only the source knows is decided here: contraction to fma (contraction.ts), the
// guard and grid of an `over` kernel, row-major addresses, the order of evaluation (left to right; of `a[i] op= v`: i,
// then v, then the old a[i]).

import type { Bounds } from "../codegen.js";
import { type Axis, type IrFunction, type IrModule, type ValueId, walk } from "../ir/module.js";
import type { Space } from "../ir/types.js";
import type { Fn, Kernel, Local, Program } from "../sema/program.js";
import type { DimExpr } from "../sema/types.js";
import { bind, type Context, enter, known, type Mode } from "./context.js";
import { lowerDim } from "./dims.js";
import { workgroupOf } from "./signature.js";
import { lowerBlock } from "./statement.js";
import { lowerBlocks } from "./tiles.js";

/** @param bounds whether accesses out of bounds are found while the kernel runs */
export function lowerProgram(program: Program, bounds: Bounds = "unchecked"): IrModule {
    const functions: IrFunction[] = [];
    const calleesIn = lowering(functions);
    for (const wave of new Set(program.kernels.map(({ options }) => options.wave))) {
        const callee = calleesIn({ bounds, wave });
        for (const fn of program.functions) callee(fn, inGlobalMemory(fn));
    }
    const kernels = program.kernels.map((kernel) => {
        const mode = { bounds, wave: kernel.options.wave };
        return lowerKernel(kernel, calleesIn(mode), mode);
    });
    return { functions: [...reached(functions, kernels), ...kernels] };
}

/** Functions without a kernel, for those who compute with them; callees before callers. Accesses are checked. */
export function lowerFunctions(fns: readonly Fn[]): IrModule {
    const functions: IrFunction[] = [];
    const callee = lowering(functions)({ bounds: "checked", wave: undefined });
    for (const fn of fns) callee(fn, inGlobalMemory(fn));
    return { functions };
}

/** Lowers functions into a list, callees before callers. */
function lowering(functions: IrFunction[]): (mode: Mode) => Context["callee"] {
    const known = new Map<Fn, Map<string, IrFunction>>();
    // A function is lowered once for each combination of wave size and spaces that its views lie in, when such a call is
    // met; for views in global memory, as nearly all are, before its callers.
    return (mode) => {
        const callee: Context["callee"] = (fn, spaces) => {
            const variants = known.get(fn) ?? new Map<string, IrFunction>();
            known.set(fn, variants);
            const key = [mode.wave, ...spaces].join(" ");
            const lowered = variants.get(key) ?? lowerFunction(fn, callee, mode, spaces);
            if (!variants.has(key)) functions.push(lowered);
            variants.set(key, lowered);
            return lowered;
        };
        return callee;
    };
}

function inGlobalMemory({ params }: Fn): Space[] {
    return params.filter(({ type }) => type.kind === "view").map(() => "global");
}

/** Those that kernels come to, callees before callers as they were. */
function reached(functions: readonly IrFunction[], kernels: readonly IrFunction[]): IrFunction[] {
    const called = new Set<string>();
    const note = (fn: IrFunction) =>
        walk(fn, fn.body, ({ attributes }) => attributes.callee !== undefined && called.add(attributes.callee));
    kernels.forEach(note);
    const kept = functions
        .slice()
        .reverse()
        .filter((fn) => {
            if (called.has(fn.name)) note(fn);
            return called.has(fn.name);
        });
    return kept.reverse();
}

function lowerFunction(fn: Fn, callee: Context["callee"], mode: Mode, spaces: readonly Space[]): IrFunction {
    const context = enter(fn, callee, mode, spaces);
    const { builder } = context;
    const value = lowerBlock(context, fn.body);
    if (builder.reachable) {
        const lacksValue = fn.result.kind !== "void" && value === null;
        const operands = fn.result.kind !== "void" && value !== null ? value : [];
        builder.terminate(lacksValue ? "unreachable" : "return", operands, fn.body.span);
    }
    return builder.function;
}

function lowerKernel(kernel: Kernel, callee: Context["callee"], mode: Mode): IrFunction {
    const context = enter(kernel, callee, mode);
    const lowerBody = () => void lowerBlock(context, kernel.body);
    if (kernel.launch.kind === "over") lowerGuarded(context, kernel, kernel.launch.domain);
    else if (kernel.launch.kind === "tiles") lowerBlocks(context, kernel, lowerBody);
    else lowerBody();
    if (context.builder.reachable) context.builder.terminate("return", [], kernel.body.span);
    return context.builder.function;
}

/** The body for the points of the domain; work-items beyond its edge, which fill the last workgroups, do nothing. */
function lowerGuarded(context: Context, kernel: Kernel, domain: readonly { variable: Local; extent: DimExpr }[]): void {
    const { builder } = context;
    const { span } = kernel;
    const workgroup = workgroupOf(kernel);
    const inside: ValueId[] = [];
    domain.forEach(({ variable, extent }, written) => {
        const axis = (domain.length - 1 - written) as Axis;
        const size = builder.constant(BigInt(workgroup[axis]), "index", span);
        const first = builder.value("mul", [builder.value("group_id", [], span, { axis }), size], span);
        const point = builder.value("add", [first, builder.value("local_id", [], span, { axis })], span);
        bind(context, [variable], [point]);
        inside.push(builder.value("lt", [point, lowerDim(context, extent, span)], span));
    });
    const test = inside.reduce((all, one) => builder.value("and", [all, one], span));
    const body = builder.begin([]);
    lowerBlock(context, kernel.body);
    if (builder.reachable) builder.terminate("yield", [], kernel.body.span);
    builder.end(body);
    const beyond = builder.begin([]);
    builder.terminate("yield", [], span);
    builder.end(beyond);
    builder.structured("if", [known(test, "the guard")], [], [body.id, beyond.id], span);
}
