// Whether two strided views have a byte in common. Exact: addresses are sums of indices times strides, so it is a bounded
// linear equation, solved by a search that cuts off what the remaining terms can't reach, by their size or by their
// common divisor. Strides of views are nested in practice, so that few branches are left; for hostile ones the search
// gives up and answers yes. (numpy.shares_memory does the same; its documentation says why the problem is hard.)

/** Where the elements of a view lie. */
export interface Lattice {
    /** Of the first element. */
    readonly address: bigint;
    /** Bytes of an element. */
    readonly elementSize: number;
    readonly shape: readonly number[];
    /** Bytes between neighbours along each dimension, not negative. */
    readonly strides: readonly number[];
}

/** A stride times any integer of a range. */
interface Term {
    readonly stride: number;
    readonly low: number;
    readonly high: number;
}

const MOST_STEPS = 100_000;

export function overlaps(a: Lattice, b: Lattice): boolean {
    if (a.shape.includes(0) || b.shape.includes(0)) {
        return false;
    }
    const terms = termsOf(a, b);
    /** What the terms from each on add at least and at most, and what divides all that they add. */
    const rest = [{ low: 0, high: 0, divisor: 0 }];
    for (const { stride, low, high } of [...terms].reverse()) {
        const last = rest[0] as (typeof rest)[0];
        const divisor = commonDivisor(last.divisor, stride);
        rest.unshift({ low: last.low + stride * low, high: last.high + stride * high, divisor });
    }
    let steps = 0;
    // The distance of an element of a from one of b must come to lie above -size of a and below size of b.
    const search = (at: number, distance: number): boolean => {
        const { low, high, divisor } = rest[at] as (typeof rest)[0];
        if (distance + low >= b.elementSize || distance + high <= -a.elementSize) {
            return false;
        }
        if (divisor > 0) {
            const above = ((distance % divisor) + divisor) % divisor;
            if (above >= b.elementSize && divisor - above >= a.elementSize) {
                return false;
            }
        }
        const term = terms[at];
        if (term === undefined || steps++ > MOST_STEPS) {
            return true;
        }
        const { stride } = term;
        const after = rest[at + 1] as (typeof rest)[0];
        const first = Math.max(term.low, Math.floor((-a.elementSize - distance - after.high) / stride));
        const last = Math.min(term.high, Math.ceil((b.elementSize - distance - after.low) / stride));
        for (let index = first; index <= last; index++) {
            if (search(at + 1, distance + stride * index)) {
                return true;
            }
        }
        return false;
    };
    return search(0, Number(a.address - b.address));
}

/** Those of a, less those of b; the largest stride first, each stride once. */
function termsOf(a: Lattice, b: Lattice): Term[] {
    const ranges = new Map<number, Term>();
    const add = (stride: number, low: number, high: number): void => {
        if (stride !== 0) {
            const known = ranges.get(stride) ?? { stride, low: 0, high: 0 };
            ranges.set(stride, { stride, low: known.low + low, high: known.high + high });
        }
    };
    for (const [axis, count] of a.shape.entries()) {
        add(a.strides[axis] as number, 0, count - 1);
    }
    for (const [axis, count] of b.shape.entries()) {
        add(b.strides[axis] as number, 1 - count, 0);
    }
    return [...ranges.values()].sort((x, y) => y.stride - x.stride);
}

function commonDivisor(a: number, b: number): number {
    return b === 0 ? a : commonDivisor(b, a % b);
}
