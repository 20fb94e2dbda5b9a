// Matrix instructions of warps as LLVM's intrinsics of them (IntrinsicsNVVM.td; PTX ISA, "mma").

import { attribute, type Operation } from "../../ir/module.js";
import { type MatrixInstruction, matrixInstructionNamed } from "../../targets/matrix.js";
import { vectorOf } from "../vectors.js";
import type { FunctionWriter } from "../writer.js";

const SUMS = { f32: "float", f64: "double", i32: "i32" } as const;

export function emitMatrix(writer: FunctionWriter, op: Operation): void {
    const instruction = matrixInstructionNamed(writer.module.target, attribute(op, "format"));
    const count = op.results.length;
    const words = writer.uses(op.operands.slice(0, -count));
    const right = (words.length * instruction.n) / (instruction.m + instruction.n);
    const sum = SUMS[instruction.sum];
    const type = `{ ${new Array<string>(count).fill(sum).join(", ")} }`;
    const result = writer.intrinsic(`nvvm.${instruction.name}`, type, [
        ...registers(writer, instruction, byRows(words.slice(0, -right), right)),
        ...registers(writer, instruction, words.slice(-right)),
        ...writer.uses(op.operands.slice(-count)).map((value): [string, string] => [sum, value]),
    ]);
    for (const [at, value] of op.results.entries()) {
        writer.define(value, writer.assign(`extractvalue ${type} ${result}, ${at}`));
    }
}

/** The left operand's words of each block of rows, block after block, as the instruction takes them: in turns. */
function byRows(words: readonly string[], each: number): string[] {
    return Array.from({ length: each }, (_, at) => words.filter((_, which) => which % each === at)).flat();
}

function registers(
    writer: FunctionWriter,
    { operand }: MatrixInstruction,
    words: readonly string[],
): [string, string][] {
    if (operand === "i32") return words.map((word) => [operand, word]);
    const each = operand === "double" ? 2 : 1;
    return Array.from({ length: words.length / each }, (_, at) => {
        const value = vectorOf(writer, "i32", words.slice(at * each, (at + 1) * each));
        return [operand, writer.assign(`bitcast ${each === 1 ? "i32" : "<2 x i32>"} ${value} to ${operand}`)];
    });
}
