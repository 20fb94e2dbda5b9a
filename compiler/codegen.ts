// What the compiler needs of a code generator. native/llvm implements it; the compiler itself has no addon access.

export type OptimisationLevel = 0 | 1 | 2 | 3;

/** Whether accesses are checked when they happen; one out of bounds is undefined where they are not. */
export type Bounds = "checked" | "unchecked";

/** Unless it is said: a build for debugging checks. */
export function defaultBounds(optimisation: OptimisationLevel): Bounds {
    return optimisation === 0 ? "checked" : "unchecked";
}

export type CodegenOutput = "asm" | "hsaco" | "llvm";

export interface CodegenOptions {
    /** Such as `gfx1100` or `sm_90`. */
    readonly target: string;
    readonly optimisation: OptimisationLevel;
    /** Assembly text (for NVIDIA's targets PTX), a linked code object of AMD's, or the LLVM IR after optimisation. */
    readonly output: CodegenOutput;
}

/** What LLVM said, with the place in the Soma source where the IR's debug locations give one (lines and columns from 1). */
export interface CodegenMessage {
    readonly severity: "error" | "warning" | "remark" | "note";
    readonly message: string;
    readonly file?: string;
    readonly line?: number;
    readonly column?: number;
    /** Where it is about vector registers that are kept in memory; its place is then the loop that suffers most. */
    readonly spill?: Spill;
}

/** A kernel with more values than vector registers. */
export interface Spill {
    readonly kernel: string;
    /** How many would be spilled by LLVM's usual scheduler. */
    readonly registers: number;
    /** The scheduler that was taken, because it needs none spilled (LLVM's `amdgpu-sched-strategy`). */
    readonly scheduler?: string;
}

export interface CodegenResult {
    /** Null when a message is an error. */
    readonly output: Uint8Array | null;
    readonly messages: readonly CodegenMessage[];
    /** Where the output was found, if it was there already. */
    readonly cached?: "memory" | "disk";
    /** Milliseconds of processor time that each step took, by its name, in order; none where the output was found. */
    readonly timings?: Readonly<Record<string, number>>;
}

export interface Codegen {
    /** LLVM's version, such as `22.1.8`. */
    readonly version: string;
    /**
     * Verifies, optimises and emits a module in LLVM IR text form, or several, which become one code object: they are
     * compiled at the same time, and only for `hsaco`. No two define the same kernel. Runs off the event loop.
     */
    generate(ir: string | readonly string[], options: CodegenOptions): Promise<CodegenResult>;
}
