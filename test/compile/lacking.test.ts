// What a target lacks is an error at check time that names the construct, the target, and the targets that have it: each
// construct that depends on the target, on each target. What a target has compiles to code.

import { describe, expect, test } from "vitest";
import { check, compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { TARGETS, type Target } from "../../compiler/targets/targets.js";

interface Construct {
    readonly what: string;
    readonly text: string;
    readonly code: string;
    /** How the error calls it. */
    readonly name: string;
    /** By the tables of the manuals, not by the compiler's. */
    readonly has: (target: Target) => boolean;
}

const over = (head: string, body = "x[i] = 1.0") => `${head}\nkernel f(x: mut f32[n]) over i in n {\n    ${body}\n}\n`;
const groups = (workgroup: string, body: string, groups = "n") =>
    `kernel f(x: mut f32[n]) groups ${groups} workgroup(${workgroup}) {\n    ${body}\n}\n`;
const shared = (count: number) =>
    groups("64", `shared a: f32[${count}]\n    a[local_id()] = x[0]\n    barrier()\n    x[0] = a[63 - local_id()]`);
const isAmd = ({ backend }: Target) => backend === "amdgpu";
const isOf = (target: Target, ...names: readonly string[]) => names.some((name) => target.name.startsWith(name));

/** LLVM's AMDGPU guide, "Processors": gfx6 to gfx9 run waves of 64, gfx1250 of 32, those between of both. */
const hasWave32 = (target: Target) => !isOf(target, "gfx9");
const hasWave64 = (target: Target) => isAmd(target) && !isOf(target, "gfx125");
/** LDS of a workgroup: ISA manuals; CUDA C++ Programming Guide, "Technical Specifications per Compute Capability". */
const KIB_OF_LDS: readonly (readonly [kib: number, ...names: string[]])[] = [
    [160, "gfx950"],
    [320, "gfx125"],
    [64, "gfx", "sm_75"],
    [96, "sm_70"],
    [163, "sm_80"],
    [99, "sm_86", "sm_89"],
    [227, "sm_"],
];
const ldsOf = (target: Target) => 1024 * (KIB_OF_LDS.find(([, ...names]) => isOf(target, ...names))?.[0] ?? 0);

const CONSTRUCTS: readonly Construct[] = [
    { what: "waves of 32", text: over("#wave(32)"), code: "E1007", name: "waves of 32 lanes", has: hasWave32 },
    { what: "waves of 64", text: over("#wave(64)"), code: "E1007", name: "waves of 64 lanes", has: hasWave64 },
    { what: "#waves_per_eu", text: over("#waves_per_eu(2)"), code: "E1008", name: "#waves_per_eu", has: isAmd },
    {
        what: "16 waves of an execution unit",
        text: over("#waves_per_eu(16)"),
        code: "E1013",
        name: "#waves_per_eu(16)",
        // 10 on gfx9, 8 from gfx90a on, 20 on gfx10.1, else 16: LLVM's AMDGPU::IsaInfo::getMaxWavesPerEU.
        has: (target) => isAmd(target) && !isOf(target, "gfx9"),
    },
    {
        what: "20 waves of an execution unit",
        text: over("#waves_per_eu(20)"),
        code: "E1013",
        name: "#waves_per_eu(20)",
        has: (target) => isOf(target, "gfx101", "gfx10-1"),
    },
    ...[64, 65, 99, 128, 163, 227, 321].map((kib): Construct => {
        const has = (target: Target) => kib * 1024 <= ldsOf(target);
        return { what: `${kib} KiB of LDS`, text: shared(kib * 256), code: "E1002", name: `${kib * 1024} bytes`, has };
    }),
    {
        what: "a workgroup of 1024 along x",
        text: groups("1, 1, 1024", "x[group_id(0)] = 1.0", "(n, 1, 1)"),
        code: "E1013",
        name: "along x",
        has: () => true,
    },
    {
        what: "a workgroup of 128 along z",
        text: groups("128, 1, 1", "x[group_id(0)] = 1.0", "(n, 1, 1)"),
        code: "E1013",
        name: "128 work-items along z",
        // CUDA C++ Programming Guide: "Maximum z-dimension of a thread block" is 64.
        has: isAmd,
    },
    {
        what: "4816 bytes of arguments",
        text: "struct Big { a: f64[600] }\nkernel f(b: Big, x: mut f64[n]) over i in n { x[i] = b.a[i] }\n",
        code: "E1013",
        name: "the arguments of `f` take 4816 bytes",
        // CUDA C++ Programming Guide, "__global__ Function Parameters": 4,096 bytes, 32,764 from PTX 8.1 on.
        has: (target) => isAmd(target) || isOf(target, "sm_100"),
    },
    {
        what: "a private array of 200 KB",
        text: over("", "var a: f32[50000]\n    a[i] = x[i]\n    x[i] = a[n - i]"),
        code: "E1013",
        name: "`a` takes 200000 bytes of private memory",
        // gfx9: 131,056 bytes for each of 64 lanes; LLVM's "stack frame size exceeds limit".
        has: (target) => !isOf(target, "gfx9"),
    },
];

/** One of each family. */
const REPRESENTATIVES = [...new Map(TARGETS.map(({ family, name }) => [family, name])).values()];

/** `a, c to e` in the order of the table. */
function expanded(words: string): readonly string[] {
    const names = TARGETS.map(({ name }) => name);
    if (words === "none") return [];
    return words.split(", ").flatMap((part) => {
        const [first = "", last = first] = part.split(" to ");
        return names.slice(names.indexOf(first), names.indexOf(last) + 1);
    });
}

describe.each(CONSTRUCTS)("$what", ({ text, code, name, has }) => {
    const source = { path: "f.soma", text };
    const having = TARGETS.filter(has).map((target) => target.name);

    test("is refused at check time where the target lacks it", () => {
        for (const target of TARGETS.filter((each) => !has(each))) {
            const [found, ...more] = check(source, loadModule, target.name);
            expect([target.name, more, found?.severity]).toEqual([target.name, [], "error"]);
            // Of what no target of the vendor's has, the attribute itself is refused.
            const isOther = code === "E1013" && text.startsWith("#") && !isAmd(target);
            expect([target.name, found?.code]).toEqual([target.name, isOther ? "E1008" : code]);
            expect(found?.message).toContain(isOther ? "#waves_per_eu" : name);
            expect(found?.message).toContain(target.name);
            const named = expanded(/: ([^:]*)$/.exec(found?.help ?? "")?.[1] ?? "");
            expect(named).toEqual(isOther ? TARGETS.filter(isAmd).map((each) => each.name) : having);
        }
    });

    test("compiles where the target has it", async () => {
        for (const target of REPRESENTATIVES.filter((each) => having.includes(each))) {
            const { diagnostics, output } = await compile(source, loadModule, loadCodegen(), { target });
            const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
            expect([target, errors]).toEqual([target, []]);
            expect(output?.length).toBeGreaterThan(100);
        }
    });
});

/** LLVM says the limit where a frame is beyond it. */
test("private memory is what LLVM allows", async () => {
    for (const { name, limits, waveSize } of TARGETS.filter(isAmd)) {
        const ir = `target triple = "amdgcn-amd-amdhsa"
define amdgpu_kernel void @f(ptr addrspace(1) %x, i64 %i) {
  %a = alloca [80000000 x i8], addrspace(5)
  %p = getelementptr i8, ptr addrspace(5) %a, i64 %i
  store volatile i8 1, ptr addrspace(5) %p
  ret void
}
`;
        const { messages } = await loadCodegen().generate(ir, { target: name, optimisation: 1, output: "hsaco" });
        const limit = /exceeds limit \((\d+)\)/.exec(messages.map(({ message }) => message).join())?.[1];
        expect([name, Number(limit)]).toEqual([name, Math.floor(limits.privatePerWave / waveSize)]);
    }
});
