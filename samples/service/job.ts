// One job of the service, in its own process: compiles, runs on a virtual GPU with checked bounds, and answers with what the
// tensors are then.

import { compile, loadCodegen, moduleLoader, renderDiagnostic } from "../../compiler/index.js";
import {
    type ElementType,
    type KernelArgument,
    open,
    SomaError,
    type Tensor,
    type TensorData,
} from "../../runtime/index.js";

export interface Job {
    readonly source: string;
    readonly kernel: string;
    /** Numbers, and tensors as they are to be made. */
    readonly arguments: Readonly<Record<string, number | TensorJob>>;
}

export interface TensorJob {
    readonly type: ElementType;
    readonly shape: readonly number[];
    readonly data?: TensorData<ElementType>;
}

export type JobAnswer =
    | { readonly tensors: Readonly<Record<string, readonly (number | string)[]>>; readonly milliseconds: number }
    | { readonly error: { readonly code: string; readonly message: string } };

async function run({ source, kernel, arguments: given, instructions }: Job & { readonly instructions: number }) {
    using gpu = await open("vgpu");
    gpu.limits({ instructions });
    gpu.reports({ print: () => {} });
    // It imports the standard library, and nothing of this machine's disk.
    const load = moduleLoader({ read: () => undefined });
    const options = { target: gpu.target, bounds: "checked" } as const;
    const compiled = await compile({ path: "job.soma", text: source }, load, loadCodegen(), options);
    if (compiled.output === null)
        return failure("ERR_SOMA_COMPILE", compiled.diagnostics.map((each) => renderDiagnostic(each)).join("\n"));
    const { kernels } = await gpu.load(compiled.output);
    const launch = Object.hasOwn(kernels, kernel) ? kernels[kernel] : undefined;
    if (launch === undefined) return failure("ERR_KERNEL", `the source has no kernel ${kernel}`);
    const made = new Map<string, Tensor>();
    const args: Record<string, KernelArgument> = {};
    for (const [name, value] of Object.entries(given)) {
        if (typeof value === "number") {
            args[name] = value;
        } else {
            const tensor = gpu.tensor(value?.type, value?.shape, value?.data);
            made.set(name, tensor);
            args[name] = tensor;
        }
    }
    const { milliseconds } = await launch(args);
    const tensors: Record<string, (number | string)[]> = {};
    // JSON has no integers of 64 bits: they go as text.
    for (const [name, tensor] of made) tensors[name] = [...(await tensor.read())].map(plain);
    return { tensors, milliseconds };
}

function plain(value: unknown): number | string {
    return typeof value === "number" ? value : String(value);
}

function failure(code: string, message: string): JobAnswer {
    return { error: { code, message } };
}

process.once("message", async (job: Job & { readonly instructions: number }) => {
    const answer = await run(job).catch((error: unknown) => {
        // Anything else is a mistake of ours, which ends this process and no other.
        if (!(error instanceof SomaError)) throw error;
        return failure(error.code, error.message);
    });
    process.send?.(answer);
});
