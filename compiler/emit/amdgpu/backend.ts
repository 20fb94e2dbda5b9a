// What LLVM's AMDGPU back end wants (LLVM's "User Guide for AMDGPU Backend").

import { AXIS_NAMES, type Axis } from "../../ir/module.js";
import type { Backend } from "../backend.js";
import { llvmType, suffix } from "../text.js";
import { functionAttributes, kernelAttributes } from "./attributes.js";
import { emitMatrix } from "./matrix.js";
import { noteText } from "./note.js";
import { emitWave } from "./wave.js";

function idIntrinsic(op: "local_id" | "group_id", axis: Axis): string {
    return `amdgcn.${op === "local_id" ? "workitem" : "workgroup"}.id.${AXIS_NAMES[axis]}`;
}

/** Where a packet that dispatches a kernel has `grid_size_x`, in bytes. */
const GRID_SIZE = 12;

export const AMDGPU: Backend = {
    triple: "amdgcn-amd-amdhsa",
    debug: "LineTablesOnly",
    // Private memory is DWARF's address space 1 ("Address Space Identifier").
    variablePlaces: "!DIExpression(DW_OP_constu, 1, DW_OP_swap, DW_OP_xderef)",
    register: "v",
    alignsWide: false,
    joinsRegisters: true,
    lanesSaturate: true,
    moduleFlags: (version) => [`!{i32 1, !"amdhsa_code_object_version", i32 ${version * 100}}`],
    manifestText: noteText,
    kernelConvention: "protected amdgpu_kernel",
    kernelAttributes,
    kernelMetadata(fn, metadata) {
        const sizes = (fn.kernel?.workgroup ?? []).map((size) => `i32 ${size}`);
        return ` !reqd_work_group_size ${metadata.node(`!{${sizes.join(", ")}}`)}`;
    },
    functionAttributes,
    privateArray: (writer, type, alignment) => writer.alloca(`${type}, align ${alignment}, addrspace(5)`),
    zeroPrivate(writer, pointer, bytes) {
        writer.intrinsicEffect("memset.p5.i64", [
            ["ptr addrspace(5)", pointer],
            ["i8", "0"],
            ["i64", String(bytes)],
            ["i1", "false"],
        ]);
    },
    id(writer, op, axis) {
        const size = writer.fn.kernel?.workgroup[axis];
        const range = op === "local_id" && size !== undefined ? `range(i32 0, ${size})` : "";
        return writer.intrinsic(idIntrinsic(op, axis), "i32", [], range);
    },
    // The launch's own packet has work-items, which are whole workgroups (HSA Platform System Architecture, AQL packet).
    groupCount(writer, axis) {
        const packet = writer.intrinsic("amdgcn.dispatch.ptr", "ptr addrspace(4)", []);
        const place = writer.assign(`getelementptr i8, ptr addrspace(4) ${packet}, i64 ${GRID_SIZE + 4 * axis}`);
        const unchanging = `!invariant.load ${writer.module.metadata.node("!{}")}`;
        const items = writer.assign(`load i32, ptr addrspace(4) ${place}, align 4, ${unchanging}`);
        return writer.assign(`udiv exact i32 ${items}, ${writer.fn.kernel?.workgroup[axis] ?? 1}`);
    },
    idIntrinsic,
    // Not `llvm.amdgcn.endpgm`, which must be followed by `unreachable`.
    end: (writer) => writer.line(`call void asm sideeffect "s_endpgm", ""()`),
    barrier(writer) {
        writer.line(`fence syncscope("workgroup") release`);
        writer.intrinsicEffect("amdgcn.s.barrier", []);
        writer.line(`fence syncscope("workgroup") acquire`);
    },
    // LLVM's memory model waits for global accesses too unless it is told which address space is meant.
    ldsBarrier(writer) {
        const local = `, !mmra ${writer.module.metadata.node('!{!"amdgpu-synchronize-as", !"local"}')}`;
        writer.line(`fence syncscope("workgroup") release${local}`);
        writer.intrinsicEffect("amdgcn.s.barrier", []);
        writer.line(`fence syncscope("workgroup") acquire${local}`);
    },
    // LDS serves the lanes of a wave in order, so nothing waits: LLVM keeps the accesses where they are.
    waveBarrier: (writer) => writer.line(`fence syncscope("wavefront") acq_rel`),
    bytes(writer, first, second, digits) {
        // Bytes 0 to 3 are the second operand's.
        const selector = [...digits].reduce((sum, digit, at) => sum + Number(digit) * 256 ** at, 0);
        return writer.intrinsic("amdgcn.perm", "i32", [
            ["i32", second],
            ["i32", first],
            ["i32", String(selector)],
        ]);
    },
    matrix: emitMatrix,
    wave: emitWave,
    lanes: null,
    never(writer) {
        const zero = writer.assign(`call i32 asm sideeffect "s_mov_b32 $0, 0", "=s"()`);
        return writer.assign(`icmp ne i32 ${zero}, 0`);
    },
    atomicScopes: { workgroup: "workgroup", device: "agent", system: "" },
    // Device memory that a kernel gets is neither fine-grained nor another device's, which lets LLVM use the hardware's
    // floating-point atomics where the target has them ("Metadata").
    atomicMetadata(metadata) {
        const empty = metadata.node("!{}");
        return `, !amdgpu.no.fine.grained.memory ${empty}, !amdgpu.no.remote.memory ${empty}`;
    },
    scalar: {
        // The instruction gives 0 for results below the smallest normal number; LLVM's intrinsic scales twice to get them.
        exp2: (writer, [a = ""], type) => {
            const name = type === "f32" && writer.fn.options.fast ? "amdgcn.exp2" : "exp2";
            const { liberties } = writer;
            return writer.intrinsic(
                `${name}.${suffix(type)}`,
                llvmType(type),
                [[llvmType(type), a]],
                liberties.trimStart(),
            );
        },
    },
};
