// Prints, failed assertions and checks of bounds: records in the report buffer (codeobject/report-buffer.ts), of which a
// function that reports takes the address as a hidden argument. Asking for room and saying who reports is done in two
// functions of the module, so that a check costs a comparison and a branch to a few instructions that hardly ever run.

import { REPORTS_ARGUMENT } from "../../codeobject/manifest.js";
import { REPORT_BUFFER, wordsOfValue } from "../../codeobject/report-buffer.js";
import type { Axis, Operation, ValueId } from "../ir/module.js";
import { bitsOf, type IrScalar, isFloat, isSigned } from "../ir/types.js";
import type { CodeOptions } from "../sema/program.js";
import { llvmType } from "./text.js";
import type { FunctionWriter, ModuleWriter } from "./writer.js";

/** The hidden argument. */
export const REPORTS = `%${REPORTS_ARGUMENT}`;

const POINTER = "ptr addrspace(1)";
const AXES = [0, 1, 2] as const;

/** Emits an operation that reports; false where it is of another family. */
export function emitReport(writer: FunctionWriter, op: Operation): boolean {
    switch (op.op) {
        case "print": {
            const words = op.operands.reduce((sum, operand) => sum + wordsOfValue(writer.scalarOf(operand)), 0);
            const size = `i32 ${words + REPORT_BUFFER.headWords}`;
            record(
                writer,
                op,
                writer.assign(
                    `call ${POINTER} ${callee("print", writer.fn.options)}(${POINTER} ${REPORTS}, ${site(writer, op)}, ${size})`,
                ),
            );
            return true;
        }
        case "fail":
            emitFailure(writer, op, op.operands);
            writer.line("unreachable");
            return true;
        case "check":
            emitCheck(writer, op);
            return true;
        default:
            return false;
    }
}

function site(writer: FunctionWriter, op: Operation): string {
    return `i32 ${writer.module.sites.numbers.get(op)}`;
}

/** One comparison says both: below 0 is far beyond every extent without a sign, and extents are not negative. */
function emitCheck(writer: FunctionWriter, op: Operation): void {
    const [value, limit] = op.operands;
    if (value === undefined || limit === undefined) throw new Error("an incomplete check");
    const type = llvmType(writer.typeOf(value));
    const inside = writer.assign(`icmp ult ${type} ${writer.use(value)}, ${writer.use(limit)}`);
    const [outside, on] = [writer.block("outside"), writer.block("inside")];
    writer.line(`br i1 ${inside}, label %${on.label}, label %${outside.label}`);
    writer.place(outside);
    emitFailure(writer, op, [value, limit], "index");
    writer.line("unreachable");
    writer.place(on);
}

/** Ends the wave: none of its work-items goes on, and a barrier waits for it no more. */
function emitFailure(writer: FunctionWriter, op: Operation, values: readonly ValueId[], as?: IrScalar): void {
    record(
        writer,
        op,
        writer.assign(
            `call ${POINTER} ${callee("fail", writer.fn.options)}(${POINTER} ${REPORTS}, ${site(writer, op)})`,
        ),
        values,
        as,
    );
    writer.module.backend.end(writer);
}

/** Writes the values where there is room for them. */
function record(
    writer: FunctionWriter,
    op: Operation,
    place: string,
    values: readonly ValueId[] = op.operands,
    as?: IrScalar,
): void {
    if (values.length === 0) return;
    const [write, done] = [writer.block("record"), writer.block("recorded")];
    const room = writer.assign(`icmp ne ${POINTER} ${place}, null`);
    writer.line(`br i1 ${room}, label %${write.label}, label %${done.label}`);
    writer.place(write);
    let offset = 0;
    for (const value of values) {
        const at = writer.assign(`getelementptr i8, ${POINTER} ${place}, i64 ${offset}`);
        writer.line(`store ${inWords(writer, value, as)}, ${POINTER} ${at}, align 4`);
        offset += 4 * wordsOfValue(as ?? writer.scalarOf(value));
    }
    writer.line(`br label %${done.label}`);
    writer.place(done);
}

/** A value as it is stored: 32 or 64 bits. */
function inWords(writer: FunctionWriter, value: ValueId, as: IrScalar | undefined): string {
    const type = writer.scalarOf(value);
    const wanted = bitsOf(as ?? type) === 64 ? 64 : 32;
    const bits = bitsOf(type);
    const name = writer.use(value);
    if (bits === wanted) return `${llvmType(type)} ${name}`;
    const integer = isFloat(type) ? writer.assign(`bitcast ${llvmType(type)} ${name} to i${bits}`) : name;
    const extension = isSigned(type) ? "sext" : "zext";
    return `i${wanted} ${writer.assign(`${extension} i${bits} ${integer} to i${wanted}`)}`;
}

/** What says who reports, from the place of a record on; then where its values go. */
function headOf({ backend }: ModuleWriter, record: string): string {
    const at = (name: string, offset: number) =>
        `  %${name}.at = getelementptr i8, ${POINTER} ${record}, i64 ${offset}`;
    const id = (op: "local_id" | "group_id", axis: Axis) => `call i32 @llvm.${backend.idIntrinsic(op, axis)}()`;
    const groups = AXES.flatMap((axis) => [
        `  %group.${axis} = ${id("group_id", axis)}`,
        at(`group.${axis}`, 4 + 4 * axis),
        `  store i32 %group.${axis}, ${POINTER} %group.${axis}.at, align 4`,
    ]);
    return [
        `  store i32 %site, ${POINTER} ${record}, align 4`,
        ...groups,
        ...AXES.map((axis) => `  %item.${axis} = ${id("local_id", axis)}`),
        "  %item.1.high = shl i32 %item.1, 10",
        "  %item.2.high = shl i32 %item.2, 20",
        "  %item.low = or i32 %item.0, %item.1.high",
        "  %item = or i32 %item.low, %item.2.high",
        at("item", 16),
        `  store i32 %item, ${POINTER} %item.at, align 4`,
        at("values", 4 * REPORT_BUFFER.headWords),
        `  ret ${POINTER} %values.at`,
        "none:",
        `  ret ${POINTER} null`,
        "}",
    ].join("\n");
}

const field = (name: keyof typeof REPORT_BUFFER) =>
    `  %${name}.at = getelementptr i8, ${POINTER} %reports, i64 ${REPORT_BUFFER[name]}`;

/** One each for the size of waves of those that call it. */
function callee(name: "print" | "fail", { wave }: CodeOptions): string {
    return wave === undefined ? `@soma.${name}` : `@soma.${name}.wave${wave}`;
}

/** The functions that records are begun with: each gives where the values go, or null where there is no room or buffer. */
export function reportFunctions(module: ModuleWriter, wave: CodeOptions["wave"]): string {
    const { backend, declarations, target } = module;
    const options: CodeOptions = wave === undefined ? {} : { wave };
    for (const op of ["group_id", "local_id"] as const) {
        for (const axis of AXES) {
            const name = backend.idIntrinsic(op, axis);
            declarations.set(name, `declare i32 @llvm.${name}()`);
        }
    }
    const attributes = `noinline ${backend.functionAttributes(options, target, true)}`;
    const order = `syncscope("${backend.atomicScopes.device}") monotonic, align 8`;
    return `
define internal ${POINTER} ${callee("print", options)}(${POINTER} %reports, i32 %site, i32 %words) ${attributes} {
  %absent = icmp eq ${POINTER} %reports, null
  br i1 %absent, label %none, label %ask
ask:
  %size = zext i32 %words to i64
  %start = atomicrmw add ${POINTER} %reports, i64 %size ${order}
  %end = add i64 %start, %size
${field("capacity")}
  %capacity = load i64, ${POINTER} %capacity.at, align 8
  %fits = icmp ule i64 %end, %capacity
  br i1 %fits, label %write, label %lose
lose:
${field("lost")}
  %lost = atomicrmw add ${POINTER} %lost.at, i64 1 ${order}
  br label %none
write:
  %bytes = shl i64 %start, 2
${field("records")}
  %record = getelementptr i8, ${POINTER} %records.at, i64 %bytes
${headOf(module, "%record")}

define internal ${POINTER} ${callee("fail", options)}(${POINTER} %reports, i32 %site) cold ${attributes} {
  %absent = icmp eq ${POINTER} %reports, null
  br i1 %absent, label %none, label %ask
ask:
${field("failed")}
  %before = atomicrmw add ${POINTER} %failed.at, i64 1 ${order}
  %first = icmp eq i64 %before, 0
  br i1 %first, label %write, label %none
write:
${field("failure")}
${headOf(module, "%failure.at")}
`;
}
