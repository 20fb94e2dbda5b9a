// soma_llvm.node as TypeScript sees it: LLVM 22 and lld for AMDGPU, in this process, off the event loop.
//
// A wrong argument throws a TypeError at once. What LLVM has to say about the IR is a message in the result. A buffer
// that is no AMDGPU code object rejects the promise with an Error that says what is wrong with it. Where LLVM gives up
// ("cannot select"), that is an error as well and the process goes on; the job's memory (some MB) stays taken.
// `disassemble` works in a child process, because LLVM's disassembler can crash on bytes that are no instructions.

import type { Codegen } from "../../compiler/codegen.js";

export interface LlvmAddon extends Codegen {
    /** Every target that `generate` takes, such as `gfx1100` and `gfx11-generic`, in LLVM's order. */
    readonly targets: readonly string[];
    /** Decodes every function of a linked code object; with source lines where it has DWARF line tables. */
    disassemble(codeObject: Uint8Array): Promise<Disassembly>;
    /** What AMD's metadata note and the kernel descriptors say. */
    inspect(codeObject: Uint8Array): Promise<CodeObjectInfo>;
}

/** What the code object's target id, such as `gfx942:sramecc+:xnack-`, says. */
export interface TargetId {
    readonly target: string;
    /** `xnack+`, `xnack-`, `sramecc+`, `sramecc-`; a feature that is not named may be on or off. */
    readonly features: readonly string[];
}

export interface Disassembly extends TargetId {
    /** In ascending order of address: kernels, and functions that were not inlined. */
    readonly functions: readonly DisassembledFunction[];
}

export interface DisassembledFunction {
    readonly name: string;
    readonly kernel: boolean;
    readonly address: number;
    /** Lanes of a wave; a function that is no kernel is decoded as the code object's first kernel is. */
    readonly waveSize: 32 | 64;
    readonly instructions: readonly Instruction[];
}

export interface Instruction {
    /** In bytes from the start of the loaded code object. */
    readonly address: number;
    /** Lower-case hexadecimal, two digits a byte, in memory order. */
    readonly bytes: string;
    /** LLVM's assembly syntax; `.long 0x…` where the bytes are no instruction of the target. */
    readonly text: string;
    /** Where a direct branch goes. */
    readonly branch?: number;
    readonly file?: string;
    /** From 1. */
    readonly line?: number;
    readonly column?: number;
}

export interface CodeObjectInfo extends TargetId {
    /** 4, 5 or 6. */
    readonly codeObjectVersion: number;
    readonly kernels: readonly KernelInfo[];
}

/** Sizes in bytes, register counts for each work-item (VGPR, AGPR) or wave (SGPR). */
export interface KernelInfo {
    readonly name: string;
    /** The descriptor's symbol, `<name>.kd`. */
    readonly symbol: string;
    readonly arguments: readonly ArgumentInfo[];
    readonly kernargSize: number;
    readonly kernargAlign: number;
    readonly ldsBytes: number;
    /** Private memory of each work-item: its stack, arrays and spills. */
    readonly scratchBytes: number;
    readonly dynamicStack: boolean;
    readonly vgprs: number;
    readonly agprs: number;
    readonly sgprs: number;
    readonly vgprSpills: number;
    readonly sgprSpills: number;
    readonly waveSize: 32 | 64;
    readonly maxWorkgroupSize: number;
    /** Grid order (x, y, z); null where the kernel takes any size. */
    readonly requiredWorkgroupSize: readonly number[] | null;
    /** Machine code of the kernel alone, without functions that it calls. */
    readonly codeSize: number;
    /** Address of the first instruction, from the start of the loaded code object. */
    readonly entry: number;
    readonly descriptor: KernelDescriptor;
}

export interface ArgumentInfo {
    readonly name: string | null;
    readonly offset: number;
    readonly size: number;
    /** AMD's value kind, such as `by_value`, `global_buffer` or `hidden_block_count_x`. */
    readonly kind: string;
    /** `global`, `constant`, `local`, …; null for values. */
    readonly addressSpace: string | null;
}

/** The 64 bytes that the hardware's dispatcher reads (LLVM's AMDGPU guide, "Kernel Descriptor"). */
export interface KernelDescriptor {
    readonly ldsBytes: number;
    readonly scratchBytes: number;
    readonly kernargSize: number;
    /** From the descriptor to the first instruction. */
    readonly entryOffset: number;
    readonly computePgmRsrc1: number;
    readonly computePgmRsrc2: number;
    readonly computePgmRsrc3: number;
    readonly kernelCodeProperties: number;
    readonly kernargPreload: number;
}
