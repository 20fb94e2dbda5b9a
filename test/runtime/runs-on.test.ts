// Which code objects run where (PTX ISA, ".target"; HIP's documentation on generic targets).

import { expect, test } from "vitest";
import { runsOn } from "../../codeobject/runs-on.js";
import { targetOfDevice } from "../../runtime/target-of-device.js";

test.each([
    ["gfx1100", "gfx1100", true],
    ["gfx1100", "gfx1101", false],
    ["gfx11-generic", "gfx1101", true],
    ["sm_80", "sm_90", true],
    ["sm_90", "sm_100", true],
    ["sm_90", "sm_89", false],
    ["sm_90a", "sm_90", true],
    ["sm_90a", "sm_100", false],
    ["sm_90", "gfx1100", false],
    ["gfx1100", "sm_90", false],
])("code for %s on %s: %s", (target, device, expected) => {
    expect(runsOn(target, device)).toBe(expected);
});

test("an NVIDIA GPU that is not in the table gets the latest PTX that it takes", () => {
    expect(["sm_90", "sm_87", "sm_120", "gfx1100"].map(targetOfDevice)).toEqual([
        "sm_90",
        "sm_86",
        "sm_100",
        "gfx1100",
    ]);
    expect(targetOfDevice("sm_61")).toBe("sm_61");
});
