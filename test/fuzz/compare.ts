// Runs generated programs by the interpreter and on the virtual GPU at -O0 and -O3, and compares every element that they
// leave behind, to the bit but for the look of NaNs.

import { computeCall } from "../../compiler/constant-calls.js";
import { roundTo } from "../../compiler/ir/arithmetic.js";
import { interpret } from "../../compiler/ir/interpret/interpret.js";
import type { Memory } from "../../compiler/ir/interpret/memory.js";
import type { ConstantValue, IrModule } from "../../compiler/ir/module.js";
import type { IrScalar } from "../../compiler/ir/types.js";
import { verifyModule } from "../../compiler/ir/verify/verify.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import type { ElementType, Gpu, Kernel, KernelArgument, TensorData } from "../../runtime/index.js";
import { HELPERS } from "./expressions.js";
import { elementsOf, type Program, type ViewPlan } from "./programs.js";

/** Operations of one launch; a program that needs more is left out. */
const LIMIT = 400_000;
const LEVELS = [0, 3] as const;

export type Verdict =
    | { readonly kind: "same" }
    /** It needs more operations than is worth while. */
    | { readonly kind: "long" }
    | { readonly kind: "different"; readonly message: string };

const different = (message: string): Verdict => ({ kind: "different", message });

/** The text that is compiled for programs. */
export function sourceOf(programs: readonly Program[]): string {
    return [HELPERS, ...programs.map(({ text }) => text)].join("\n");
}

/** A verdict for each program, in order; they are compiled together. */
export async function compare(gpu: Gpu, programs: readonly Program[]): Promise<Verdict[]> {
    const source = { path: "generated.soma", text: sourceOf(programs) };
    const { program, diagnostics } = checkProgram(source, loadModule, DEFAULT_TARGET, computeCall);
    if (!program) {
        const [first] = diagnostics.filter(({ severity }) => severity === "error");
        const line = source.text.slice(0, first?.span.start).split("\n").at(-1);
        if (programs.length > 1) return each(gpu, programs);
        return [different(`it is refused: ${first?.message} after \`${line}\``)];
    }
    const module = lowerProgram(program);
    const problems = verifyModule(module);
    if (problems.length > 0) return programs.map(() => different(`its IR is malformed: ${problems[0]}`));
    const levels = [];
    for (const optimisation of LEVELS) {
        const input = { source: source.text, path: source.path };
        levels.push({ optimisation, kernels: (await gpu.load(input, { optimisation })).kernels });
    }
    const verdicts: Verdict[] = [];
    for (const each of programs) verdicts.push(await compareOne(gpu, module, each, levels));
    return verdicts;
}

async function each(gpu: Gpu, programs: readonly Program[]): Promise<Verdict[]> {
    const verdicts: Verdict[] = [];
    for (const program of programs) verdicts.push(...(await compare(gpu, [program])));
    return verdicts;
}

interface Level {
    readonly optimisation: number;
    readonly kernels: Readonly<Record<string, Kernel>>;
}

async function compareOne(gpu: Gpu, module: IrModule, program: Program, levels: readonly Level[]): Promise<Verdict> {
    const memories = program.views.map((plan): Memory => {
        const values = elementsOf(plan).map((value) => (typeof value === "number" ? roundTo(value, plan.type) : value));
        return { name: plan.name, element: plan.type, values };
    });
    const { parameters } = module.functions.find(({ name }) => name === program.kernel) ?? { parameters: [] };
    const args = parameters.map(({ name }) => {
        const memory = memories.find((known) => known.name === name);
        return memory ?? BigInt(program.dims[name] ?? 0);
    });
    const { fault } = interpret(module, { kernel: program.kernel, groups: program.groups, args, limit: LIMIT });
    if (fault?.message.includes("more operations")) return { kind: "long" };
    if (fault) return different(`the interpreter stops: ${fault.message}`);
    for (const { optimisation, kernels } of levels) {
        const message = await mismatch(gpu, kernels[program.kernel], program, memories);
        if (message !== null) return different(`at -O${optimisation} ${message}`);
    }
    return { kind: "same" };
}

/** What is not as the interpreter left it after a launch; null where all is. */
async function mismatch(gpu: Gpu, kernel: Kernel | undefined, program: Program, memories: readonly Memory[]) {
    if (!kernel) return `there is no kernel ${program.kernel}`;
    const tensors = program.views.map((plan) => {
        const type = plan.type as ElementType;
        return { plan, tensor: gpu.tensor(type, plan.shape, dataOf(plan) as TensorData<typeof type>) };
    });
    const args = Object.fromEntries(tensors.map(({ plan, tensor }) => [plan.name, tensor]));
    try {
        await kernel(args as Record<string, KernelArgument>);
        for (const [at, { plan, tensor }] of tensors.entries()) {
            const found = await tensor.read();
            const wanted = memories[at]?.values ?? [];
            const place = wanted.findIndex((value, index) => !same(value, elementOf(found[index], plan.type)));
            if (place >= 0)
                return `${plan.name}[${place}] is ${shown(found[place])}, the interpreter has ${shown(wanted[place])}`;
        }
        return null;
    } catch (error) {
        return `the launch fails: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
        for (const { tensor } of tensors) tensor.dispose();
    }
}

function shown(value: unknown): string {
    return Object.is(value, -0) ? "-0" : String(value);
}

/** An element as the interpreter has it. */
function elementOf(value: number | bigint | undefined, type: IrScalar): ConstantValue {
    if (type === "bool") return value === 1;
    if (type.startsWith("f")) return Number(value);
    return BigInt(value ?? 0);
}

function same(a: ConstantValue | undefined, b: ConstantValue): boolean {
    return Object.is(a, b);
}

function dataOf(plan: ViewPlan): number[] | bigint[] {
    const values = elementsOf(plan);
    if (["i64", "u64", "index"].includes(plan.type)) return values as bigint[];
    return values.map((value) => (typeof value === "number" ? roundTo(value, plan.type) : Number(value)));
}
