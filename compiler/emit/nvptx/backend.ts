// What LLVM's NVPTX back end wants (LLVM's "User Guide for NVPTX Back-end"; NVIDIA's "PTX ISA").

import { MANIFEST_PTX_PREFIX } from "../../../codeobject/manifest.js";
import { AXIS_NAMES, type Axis } from "../../ir/module.js";
import { COMMON_ATTRIBUTES } from "../attributes.js";
import type { Backend } from "../backend.js";
import { quoted } from "../text.js";
import type { FunctionWriter } from "../writer.js";
import { APPROXIMATIONS } from "./approximations.js";
import { floatToInteger, scale } from "./conversions.js";
import { LANE_MASKS } from "./lanes.js";
import { emitMatrix } from "./matrix.js";
import { emitWave } from "./wave.js";

/** Workgroups on each axis (CUDA C++ Programming Guide, "Technical Specifications per Compute Capability"). */
const MAX_GRID = [2 ** 31 - 1, 65535, 65535] as const;
/** LLVM writes out a memset up to here, and makes a loop over bytes of a longer one. */
const SHORT_MEMSET = 128;
const WIDEST_STORE = 16;

function idIntrinsic(op: "local_id" | "group_id", axis: Axis): string {
    return `nvvm.read.ptx.sreg.${op === "local_id" ? "tid" : "ctaid"}.${AXIS_NAMES[axis]}`;
}

export const NVPTX: Backend = {
    triple: "nvptx64-nvidia-cuda",
    // The driver's assembler makes its own line tables of these; full DWARF would have it optimise nothing.
    debug: "DebugDirectivesOnly",
    variablePlaces: null,
    register: null,
    alignsWide: true,
    joinsRegisters: false,
    lanesSaturate: false,
    moduleFlags: () => [],
    // PTX is ASCII, and a comment ends with its line; JSON has an escape for everything else.
    manifestText(manifest) {
        const json = JSON.stringify(manifest).replace(/[^ -~]/g, (unit) => {
            return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
        });
        return `module asm ${quoted(MANIFEST_PTX_PREFIX + json)}\n`;
    },
    kernelConvention: "ptx_kernel",
    kernelAttributes(fn) {
        const workgroup = fn.kernel?.workgroup ?? [1, 1, 1];
        return `${COMMON_ATTRIBUTES} "nvvm.reqntid"="${workgroup.join(",")}"`;
    },
    kernelMetadata: () => "",
    functionAttributes: () => COMMON_ATTRIBUTES,
    privateArray(writer, type, alignment) {
        const slot = writer.alloca(`${type}, align ${alignment}`);
        return writer.assign(`addrspacecast ptr ${slot} to ptr addrspace(5)`);
    },
    zeroPrivate(writer, pointer, bytes) {
        const words = bytes > SHORT_MEMSET ? bytes - (bytes % WIDEST_STORE) : 0;
        if (words > 0) storeZeros(writer, pointer, words);
        if (words === bytes) return;
        const rest = writer.assign(`getelementptr inbounds i8, ptr addrspace(5) ${pointer}, i64 ${words}`);
        writer.intrinsicEffect("memset.p5.i64", [
            ["ptr addrspace(5) align 16", rest],
            ["i8", "0"],
            ["i64", String(bytes - words)],
            ["i1", "false"],
        ]);
    },
    id(writer, op, axis) {
        const size = op === "local_id" ? writer.fn.kernel?.workgroup[axis] : MAX_GRID[axis];
        const range = size === undefined ? "" : `range(i32 0, ${size})`;
        return writer.intrinsic(idIntrinsic(op, axis), "i32", [], range);
    },
    groupCount: (writer, axis) => writer.intrinsic(`nvvm.read.ptx.sreg.nctaid.${AXIS_NAMES[axis]}`, "i32", []),
    idIntrinsic,
    end: (writer) => writer.intrinsicEffect("nvvm.exit", []),
    // It also orders memory among those that meet (PTX ISA, "bar, barrier").
    barrier: (writer) => writer.intrinsicEffect("nvvm.barrier.cta.sync.aligned.all", [["i32", "0"]]),
    ldsBarrier: (writer) => writer.intrinsicEffect("nvvm.barrier.cta.sync.aligned.all", [["i32", "0"]]),
    waveBarrier: (writer) => writer.intrinsicEffect("nvvm.bar.warp.sync", [["i32", "-1"]]),
    bytes(writer, first, second, digits) {
        const selector = [...digits].reduce((sum, digit, at) => sum + Number(digit) * 16 ** at, 0);
        return writer.intrinsic("nvvm.prmt", "i32", [
            ["i32", first],
            ["i32", second],
            ["i32", String(selector)],
        ]);
    },
    matrix: emitMatrix,
    wave: emitWave,
    lanes: LANE_MASKS,
    // Multiprocessors are counted from 0 (PTX ISA, "%smid"), which neither LLVM nor ptxas makes use of.
    never(writer) {
        const multiprocessor = writer.assign(`call i32 asm sideeffect "mov.u32 $0, %smid;", "=r"()`);
        return writer.assign(`icmp eq i32 ${multiprocessor}, -1`);
    },
    atomicScopes: { workgroup: "block", device: "device", system: "" },
    atomicMetadata: () => "",
    scalar: { ...APPROXIMATIONS, convert: floatToInteger, ldexp: scale },
};

/** A loop of the widest stores; `bytes` is a multiple of them. */
function storeZeros(writer: FunctionWriter, pointer: string, bytes: number): void {
    const [body, done] = [writer.block("zero"), writer.block("zeroed")];
    const at = writer.phi(body, "i64");
    writer.jump(body, ["0"]);
    writer.place(body);
    const place = writer.assign(`getelementptr inbounds i8, ptr addrspace(5) ${pointer}, i64 ${at}`);
    writer.line(`store <4 x i32> zeroinitializer, ptr addrspace(5) ${place}, align ${WIDEST_STORE}`);
    const next = writer.assign(`add nuw nsw i64 ${at}, ${WIDEST_STORE}`);
    writer.supply(body, [next]);
    const more = writer.assign(`icmp ult i64 ${next}, ${bytes}`);
    writer.line(`br i1 ${more}, label %${body.label}, label %${done.label}`);
    writer.place(done);
}
