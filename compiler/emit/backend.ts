// What the back ends of LLVM want said differently: the one interface between the emission that all targets share and what
// is AMD's or NVIDIA's alone. Address spaces have the same numbers on both (text.ts).

import type { Manifest } from "../../codeobject/manifest.js";
import type { Axis, IrFunction, Operation } from "../ir/module.js";
import type { IrScalar } from "../ir/types.js";
import type { CodeOptions, Scope } from "../sema/program.js";
import type { Target } from "../targets/targets.js";
import type { Metadata } from "./metadata.js";
import type { FunctionWriter } from "./writer.js";

export interface Backend {
    readonly triple: string;
    /** `LineTablesOnly` is DWARF in the code object, `DebugDirectivesOnly` what an assembler may make DWARF of. */
    readonly debug: "LineTablesOnly" | "DebugDirectivesOnly";
    /** How DWARF leads from a pointer to private memory to what is there; null where debuggers can't be told of variables. */
    readonly variablePlaces: string | null;
    /** The constraint in inline assembly of a register with a value for each lane; null where nothing needs to be hidden. */
    readonly register: "v" | null;
    /** Whether a wide access to global memory must be at a multiple of its own size, not of an element's. */
    readonly alignsWide: boolean;
    /** Whether a vector's elements are neighbouring registers, of which taking one out of it is no instruction. */
    readonly joinsRegisters: boolean;
    /** Whether a lane's sum of 32 bits that stops at the greatest number is one instruction. */
    readonly lanesSaturate: boolean;
    /** Nodes of `!llvm.module.flags` beside those about debugging. */
    moduleFlags(codeObjectVersion: number): readonly string[];
    /** `module asm` lines that put the manifest into the code object. */
    manifestText(manifest: Manifest): string;
    /** Visibility and calling convention of a kernel. */
    readonly kernelConvention: string;
    /** `ids`: its operations that ask for ids. `reports`: it tells the host which work-item it is, so it needs all of them. */
    kernelAttributes(fn: IrFunction, ids: readonly Operation[], target: Target, reports: boolean): string;
    /** Metadata of a kernel, with a space before each. */
    kernelMetadata(fn: IrFunction, metadata: Metadata): string;
    /** Attributes of a function that is no kernel. */
    functionAttributes(options: CodeOptions, target: Target, reports: boolean): string;
    /** Reserves an array of the work-item's own, once at the function's start: a pointer to the address space `private`. */
    privateArray(writer: FunctionWriter, type: string, alignment: number): string;
    /** Fills such an array of so many bytes with zero. */
    zeroPrivate(writer: FunctionWriter, pointer: string, bytes: number): void;
    /** The work-item's place in its workgroup, or the workgroup's in the grid: an `i32` without a sign. */
    id(writer: FunctionWriter, op: "local_id" | "group_id", axis: Axis): string;
    /** How many workgroups a kernel was launched with along an axis: an `i32` without a sign. */
    groupCount(writer: FunctionWriter, axis: Axis): string;
    /** The intrinsic behind an id, for functions that are written as text; it takes nothing and gives an `i32`. */
    idIntrinsic(op: "local_id" | "group_id", axis: Axis): string;
    /** Ends the wave, where the hardware can, or else the work-item. Control doesn't come back. */
    end(writer: FunctionWriter): void;
    /** All work-items of the workgroup arrive here, and then see what the others wrote before. */
    barrier(writer: FunctionWriter): void;
    /** As `barrier`, which orders accesses of LDS alone. */
    ldsBarrier(writer: FunctionWriter): void;
    /** What lanes of the wave, all of which are here, wrote to LDS is seen by all of them after. */
    waveBarrier(writer: FunctionWriter): void;
    /** Four bytes of two words, by digits as of the operation `bytes`. */
    bytes(writer: FunctionWriter, first: string, second: string, digits: string): string;
    /** Emits a matrix instruction. */
    matrix(writer: FunctionWriter, op: Operation): void;
    /** Emits an operation of a wave; false where it is of another family. */
    wave(writer: FunctionWriter, op: Operation): boolean;
    /** Null where the hardware keeps lanes together in structured control flow; else operations of a wave take a mask. */
    readonly lanes: LaneMasks | null;
    /** An `i1` that is false, which LLVM can't know. */
    never(writer: FunctionWriter): string;
    /** LLVM's names of the scopes of atomics and fences; empty for the whole system. */
    readonly atomicScopes: Readonly<Record<Scope, string>>;
    /** Metadata of an atomic on global memory, with a comma before each. */
    atomicMetadata(metadata: Metadata): string;
    /** Scalar operations that are not emitted as scalar.ts has them. */
    readonly scalar: Readonly<Partial<Record<Operation["op"], EmitScalar>>>;
}

/** Which lanes are at a place: `i32` values with a bit for each. */
export interface LaneMasks {
    /** Those that there are where a kernel begins. */
    atStart(writer: FunctionWriter): string;
    /** Those of a mask for which a condition holds. All lanes of the mask come here. */
    among(writer: FunctionWriter, lanes: string, condition: string): string;
}

/** Gives the result's name, or undefined for types that are emitted as elsewhere; `type` is the first operand's. */
export type EmitScalar = (
    writer: FunctionWriter,
    operands: readonly string[],
    type: IrScalar,
    result: IrScalar,
) => string | undefined;
