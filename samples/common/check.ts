// Comparing what a kernel computed with what it should have computed.

/** A kernel computed something wrong. The message names the kernel, the element, and both values. */
export class WrongResult extends Error {}

/** The unit roundoff of f32: the relative error of one correctly rounded operation is at most this. */
export const F32_ROUNDOFF = 2 ** -24;

/**
 * The largest |actual − expected|.
 * @param what the kernel's name, for the error
 * @param tolerance the largest error allowed at each element, or everywhere
 * @throws WrongResult at the first element that is further off, or that is NaN
 */
export function largestError(
    what: string,
    actual: ArrayLike<number>,
    expected: ArrayLike<number>,
    tolerance: ArrayLike<number> | number,
): number {
    if (actual.length !== expected.length) {
        throw new WrongResult(`${what} gave ${actual.length} elements, expected ${expected.length}`);
    }
    let largest = 0;
    for (let i = 0; i < actual.length; i++) {
        const value = actual[i] as number;
        const wanted = expected[i] as number;
        const allowed = typeof tolerance === "number" ? tolerance : (tolerance[i] as number);
        const error = Math.abs(value - wanted);
        // Written so that NaN fails.
        if (!(error <= allowed)) {
            throw new WrongResult(
                `${what} is wrong: element ${i} is ${value}, expected ${wanted} (allowed error ${allowed})`,
            );
        }
        largest = Math.max(largest, error);
    }
    return largest;
}
