// Memory, atomics, barriers, work-item ids and calls.

import { type AtomicKind, accessedType, attribute, type Operation, type ValueId } from "../ir/module.js";
import { reaches } from "../ir/reach.js";
import { reservedAtLaunch, reservedBytes } from "../ir/shared.js";
import {
    type BufferElement,
    type BufferType,
    bytesOf,
    elementBytes,
    type IrScalar,
    isBuffer,
    isFloat,
    isSigned,
} from "../ir/types.js";
import type { Order, Scope } from "../sema/program.js";
import { REPORTS } from "./reports.js";
import { llvmName, llvmType, memoryType, pointerType, resultType } from "./text.js";
import { movesWithLane } from "./uniformity.js";
import type { Block, FunctionWriter } from "./writer.js";

/** What the launch reserves in LDS behind all that the kernel declares. PTX's names have no dots, the source's no `$`. */
const SIZED_NAME = "@soma$sized";
const SIZED = `${SIZED_NAME} = external addrspace(3) global [0 x i8], align 16`;
/** LDS and scratch arrays begin at multiples of 16 bytes, the widest access there is. */
const ARRAY_ALIGNMENT = 16;

/** Emits an operation on memory or work-items; false where it is of another family. */
export function emitMemory(writer: FunctionWriter, op: Operation): boolean {
    switch (op.op) {
        case "local_id":
        case "group_id":
        case "group_count":
            emitId(writer, op, op.op);
            return true;
        case "alloc":
            emitAlloc(writer, op);
            return true;
        case "alloc_sized": {
            const [offset] = op.operands;
            if (offset === undefined) throw new Error("an array without a place");
            const declared = reservedBytes(reservedAtLaunch(writer.fn, writer.module.target.limits));
            const first = declared === 0 ? SIZED_NAME : writer.assign(sized(writer, SIZED_NAME, String(declared)));
            writer.define(resultOf(op), writer.assign(sized(writer, first, writer.use(offset))));
            return true;
        }
        case "offset": {
            const [buffer, index] = op.operands;
            if (buffer === undefined || index === undefined) throw new Error("an offset without buffer and index");
            const type = bufferType(writer, buffer);
            const base = `${pointerType(type)} ${writer.use(buffer)}`;
            const pointer = `getelementptr ${elementType(type.element)}, ${base}, i64 ${writer.use(index)}`;
            writer.define(resultOf(op), writer.assign(pointer));
            return true;
        }
        case "aligned":
        case "at_multiple":
            emitAligned(writer, op);
            return true;
        case "zero":
            emitZero(writer, op);
            return true;
        case "load":
            emitLoad(writer, op);
            return true;
        case "store":
            emitStore(writer, op);
            return true;
        case "atomic_rmw":
            emitAtomic(writer, op);
            return true;
        case "atomic_cas":
            emitCompareExchange(writer, op);
            return true;
        case "atomic_load": {
            const { element, space, pointer } = address(writer, op);
            const tail = atomicTail(writer, op, space, element);
            writer.define(resultOf(op), writer.assign(`load atomic ${llvmType(element)}, ${pointer}${tail}`));
            return true;
        }
        case "atomic_store": {
            const { element, space, pointer } = address(writer, op);
            const [value] = writer.uses(op.operands.slice(2));
            const tail = atomicTail(writer, op, space, element);
            writer.line(`store atomic ${llvmType(element)} ${value}, ${pointer}${tail}`);
            return true;
        }
        case "fence": {
            const { scope = "device", order = "acq_rel" } = op.attributes;
            writer.line(`fence${syncScope(writer, scope)} ${ORDERS[order]}`);
            return true;
        }
        case "barrier":
            writer.module.backend.barrier(writer);
            return true;
        case "call":
            emitCall(writer, op);
            return true;
        default:
            return false;
    }
}

/** What neighbouring elements of a buffer are. */
function elementType(element: BufferElement): string {
    return element === "bytes" ? "i8" : memoryType(element);
}

function resultOf(op: Operation): ValueId {
    const [result] = op.results;
    if (result === undefined) throw new Error(`${op.op} without a result`);
    return result;
}

function bufferType(writer: FunctionWriter, id: ValueId | undefined): BufferType {
    const type = id === undefined ? "bool" : writer.typeOf(id);
    if (!isBuffer(type)) throw new Error(`a ${type} where a buffer belongs`);
    return type;
}

/** A grid has less than 2^32 work-items along an axis, so ids are 32 bits without a sign. */
function emitId(writer: FunctionWriter, op: Operation, kind: "local_id" | "group_id" | "group_count"): void {
    const { backend } = writer.module;
    const axis = attribute(op, "axis");
    const id = kind === "group_count" ? backend.groupCount(writer, axis) : backend.id(writer, kind, axis);
    writer.define(resultOf(op), writer.assign(`zext i32 ${id} to i64`));
}

function emitAlloc(writer: FunctionWriter, op: Operation): void {
    const result = resultOf(op);
    const { element, space } = bufferType(writer, result);
    const type = `[${attribute(op, "count")} x ${elementType(element)}]`;
    if (space === "private") {
        const array = writer.module.backend.privateArray(writer, type, ARRAY_ALIGNMENT);
        writer.define(result, array);
        writer.declareArray(array, result, op, element);
        return;
    }
    const { globals, target } = writer.module;
    const reserved = reservedAtLaunch(writer.fn, target.limits).find((array) => array.op === op);
    if (reserved) {
        writer.define(result, writer.assign(sized(writer, SIZED_NAME, String(reserved.offset))));
        return;
    }
    const name = `@${llvmName(`${writer.fn.name}.${attribute(op, "name")}.${globals.length}`)}`;
    globals.push(`${name} = internal unnamed_addr addrspace(3) global ${type} poison, align ${ARRAY_ALIGNMENT}`);
    writer.define(result, name);
}

/** Bytes behind a place in what the launch reserves. */
function sized(writer: FunctionWriter, base: string, offset: string): string {
    const { globals } = writer.module;
    if (!globals.includes(SIZED)) globals.push(SIZED);
    return `getelementptr i8, ptr addrspace(3) ${base}, i64 ${offset}`;
}

/** Zeroes the array that an `alloc` of the same function made. */
function emitZero(writer: FunctionWriter, op: Operation): void {
    const [buffer] = op.operands;
    const { element } = bufferType(writer, buffer);
    const alloc = writer.fn.operations.find(({ results }) => buffer !== undefined && results[0] === buffer);
    if (buffer === undefined || !alloc) throw new Error("zero of something that alloc didn't make");
    const bytes = attribute(alloc, "count") * elementBytes(element);
    writer.module.backend.zeroPrivate(writer, writer.use(buffer), bytes);
}

/** Where an access goes; `element` is the scalar that it is of. */
function address(writer: FunctionWriter, op: Operation) {
    const [buffer, index] = op.operands;
    if (buffer === undefined || index === undefined) throw new Error("an access without buffer and index");
    const type = bufferType(writer, buffer);
    const element = accessedType(writer.fn, op);
    const base = `${pointerType(type)} ${writer.use(buffer)}`;
    if (type.space === "global") {
        const isLarge = writer.fn.parameters.some(({ value, large }) => large && value === buffer);
        const pointer = isLarge
            ? writer.assign(`getelementptr inbounds ${memoryType(element)}, ${base}, i64 ${writer.use(index)}`)
            : globalAddress(writer, base, bytesOf(element), index);
        return { element, space: type.space, pointer: `${pointerType(type)} ${pointer}` };
    }
    const pointer = writer.assign(`getelementptr inbounds ${memoryType(element)}, ${base}, i64 ${writer.use(index)}`);
    return { element, space: type.space, pointer: `${pointerType(type)} ${pointer}` };
}

/**
 * The form that the backend selects as a scalar base, a 32-bit offset and a constant: base + zext(offset) + constant.
 * That the offset fits is what passes/demand.ts says of every access in bounds.
 */
function globalAddress(writer: FunctionWriter, base: string, bytes: number, index: ValueId): string {
    const { core, constant } = splitIndex(writer, index, bytes);
    if (core === null) {
        const offset =
            bytes === 1 ? writer.use(index) : writer.assign(`shl i64 ${writer.use(index)}, ${Math.log2(bytes)}`);
        return writer.assign(`getelementptr inbounds i8, ${base}, i64 ${offset}`);
    }
    const offset = bytes === 1 ? core : writer.assign(`shl nuw i32 ${core}, ${Math.log2(bytes)}`);
    const wide = writer.assign(`zext i32 ${offset} to i64`);
    const pointer = writer.assign(`getelementptr i8, ${base}, i64 ${wide}`);
    if (constant === 0n) return pointer;
    return writer.assign(`getelementptr i8, ptr addrspace(1) ${pointer}, i64 ${constant * BigInt(bytes)}`);
}

/** The 32 bits that an index is `convert` of, or that plus a constant; narrow.ts makes these. Null for other indices. */
function splitIndex(writer: FunctionWriter, index: ValueId, bytes: number) {
    const op = writer.definitions.get(index);
    const [left, right] = op?.operands ?? [];
    const constant = right === undefined ? undefined : writer.definitions.get(right)?.attributes.value;
    if (op?.op === "add" && left !== undefined && typeof constant === "bigint" && reaches(constant, bytes)) {
        const core = narrowSource(writer, left, ["u32"]);
        if (core !== null) return { core, constant };
    }
    // In bounds it is not negative, so an i32 will do as well.
    return { core: narrowSource(writer, index, ["u32", "i32"]), constant: 0n };
}

function narrowSource(writer: FunctionWriter, value: ValueId, types: readonly IrScalar[]): string | null {
    const op = writer.definitions.get(value);
    const [source] = op?.operands ?? [];
    if (op?.op !== "convert" || source === undefined) return null;
    return types.some((type) => type === writer.typeOf(source)) ? offsetHere(writer, source) : null;
}

/**
 * The backend selects block by block. An address that LLVM computes in one block and uses in another it no longer sees as
 * a base and an offset, and adds them in 64 bits. So an offset that blocks before have used is, in each further block,
 * one of which LLVM knows nothing. For what differs between lanes only: other addresses are scalar.
 */
function offsetHere(writer: FunctionWriter, source: ValueId): string {
    const { current, offsets } = writer;
    const known = offsets.get(source);
    const here = known?.get(current);
    if (here !== undefined) return here;
    const hides = known !== undefined && movesWithLane(writer, source);
    const offset = hides ? writer.hidden("i32", writer.use(source)) : writer.use(source);
    offsets.set(source, (known ?? new Map<Block, string>()).set(current, offset));
    return offset;
}

/** Where wide accesses don't want it, nothing was found out about alignment. */
function alignmentOf({ module: { backend } }: FunctionWriter, { attributes }: Operation, element: IrScalar): number {
    return backend.alignsWide ? (attributes.align ?? bytesOf(element)) : bytesOf(element);
}

function emitAligned(writer: FunctionWriter, op: Operation): void {
    const [buffer] = op.operands;
    const { backend } = writer.module;
    if (buffer === undefined || (op.op === "aligned" && !backend.alignsWide)) {
        writer.define(resultOf(op), "true");
        return;
    }
    const pointer = `${pointerType(bufferType(writer, buffer))} ${writer.use(buffer)}`;
    const low = writer.assign(`and i64 ${writer.assign(`ptrtoint ${pointer} to i64`)}, ${attribute(op, "align") - 1}`);
    writer.define(resultOf(op), writer.assign(`icmp eq i64 ${low}, 0`));
}

function emitLoad(writer: FunctionWriter, op: Operation): void {
    const { element, pointer } = address(writer, op);
    const loaded = writer.assign(`load ${memoryType(element)}, ${pointer}, align ${alignmentOf(writer, op, element)}`);
    writer.define(resultOf(op), element === "bool" ? writer.assign(`icmp ne i8 ${loaded}, 0`) : loaded);
}

function emitStore(writer: FunctionWriter, op: Operation): void {
    const { element, pointer } = address(writer, op);
    const [value = ""] = writer.uses(op.operands.slice(2));
    const stored = element === "bool" ? writer.assign(`zext i1 ${value} to i8`) : value;
    writer.line(`store ${memoryType(element)} ${stored}, ${pointer}, align ${alignmentOf(writer, op, element)}`);
}

/** LLVM's words for the orders ("LLVM Language Reference Manual", "Atomic Memory Ordering Constraints"). */
const ORDERS: Readonly<Record<Order, string>> = {
    relaxed: "monotonic",
    acquire: "acquire",
    release: "release",
    acq_rel: "acq_rel",
};

/** Where an exchange doesn't happen nothing is stored, so nothing is released. */
const FAILING_ORDERS: Readonly<Record<Order, string>> = {
    relaxed: "monotonic",
    acquire: "acquire",
    release: "monotonic",
    acq_rel: "acquire",
};

function syncScope({ module: { backend } }: FunctionWriter, scope: Scope): string {
    const name = backend.atomicScopes[scope];
    return name === "" ? "" : ` syncscope("${name}")`;
}

/** Scope, orders and alignment of an atomic: for the device, or of LDS the workgroup, where no scope is said. */
function atomicTail(
    writer: FunctionWriter,
    { attributes }: Operation,
    space: BufferType["space"],
    element: IrScalar,
    orders = ORDERS[attributes.order ?? "relaxed"],
): string {
    const { backend, metadata } = writer.module;
    const scope = attributes.scope ?? (space === "global" ? "device" : "workgroup");
    const tail = `${syncScope(writer, scope)} ${orders}, align ${bytesOf(element)}`;
    // The host may have asked for memory that it shares with the device in detail.
    return space === "global" && scope !== "system" ? tail + backend.atomicMetadata(metadata) : tail;
}

const ATOMICS: Readonly<Record<AtomicKind, readonly [float: string, signed: string, unsigned: string]>> = {
    add: ["fadd", "add", "add"],
    sub: ["fsub", "sub", "sub"],
    min: ["fmin", "min", "umin"],
    max: ["fmax", "max", "umax"],
    and: ["", "and", "and"],
    or: ["", "or", "or"],
    xor: ["", "xor", "xor"],
    exchange: ["xchg", "xchg", "xchg"],
};

function emitAtomic(writer: FunctionWriter, op: Operation): void {
    const { element, space, pointer } = address(writer, op);
    const [value] = writer.uses(op.operands.slice(2));
    const [float, signed, unsigned] = ATOMICS[attribute(op, "atomic")];
    const name = isFloat(element) ? float : isSigned(element) ? signed : unsigned;
    const tail = atomicTail(writer, op, space, element);
    writer.define(resultOf(op), writer.assign(`atomicrmw ${name} ${pointer}, ${llvmType(element)} ${value}${tail}`));
}

function emitCompareExchange(writer: FunctionWriter, op: Operation): void {
    const { element, space, pointer } = address(writer, op);
    const [expected, desired] = writer.uses(op.operands.slice(2));
    const type = llvmType(element);
    const { order = "relaxed" } = op.attributes;
    const tail = atomicTail(writer, op, space, element, `${ORDERS[order]} ${FAILING_ORDERS[order]}`);
    const pair = writer.assign(`cmpxchg ${pointer}, ${type} ${expected}, ${type} ${desired}${tail}`);
    writer.define(resultOf(op), writer.assign(`extractvalue { ${type}, i1 } ${pair}, 0`));
}

function emitCall(writer: FunctionWriter, op: Operation): void {
    const [result] = op.results;
    const args = op.operands.map((operand) => `${llvmType(writer.typeOf(operand))} ${writer.use(operand)}`);
    if (writer.module.sites.reporting.has(attribute(op, "callee"))) args.push(`ptr addrspace(1) ${REPORTS}`);
    if (writer.lanes !== null && writer.module.meeting.has(attribute(op, "callee"))) args.push(`i32 ${writer.lanes}`);
    const type = resultType(op.results.map((each) => writer.typeOf(each)));
    const call = `call ${type} @${llvmName(attribute(op, "callee"))}(${args.join(", ")})`;
    if (result === undefined) {
        writer.line(call);
        return;
    }
    const whole = writer.assign(call);
    if (op.results.length === 1) writer.define(result, whole);
    else
        for (const [at, part] of op.results.entries())
            writer.define(part, writer.assign(`extractvalue ${type} ${whole}, ${at}`));
}
