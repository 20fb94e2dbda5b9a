// Which code objects run where (PTX ISA, ".target"; HIP's documentation on generic targets).

import { expect, test } from "vitest";
import { runsOn } from "../../codeobject/runs-on.js";
import { TARGETS } from "../../compiler/targets/targets.js";
import { targetOfDevice } from "../../runtime/target-of-device.js";

test.each([
    ["gfx1100", "gfx1100", true],
    ["gfx1100", "gfx1101", false],
    ["gfx11-generic", "gfx1101", true],
    ["gfx11-generic", "gfx1151", true],
    ["gfx11-generic", "gfx1201", false],
    ["gfx11-generic", "gfx90a", false],
    ["gfx11-generic", "sm_90", false],
    ["gfx9-4-generic", "gfx942", true],
    ["gfx9-4-generic", "gfx950", true],
    ["gfx9-4-generic", "gfx90a", false],
    ["gfx12-generic", "gfx1250", false],
    // Of a later processor HIP may know more.
    ["gfx12-generic", "gfx1399", true],
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

test("code of at most one generic target runs on each processor", () => {
    const amd = TARGETS.filter(({ backend }) => backend === "amdgpu").map(({ name }) => name);
    const generic = amd.filter((name) => name.endsWith("-generic"));
    for (const device of amd.filter((name) => !generic.includes(name))) {
        expect([device, generic.filter((name) => runsOn(name, device)).length]).toEqual([
            device,
            expect.toSatisfy((n) => n <= 1),
        ]);
    }
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
