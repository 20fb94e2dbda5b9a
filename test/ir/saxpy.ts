// `kernel saxpy(a: f32, x: f32[n], y: mut f32[n]) over i in n { y[i] = a * x[i] + y[i] }` as the checker gives it,
// built by hand so that tests of the middle need no front end.

import type { SourceFile, Span } from "../../compiler/diagnostics/diagnostic.js";
import type { Expr, Local, Program } from "../../compiler/sema/program.js";
import type { ScalarType, ViewType } from "../../compiler/sema/types.js";

export const FILE: SourceFile = { path: "saxpy.soma", text: "y[i] = a * x[i] + y[i]\n" };
export const SPAN: Span = { file: FILE, start: 0, end: 22 };

const F32: ScalarType = { kind: "scalar", name: "f32" };
const INDEX: ScalarType = { kind: "scalar", name: "index" };

function local(name: string, type: Local["type"]): Local {
    return { name, type, mutable: false, space: "private", span: SPAN };
}

export function saxpy(): Program {
    const view = (mutable: boolean): ViewType => ({
        kind: "view",
        element: F32,
        dims: [{ kind: "dim", name: "n" }],
        mutable,
    });
    const [a, i] = [local("a", F32), local("i", INDEX)];
    const [x, y] = [local("x", view(false)), local("y", view(true))];
    const use = (of: Local): Expr => ({ kind: "local", local: of, type: of.type, span: SPAN });
    const element = (base: Local): Extract<Expr, { kind: "element" }> => ({
        kind: "element",
        base,
        baseType: base.type as ViewType,
        indices: [use(i)],
        type: F32,
        span: SPAN,
    });
    const product: Expr = { kind: "binary", op: "*", left: use(a), right: element(x), type: F32, span: SPAN };
    const value: Expr = { kind: "binary", op: "+", left: product, right: element(y), type: F32, span: SPAN };
    return {
        functions: [],
        networks: [],
        kernels: [
            {
                name: "saxpy",
                doc: "y ← a·x + y",
                span: SPAN,
                params: [a, x, y],
                dims: ["n"],
                options: {},
                tune: [],
                launch: { kind: "over", domain: [{ variable: i, extent: { kind: "dim", name: "n" } }] },
                body: {
                    statements: [{ kind: "assign", place: element(y), op: null, value, span: SPAN }],
                    value: null,
                    span: SPAN,
                },
            },
        ],
    };
}
