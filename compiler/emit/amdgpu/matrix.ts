// Matrix instructions as LLVM's intrinsics of them (IntrinsicsAMDGPU.td).

import { attribute, type Operation, type ValueId } from "../../ir/module.js";
import { isBuffer } from "../../ir/types.js";
import { type MatrixInstruction, matrixInstructionNamed } from "../../targets/matrix.js";
import { defineAll, together, vectorType } from "../vectors.js";
import { address, readsBeside } from "../wide.js";
import type { FunctionWriter } from "../writer.js";

const SUMS = { f32: "float", f64: "double", i32: "i32" } as const;

export function emitMatrix(writer: FunctionWriter, op: Operation): void {
    if (op.op === "load_turned") {
        emitTurned(writer, op);
        return;
    }
    if (op.op === "load_to_lds") {
        emitToLds(writer, op);
        return;
    }
    if (op.op === "wait_to_lds") {
        writer.intrinsicEffect("amdgcn.s.waitcnt", [["i32", String(ALL_LOADS)]]);
        return;
    }
    if (op.op === "order_to_lds") {
        writer.intrinsicEffect("amdgcn.sched.barrier", [["i32", String(ARITHMETIC_ALONE)]]);
        return;
    }
    const instruction = matrixInstructionNamed(writer.module.target, attribute(op, "format"));
    const count = op.results.length;
    const words = (op.operands.length - count) / 2;
    const [a, b] = [0, words].map((at) => operand(writer, instruction, op.operands.slice(at, at + words)));
    const sum = SUMS[instruction.sum];
    const type = vectorType(sum, count);
    const c = together(writer, sum, op.operands.slice(2 * words));
    const left: [string, string] = [instruction.operand, a ?? ""];
    const right: [string, string] = [instruction.operand, b ?? ""];
    const result = writer.intrinsic(
        `amdgcn.${intrinsicOf(instruction)}`,
        type,
        argumentsOf(instruction, left, right, [type, c]),
    );
    defineAll(writer, op.results, sum, result);
}

/** gfx950's reads of LDS that transpose, and gfx12's loads of global memory. */
function emitTurned(writer: FunctionWriter, op: Operation): void {
    const words = vectorType("i32", op.results.length);
    const isBytes = attribute(op, "count") === 8;
    const buffer = writer.typeOf(op.operands[0] as ValueId);
    const isGlobal = isBuffer(buffer) && buffer.space === "global";
    const names = isGlobal
        ? ["global.load.tr.b64.v2i32", "global.load.tr.b128.v8i16"]
        : ["ds.read.tr8.b64.v2i32", "ds.read.tr16.b64.v4i16"];
    const [name, type] = isBytes ? [names[0], words] : [names[1], vectorType("i16", 2 * op.results.length)];
    const [pointer, ...value] = address(writer, op).split(" %");
    const call = `amdgcn.${name}`;
    const loaded = writer.intrinsic(call, type, [[pointer ?? "", `%${value.join("")}`]], "", readsBeside(writer, op));
    defineAll(writer, op.results, "i32", isBytes ? loaded : writer.assign(`bitcast ${type} ${loaded} to ${words}`));
}

/** `s_waitcnt vmcnt(0)` as gfx9 encodes it: the other counters at their most. */
const ALL_LOADS = 0x0f70;

/** What the scheduler may move across: nothing that touches memory. */
const ARITHMETIC_ALONE = 1;

/**
 * The address in LDS goes to M0. What reads LDS is told not to wait for it (`readsBeside`): halves that are read and written in turn are
 * one array to LLVM, and what is read was waited for.
 */
function emitToLds(writer: FunctionWriter, op: Operation): void {
    const [, , array, start] = op.operands;
    if (array === undefined || start === undefined) throw new Error("a load to LDS without a place there");
    const [pointer, ...from] = address(writer, op).split(" %");
    const wide = writer.once(`zext i32 ${writer.use(start)} to i64`);
    const to = writer.once(`getelementptr i8, ptr addrspace(3) ${writer.use(array)}, i64 ${wide}`);
    writer.intrinsicEffect(
        "amdgcn.load.to.lds.p1",
        [
            [pointer ?? "", `%${from.join("")}`],
            ["ptr addrspace(3)", to],
            ["i32", String(attribute(op, "count"))],
            ["i32", "0"],
            ["i32", "0"],
        ],
        `, !alias.scope ${writer.module.metadata.scopeOfLoadsToLds}`,
    );
}

type Argument = [type: string, value: string];

/** One intrinsic has all formats of operands in so many registers. */
function intrinsicOf({ name, extras }: MatrixInstruction): string {
    return extras === "formats" ? name.replace(/(\.(fp8|bf8)){2}$/, ".v8i32.v8i32") : name;
}

function argumentsOf(
    { extras, a: left, b: right }: MatrixInstruction,
    a: Argument,
    b: Argument,
    c: Argument,
): Argument[] {
    switch (extras) {
        case "none":
            return [a, b, c];
        case "signs":
            // Both operands have signs, and the sum wraps.
            return [["i1", "true"], a, ["i1", "true"], b, c, ["i1", "false"]];
        case "formats": {
            const formats = [left, right].map((format): Argument => ["i32", format === "f8e5m2" ? "1" : "0"]);
            // Without scales it is the instruction that has none.
            return [a, b, c, ...formats, ...new Array<Argument>(4).fill(["i32", "0"])];
        }
        case "broadcasts":
            return [a, b, c, ...["cbsz", "abid", "blgp"].map((): Argument => ["i32", "0"])];
    }
}

/** The words of an operand as the type that the intrinsic takes. */
function operand(writer: FunctionWriter, { operand: type }: MatrixInstruction, words: readonly ValueId[]): string {
    const vector = together(writer, "i32", words);
    const from = vectorType("i32", words.length);
    return from === type ? vector : writer.once(`bitcast ${from} ${vector} to ${type}`);
}
