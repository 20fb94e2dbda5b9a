// Runs generated programs by the interpreter and on the virtual GPU at -O0 and -O3, and compares every element that they
// leave behind, to the bit but for the look of NaNs.

import type { KernelManifest, ManifestType } from "../../codeobject/manifest.js";
import { computeCall } from "../../compiler/constant-calls.js";
import { interpret } from "../../compiler/ir/interpret/interpret.js";
import type { Memory } from "../../compiler/ir/interpret/memory.js";
import type { IrModule } from "../../compiler/ir/module.js";
import { isBuffer } from "../../compiler/ir/types.js";
import { verifyModule } from "../../compiler/ir/verify/verify.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { kernelsOf } from "../../compiler/lower/manifest.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { arrayOfBytes } from "../../runtime/elements.js";
import { CompileError, type Gpu, type Kernel, type KernelArgument, type TensorData } from "../../runtime/index.js";
import { decodeValues } from "../../runtime/structs.js";
import { HELPERS } from "./expressions.js";
import { bytesOfPlan, difference, memoryOf } from "./memories.js";
import type { Program, ViewPlan } from "./programs.js";

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
    const manifests = kernelsOf(program);
    const problems = verifyModule(module);
    if (problems.length > 0) return programs.map(() => different(`its IR is malformed: ${problems[0]}`));
    const levels = [];
    for (const optimisation of LEVELS) {
        const input = { source: source.text, path: source.path };
        try {
            levels.push({ optimisation, kernels: (await gpu.load(input, { optimisation })).kernels });
        } catch (error) {
            if (!(error instanceof CompileError)) throw error;
            if (programs.length > 1) return each(gpu, programs);
            const failure = error.diagnostics.find(({ severity }) => severity === "error");
            return [different(`it can't be compiled at -O${optimisation}: ${failure?.message}`)];
        }
    }
    const verdicts: Verdict[] = [];
    for (const each of programs) verdicts.push(await compareOne(gpu, { module, manifests, levels }, each));
    return verdicts;
}

async function each(gpu: Gpu, programs: readonly Program[]): Promise<Verdict[]> {
    const verdicts: Verdict[] = [];
    for (const program of programs) verdicts.push(...(await compare(gpu, [program])));
    return verdicts;
}

interface Compiled {
    readonly module: IrModule;
    readonly manifests: readonly KernelManifest[];
    readonly levels: readonly Level[];
}

interface Level {
    readonly optimisation: number;
    readonly kernels: Readonly<Record<string, Kernel>>;
}

async function compareOne(gpu: Gpu, compiled: Compiled, program: Program): Promise<Verdict> {
    const { module, manifests, levels } = compiled;
    const { parameters, values } = module.functions.find(({ name }) => name === program.kernel) ?? {
        parameters: [],
        values: [],
    };
    const manifest = manifests.find(({ name }) => name === program.kernel);
    const views = program.views.map((plan): View => {
        const parameter = manifest?.parameters.find(({ name }) => name === plan.name);
        const buffer = values[parameters.find(({ name }) => name === plan.name)?.value ?? 0]?.type;
        if (parameter?.kind !== "view" || !buffer || !isBuffer(buffer)) throw new Error(`${plan.name} is no view`);
        const type = parameter.element;
        const bytes = bytesOfPlan(plan, type);
        return { plan, type, bytes, memory: memoryOf(plan.name, buffer.element, bytes) };
    });
    const args = parameters.map(({ name }) => {
        return views.find(({ plan }) => plan.name === name)?.memory ?? BigInt(program.dims[name] ?? 0);
    });
    const { kernel, groups } = program;
    const waveSize = gpu.properties.waveSize === 64 ? 64 : 32;
    const { fault } = interpret(module, { kernel, groups, args, limit: LIMIT, waveSize });
    if (fault?.message.includes("more operations")) return { kind: "long" };
    if (fault) return different(`the interpreter stops: ${fault.message}`);
    for (const { optimisation, kernels } of levels) {
        const message = await mismatch(gpu, kernels[program.kernel], program, views);
        if (message !== null) return different(`at -O${optimisation} ${message}`);
    }
    return { kind: "same" };
}

interface View {
    readonly plan: ViewPlan;
    readonly type: ManifestType;
    /** What it holds before the launch. */
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly memory: Memory;
}

/** What is not as the interpreter left it after a launch; null where all is. */
async function mismatch(gpu: Gpu, kernel: Kernel | undefined, program: Program, views: readonly View[]) {
    if (!kernel) return `there is no kernel ${program.kernel}`;
    const tensors = views.map(({ plan, type, bytes }) => tensorOf(gpu, type, plan.shape, bytes));
    const args = Object.fromEntries(views.map(({ plan }, at) => [plan.name, tensors[at]]));
    try {
        await kernel(args as Record<string, KernelArgument>);
        for (const [at, { type, memory }] of views.entries()) {
            const bytes = await tensors[at]?.readBytes();
            const message = bytes ? difference(memory, type, bytes) : null;
            if (message !== null) return message;
        }
        return null;
    } catch (error) {
        return `the launch fails: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
        for (const tensor of tensors) tensor.dispose();
    }
}

function tensorOf(gpu: Gpu, type: ManifestType, shape: readonly number[], bytes: Uint8Array<ArrayBuffer>) {
    if (typeof type === "string")
        return gpu.tensor(type, shape, arrayOfBytes(type, bytes.slice().buffer) as TensorData);
    if ("array" in type) throw new Error("a view of arrays");
    return gpu.tensor(type, shape, decodeValues(type, bytes.slice().buffer) as TensorData<typeof type>);
}
