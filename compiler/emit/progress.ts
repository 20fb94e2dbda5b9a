// How a counted loop goes on: it never wraps, and a round costs a comparison and a sum. Where the counter can't leave its
// type (`nowrap`), the next counter is compared with the end. So it is where lanes count for themselves in 32 bits without
// a sign, by sums that stop at the greatest number: vector units have them. Otherwise the counter is compared with the end
// less a step, which is known before the loop.

import type { Operation } from "../ir/module.js";
import { bitsOf, isSigned } from "../ir/types.js";
import { isConstant, llvmType } from "./text.js";
import { variesByLane } from "./uniformity.js";
import type { FunctionWriter } from "./writer.js";

export interface Progress {
    /** Whether there is a first round. */
    readonly enters: string;
    /** The counter, from the phi that holds it. */
    readonly counter: (held: string) => string;
    /** After a round: whether there is another, and its counter (of no meaning if not). */
    readonly advance: (counter: string) => { readonly more: string; readonly following: string };
}

export function progressOf(writer: FunctionWriter, op: Operation): Progress {
    const [start, end, step] = op.operands;
    if (start === undefined || end === undefined || step === undefined) throw new Error("a for without bounds");
    const type = writer.scalarOf(start);
    const [from, to, by] = [writer.use(start), writer.use(end), writer.use(step)];
    const compare = (how: string, a: string, b: string) => writer.assign(`icmp ${how} ${llvmType(type)} ${a}, ${b}`);
    const [less, greater] = isSigned(type) ? ["slt", "sgt"] : ["ult", "ugt"];
    const constant = isConstant(by) ? BigInt(by) : null;
    const next = (counter: string, flags = "") => writer.assign(`add${flags} ${llvmType(type)} ${counter}, ${by}`);
    // LLVM's strength reduction would keep an offset for each size of element beside the counter, with a step of its own,
    // and where the counter may leave the type compare the next one less the step.
    const counted = isConstant(to) && constant !== null;
    const varies = variesByLane(writer, start);
    const hides = op.attributes.unroll === undefined && !counted && bitsOf(type) === 32 && varies;
    const counter = (held: string) => (hides ? writer.hidden(llvmType(type), held) : held);
    if (op.attributes.nowrap || constant === 1n) {
        // Below the end there is always a next number, so 1 is added without wrapping. Told so of a longer step, LLVM
        // would count addresses of 64 bits beside the counter.
        const flags = constant === 1n ? (isSigned(type) ? " nsw" : " nuw") : "";
        const advance = (counter: string) => {
            const following = next(counter, flags);
            return { following, more: compare(less, following, to) };
        };
        return { enters: compare(less, from, to), counter, advance };
    }
    // No counter is above the greatest number, so at it the loop ends, whatever its end is.
    if (type === "u32" && constant !== 0n && varies && writer.module.backend.lanesSaturate) {
        const advance = (counter: string) => {
            const following = writer.intrinsic("uadd.sat.i32", "i32", [
                ["i32", counter],
                ["i32", by],
            ]);
            return { following, more: compare(less, following, to) };
        };
        const inside = compare(less, from, to);
        const moves = constant === null ? compare("ne", by, "0") : "true";
        return { enters: writer.assign(`and i1 ${moves}, ${inside}`), counter, advance };
    }
    // A counter before the last one has a next. Where that lies beyond the type it saturates, and no counter is before it.
    const last = writer.intrinsic(`${isSigned(type) ? "s" : "u"}sub.sat.${llvmType(type)}`, llvmType(type), [
        [llvmType(type), to],
        [llvmType(type), by],
    ]);
    const advance = (how: string) => (counter: string) => ({
        more: compare(how, counter, last),
        following: next(counter),
    });
    if (constant === 0n) return { enters: "false", counter, advance: advance(less) };
    if (constant !== null) {
        const how = constant < 0n ? greater : less;
        return { enters: compare(how, from, to), counter, advance: advance(how) };
    }
    const forward = compare(greater, by, "0");
    const below = writer.assign(`and i1 ${forward}, ${compare(less, from, to)}`);
    if (!isSigned(type)) return { enters: below, counter, advance: advance(less) };
    const backward = compare(less, by, "0");
    const above = writer.assign(`and i1 ${backward}, ${compare(greater, from, to)}`);
    const either = (counter: string) => {
        const [under, over] = [compare(less, counter, last), compare(greater, counter, last)];
        return { more: writer.assign(`select i1 ${forward}, i1 ${under}, i1 ${over}`), following: next(counter) };
    };
    return { enters: writer.assign(`or i1 ${below}, ${above}`), counter, advance: either };
}
