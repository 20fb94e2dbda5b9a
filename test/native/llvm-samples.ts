// LLVM IR that the tests of native/llvm compile: small, written by hand, each for one purpose.

import { loadCodegen } from "../../compiler/shell/codegen.js";

export const llvm = loadCodegen();

/** `y[i] = x[i] + y[i]` for i below n; debug locations in `vector add.soma`, lines 3 and 4. */
export const ADD = `
target triple = "amdgcn-amd-amdhsa"
define protected amdgpu_kernel void @add(ptr addrspace(1) noalias readonly %x, ptr addrspace(1) noalias %y, i32 %n) #0 !dbg !5 {
  %w = call i32 @llvm.amdgcn.workgroup.id.x(), !dbg !7
  %t = call i32 @llvm.amdgcn.workitem.id.x(), !dbg !7
  %b = mul i32 %w, 256, !dbg !7
  %i = add i32 %b, %t, !dbg !7
  %c = icmp ult i32 %i, %n, !dbg !7
  br i1 %c, label %then, label %done, !dbg !7
then:
  %j = zext i32 %i to i64, !dbg !8
  %px = getelementptr float, ptr addrspace(1) %x, i64 %j, !dbg !8
  %py = getelementptr float, ptr addrspace(1) %y, i64 %j, !dbg !8
  %a = load float, ptr addrspace(1) %px, !dbg !8
  %d = load float, ptr addrspace(1) %py, !dbg !8
  %s = fadd float %a, %d, !dbg !8
  store float %s, ptr addrspace(1) %py, !dbg !8
  br label %done, !dbg !8
done:
  ret void, !dbg !7
}
declare i32 @llvm.amdgcn.workgroup.id.x()
declare i32 @llvm.amdgcn.workitem.id.x()
attributes #0 = { "amdgpu-flat-work-group-size"="1,256" }
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2, !3}
!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !1, producer: "test", emissionKind: FullDebug)
!1 = !DIFile(filename: "vector add.soma", directory: ".")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!3 = !{i32 1, !"amdhsa_code_object_version", i32 500}
!4 = !DISubroutineType(types: !{null})
!5 = distinct !DISubprogram(name: "add", scope: !1, file: !1, line: 2, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!7 = !DILocation(line: 3, column: 5, scope: !5)
!8 = !DILocation(line: 4, column: 9, scope: !5)
`;

/** Stores a byte in LDS; `bytes` is the size of the array there. */
export function usesLds(bytes: number): string {
    return `
@lds = internal addrspace(3) global [${bytes} x i8] poison
define amdgpu_kernel void @fill(i32 %i) !dbg !4 {
  %p = getelementptr i8, ptr addrspace(3) @lds, i32 %i, !dbg !5
  store volatile i8 1, ptr addrspace(3) %p, !dbg !5
  ret void, !dbg !5
}
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2}
!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !1, producer: "test", emissionKind: FullDebug)
!1 = !DIFile(filename: "lds.soma", directory: ".")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!3 = !DISubroutineType(types: !{null})
!4 = distinct !DISubprogram(name: "fill", scope: !1, file: !1, line: 7, type: !3, unit: !0, spFlags: DISPFlagDefinition)
!5 = !DILocation(line: 8, column: 3, scope: !4)
`;
}

/** A matrix instruction of gfx11, which LLVM can't select for any other generation. */
export const WMMA = `
define amdgpu_kernel void @wmma(ptr addrspace(1) %p, <16 x half> %a, <8 x float> %c) {
  %r = call <8 x float> @llvm.amdgcn.wmma.f32.16x16x16.f16.v8f32.v16f16(<16 x half> %a, <16 x half> %a, <8 x float> %c)
  store <8 x float> %r, ptr addrspace(1) %p
  ret void
}
declare <8 x float> @llvm.amdgcn.wmma.f32.16x16x16.f16.v8f32.v16f16(<16 x half>, <16 x half>, <8 x float>)
`;

/** A kernel with 64 lanes a wave and a function that is not inlined. */
export const WAVE64_CALLS = `
define internal float @twice(float %x) noinline {
  %r = fmul float %x, 2.0
  ret float %r
}
define amdgpu_kernel void @calls(ptr addrspace(1) %p) "target-features"="+wavefrontsize64" {
  %a = load volatile float, ptr addrspace(1) %p
  %r = call float @twice(float %a)
  store volatile float %r, ptr addrspace(1) %p
  ret void
}
`;

export async function hsaco(ir: string, target = "gfx1100", optimisation: 0 | 1 | 2 | 3 = 3): Promise<Uint8Array> {
    const { output, messages } = await llvm.generate(ir, { target, optimisation, output: "hsaco" });
    if (output === null) throw new Error(messages.map(({ message }) => message).join("\n"));
    return output;
}
