// The perceptron that learns on matrix cores, for as many digits as take seconds. The sample itself learns more, to above 95 %.

import { expect, it } from "vitest";
import * as mlp from "../../samples/matrix/mlp.js";
import { testGpu } from "../run/harness.js";

it("learns digits, and classifies others in f16 and in integers of 8 bits alike", async () => {
    const { accuracies, inEightBits } = await mlp.run(await testGpu(), { learn: 1600, test: 300, epochs: 2 });
    const [first = 0, second = 0] = accuracies;
    expect(second).toBeGreaterThan(0.8);
    expect(second).toBeGreaterThanOrEqual(first - 0.02);
    // A hundredth of the digits at most is close enough to a border for 8 bits to matter.
    expect(Math.abs(inEightBits - second)).toBeLessThan(0.02);
}, 300_000);
