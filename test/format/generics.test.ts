// Angle brackets: those of generics stand tight, comparisons don't.

import { expect, test } from "vitest";
import { format } from "../../compiler/format/format.js";

test.each([
    ["calls", "fn g() { f :: < f16 , N : 4 > (a<b, c>d) }", "fn g() { f::<f16, N: 4>(a < b, c > d) }\n"],
    [
        "parameters",
        "fn f < T:Float,const N:index=4 > (a:T)->T{a}",
        "fn f<T: Float, const N: index = 4>(a: T) -> T { a }\n",
    ],
    ["instances", "instance a=matmul < bf16 , BM:64 >", "instance a = matmul<bf16, BM: 64>\n"],
    [
        "types",
        "fn f(a:Pair < f32 >,b:mut Block<T,N:(2*M)>[n])->Pair<T>{let c:Pair<f32> =a\nc}",
        "fn f(a: Pair<f32>, b: mut Block<T, N: (2 * M)>[n]) -> Pair<T> {\n    let c: Pair<f32> = a\n    c\n}\n",
    ],
    ["aliases", "type P = Pair < f32 >\ntype Q=P", "type P = Pair<f32>\ntype Q = P\n"],
    [
        "fields",
        "pub struct A<T> {\na : Pair < T >\nb:T;fn f(self)->f32 {g::<T>;h::<T>(1)}\n}",
        "pub struct A<T> {\n    a: Pair<T>\n    b: T\n    fn f(self) -> f32 { g::<T>; h::<T>(1) }\n}\n",
    ],
    [
        "comparisons",
        "fn f() { g(P(a:x<y,b:z>w), x as i32<y && z as i32>(w)) }",
        "fn f() { g(P(a: x < y, b: z > w), x as i32 < y && z as i32 > (w)) }\n",
    ],
])("%s", (_what, before, after) => {
    for (const text of [before, after]) {
        expect(format({ path: "test.soma", text })).toEqual({ kind: "text", text: after });
    }
});
