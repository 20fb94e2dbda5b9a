// Words: accesses of several, scalars packed in them, and matrix instructions, whose operands they are.

import { attribute, type Operation } from "../ir/module.js";
import { isBuffer } from "../ir/types.js";
import { llvmType, pointerType } from "./text.js";
import { defineAll, together, vectorOf, vectorType } from "./vectors.js";
import type { FunctionWriter } from "./writer.js";

/** Emits an operation on words; false where it is of another family. */
export function emitWide(writer: FunctionWriter, op: Operation): boolean {
    switch (op.op) {
        case "load_words": {
            const type = vectorType("i32", op.results.length);
            const beside = readsBeside(writer, op);
            const loaded = writer.assign(
                `load ${type}, ${address(writer, op)}, align ${attribute(op, "align")}${beside}`,
            );
            defineAll(writer, op.results, "i32", loaded);
            return true;
        }
        case "store_words": {
            const words = op.operands.slice(2);
            const value = together(writer, "i32", words);
            const type = vectorType("i32", words.length);
            writer.line(`store ${type} ${value}, ${address(writer, op)}, align ${attribute(op, "align")}`);
            return true;
        }
        case "pack": {
            const [first] = op.operands;
            const [result] = op.results;
            if (first === undefined || result === undefined) throw new Error("nothing is packed");
            const element = llvmType(writer.typeOf(first));
            if (element === "i8") {
                writer.define(result, bytesTogether(writer, writer.uses(op.operands)));
                return true;
            }
            const value = vectorOf(writer, element, writer.uses(op.operands));
            writer.define(result, writer.assign(`bitcast ${vectorType(element, op.operands.length)} ${value} to i32`));
            return true;
        }
        case "unpack": {
            const [word] = op.operands;
            const [first] = op.results;
            if (first === undefined || word === undefined) throw new Error("nothing is unpacked");
            const element = llvmType(writer.typeOf(first));
            const type = vectorType(element, op.results.length);
            defineAll(writer, op.results, element, writer.assign(`bitcast i32 ${writer.use(word)} to ${type}`));
            return true;
        }
        case "anew":
        case "opaque": {
            const [value] = op.operands;
            const [result] = op.results;
            if (value === undefined || result === undefined) throw new Error("nothing is opaque");
            writer.define(result, writer.hidden(llvmType(writer.typeOf(value)), writer.use(value)));
            return true;
        }
        case "bytes": {
            const [first = "", second = ""] = writer.uses(op.operands);
            const [result] = op.results;
            if (result === undefined) throw new Error("bytes of nothing");
            writer.define(result, writer.module.backend.bytes(writer, first, second, attribute(op, "format")));
            return true;
        }
        case "lds_barrier":
            writer.module.backend.ldsBarrier(writer);
            return true;
        case "wave_barrier":
            writer.module.backend.waveBarrier(writer);
            return true;
        case "load_turned":
        case "load_to_lds":
        case "wait_to_lds":
        case "order_to_lds":
        case "mma":
            writer.module.backend.matrix(writer, op);
            return true;
        default:
            return false;
    }
}

/**
 * The metadata of a read of LDS beside which loads go there: without it LLVM waits for all of these before it. Lowering has them
 * waited for before a barrier in front of what reads them (as Triton does for AMD, AsyncUtility.h).
 */
export function readsBeside(writer: FunctionWriter, { operands: [buffer] }: Operation): string {
    const type = buffer === undefined ? undefined : writer.typeOf(buffer);
    const isRead = type !== undefined && isBuffer(type) && type.space === "shared" && writer.loadsToLds;
    return isRead ? `, !noalias ${writer.module.metadata.scopeOfLoadsToLds}` : "";
}

/** Bytes in a word, by shifts of words: of a vector of bytes LLVM 22 makes operations on halves of registers. */
function bytesTogether(writer: FunctionWriter, bytes: readonly string[]): string {
    return bytes
        .map((byte, at) => {
            const wide = writer.assign(`zext i8 ${byte} to i32`);
            return at === 0 ? wide : writer.assign(`shl i32 ${wide}, ${8 * at}`);
        })
        .reduce((word, byte) => writer.assign(`or disjoint i32 ${word}, ${byte}`));
}

/** A base, an offset of 32 bits that work-items have of their own, and a constant that instructions add by themselves. */
export function address(writer: FunctionWriter, op: Operation): string {
    const [buffer, offset] = op.operands;
    const type = buffer === undefined ? undefined : writer.typeOf(buffer);
    if (buffer === undefined || offset === undefined || type === undefined || !isBuffer(type)) {
        throw new Error(`${op.op} of no buffer`);
    }
    const pointer = pointerType(type);
    const wide = writer.once(`zext i32 ${writer.use(offset)} to i64`);
    const moved = writer.once(`getelementptr i8, ${pointer} ${writer.use(buffer)}, i64 ${wide}`);
    const constant = attribute(op, "offset");
    return `${pointer} ${constant === 0 ? moved : writer.once(`getelementptr i8, ${pointer} ${moved}, i64 ${constant}`)}`;
}
