// AMD's own metadata note: what the code generator says of each kernel's arguments and resources.
// Keys and meanings: LLVM 22, "User Guide for AMDGPU Backend", section "Code Object Metadata" (V3 to V5; V6 changes
// only the target's name). The note is MessagePack under the name "AMDGPU", type NT_AMDGPU_METADATA.

import { decode } from "@msgpack/msgpack";
import type { Bytes } from "./bytes.js";
import { CodeObjectError } from "./error.js";
import { Field } from "./field.js";

export const METADATA_NOTE_NAME = "AMDGPU";
export const METADATA_NOTE_TYPE = 32;

const MAX_U32 = 0xffff_ffff;

export interface Metadata {
    /** Major and minor version of the metadata: 1.1 is code object V4, 1.2 is V5 and later. */
    readonly version: readonly [major: number, minor: number];
    /** The target id, such as `amdgcn-amd-amdhsa--gfx90a:xnack-`; undefined before V4. */
    readonly target: string | undefined;
    readonly kernels: readonly KernelMetadata[];
}

export interface KernelMetadata {
    readonly name: string;
    /** The symbol of its descriptor, which ends in `.kd`. */
    readonly symbol: string;
    readonly args: readonly ArgumentMetadata[];
    /** Bytes of the argument buffer, hidden arguments included. */
    readonly kernargSegmentSize: number;
    readonly kernargSegmentAlign: number;
    /** Bytes of LDS that a workgroup takes, without what a launch adds. */
    readonly groupSegmentFixedSize: number;
    /** Bytes of scratch that a work-item takes. */
    readonly privateSegmentFixedSize: number;
    readonly wavefrontSize: number;
    readonly sgprCount: number;
    /** On targets with one register file for both (gfx90a and later CDNA) it includes the AGPRs. */
    readonly vgprCount: number;
    /** Undefined where the target has no accumulation registers. */
    readonly agprCount: number | undefined;
    readonly sgprSpillCount: number;
    readonly vgprSpillCount: number;
    /** Work-items of the largest workgroup the code allows. */
    readonly maxFlatWorkgroupSize: number;
    /** The only workgroup size the code allows, x first. */
    readonly reqdWorkgroupSize: readonly number[] | undefined;
    readonly usesDynamicStack: boolean;
}

export interface ArgumentMetadata {
    readonly name: string | undefined;
    readonly typeName: string | undefined;
    /** Bytes from the start of the argument buffer. */
    readonly offset: number;
    readonly size: number;
    /** `by_value`, `global_buffer`, or a `hidden_…` one that the launcher fills. */
    readonly valueKind: string;
}

/** @throws CodeObjectError where the bytes are no metadata, or a required key is missing or of another type. */
export function readMetadata(description: Bytes): Metadata {
    const root = new Field(decodeMessagePack(description), "AMD's metadata", "");
    const version = root
        .get("amdhsa.version")
        .array()
        .map((part) => part.integer(0, 1000));
    return {
        version: [version[0] ?? 0, version[1] ?? 0],
        target: root.get("amdhsa.target").optional((field) => field.string()),
        kernels: (root.get("amdhsa.kernels").optional((field) => field.array()) ?? []).map(readKernel),
    };
}

function decodeMessagePack(description: Bytes): unknown {
    // Lengths are declared before the data: none may ask for more than there is.
    const limit = description.length;
    try {
        return decode(description.array, {
            maxStrLength: limit,
            maxBinLength: limit,
            maxArrayLength: limit,
            maxMapLength: limit,
            maxExtLength: limit,
        });
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new CodeObjectError(`the code object is damaged: AMD's metadata is not valid MessagePack (${reason})`);
    }
}

function readKernel(kernel: Field): KernelMetadata {
    const count = (key: string): number => kernel.get(key).integer(0, MAX_U32);
    const countOrZero = (key: string): number => kernel.get(key).optional((field) => field.integer(0, MAX_U32)) ?? 0;
    return {
        name: kernel.get(".name").string(),
        symbol: kernel.get(".symbol").string(),
        args: (kernel.get(".args").optional((field) => field.array()) ?? []).map(readArgument),
        kernargSegmentSize: count(".kernarg_segment_size"),
        kernargSegmentAlign: count(".kernarg_segment_align"),
        groupSegmentFixedSize: count(".group_segment_fixed_size"),
        privateSegmentFixedSize: count(".private_segment_fixed_size"),
        wavefrontSize: count(".wavefront_size"),
        sgprCount: count(".sgpr_count"),
        vgprCount: count(".vgpr_count"),
        agprCount: kernel.get(".agpr_count").optional((field) => field.integer(0, MAX_U32)),
        sgprSpillCount: countOrZero(".sgpr_spill_count"),
        vgprSpillCount: countOrZero(".vgpr_spill_count"),
        maxFlatWorkgroupSize: count(".max_flat_workgroup_size"),
        reqdWorkgroupSize: kernel
            .get(".reqd_workgroup_size")
            .optional((field) => field.array().map((size) => size.integer(0, MAX_U32))),
        usesDynamicStack: kernel.get(".uses_dynamic_stack").optional((field) => field.boolean()) ?? false,
    };
}

function readArgument(argument: Field): ArgumentMetadata {
    return {
        name: argument.get(".name").optional((field) => field.string()),
        typeName: argument.get(".type_name").optional((field) => field.string()),
        offset: argument.get(".offset").integer(0, MAX_U32),
        size: argument.get(".size").integer(0, MAX_U32),
        valueKind: argument.get(".value_kind").string(),
    };
}
