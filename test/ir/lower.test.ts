import { expect, test } from "vitest";
import { emitModule } from "../../compiler/emit/emit.js";
import { moduleContents } from "../../compiler/ir/contents.js";
import { printModule } from "../../compiler/ir/print.js";
import { verifyModule } from "../../compiler/ir/verify/verify.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { manifestOf } from "../../compiler/lower/manifest.js";
import { DEFAULT_TARGET, findTarget, type Target } from "../../compiler/targets/targets.js";
import { FILE, saxpy } from "./saxpy.js";

test("saxpy becomes a guarded fma", () => {
    const module = lowerProgram(saxpy());
    expect(verifyModule(module)).toEqual([]);
    const text = printModule(module);
    expect(text).toContain("if %9 {");
    expect(text).toContain("%12: f32 = fma %0, %10, %11");
});

test("the manifest gives the argument buffer as LLVM lays it out", () => {
    const [kernel] = manifestOf(saxpy(), moduleContents(lowerProgram(saxpy())), DEFAULT_TARGET, "soma").kernels;
    expect(kernel?.arguments.map(({ name, offset }) => [name, offset])).toEqual([
        ["a", 0],
        ["x", 8],
        ["y", 16],
        ["n", 24],
    ]);
    expect(kernel?.argumentSize).toBe(32);
});

test("the same program gives the same LLVM IR", () => {
    const target = findTarget("gfx1100") as Target;
    const emit = () => {
        const contents = moduleContents(lowerProgram(saxpy()));
        return emitModule(contents, manifestOf(saxpy(), contents, target, "soma"), FILE, target);
    };
    expect(emit()).toBe(emit());
    expect(emit()).toContain("call float @llvm.fma.f32(float %a,");
});
