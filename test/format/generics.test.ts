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
])("%s", (_what, before, after) => {
    for (const text of [before, after]) {
        expect(format({ path: "test.soma", text })).toEqual({ kind: "text", text: after });
    }
});
