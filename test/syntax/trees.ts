// Syntax trees in short, for tests: s-expressions without spans.

import type { Block, Expr, Statement } from "../../compiler/syntax/ast.js";
import { parse } from "../../compiler/syntax/parse.js";

/** The statements of a function's body, each as an s-expression. */
export function statementsOf(body: string): string[] {
    const { module, diagnostics } = parse({ path: "test.soma", text: `fn f() {\n${body}\n}\n` });
    if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("; "));
    const [item] = module.items;
    if (item?.kind !== "function") throw new Error("no function");
    return item.body.statements.map(statement);
}

/** An expression as an s-expression. */
export function treeOf(expression: string): string {
    return statementsOf(`return ${expression}`)[0]?.slice("(return ".length, -1) ?? "";
}

export function messagesOf(text: string): string[] {
    return parse({ path: "test.soma", text }).diagnostics.map(({ message }) => message);
}

function statement(node: Statement): string {
    switch (node.kind) {
        case "declare":
            return list(node.keyword, node.name.text, node.type?.name.text, node.value && expr(node.value));
        case "assign":
            return list(node.op, expr(node.place), expr(node.value));
        case "expr":
            return expr(node.expr);
        case "for":
            return list(
                "for",
                node.variable.text,
                node.start && expr(node.start),
                expr(node.end),
                node.step && expr(node.step),
                block(node.body),
            );
        case "while":
            return list("while", expr(node.condition), block(node.body));
        case "return":
            return list("return", node.value && expr(node.value));
        case "refractory":
            return list("refractory", expr(node.value));
        default:
            return list(node.kind);
    }
}

function block(node: Block): string {
    return `{${node.statements.map(statement).join("; ")}}`;
}

function expr(node: Expr): string {
    switch (node.kind) {
        case "integer":
        case "float":
        case "bool":
            return String(node.value);
        case "text":
            return JSON.stringify(node.value);
        case "name":
            return node.text;
        case "unary":
            return list(node.op, expr(node.operand));
        case "binary":
            return list(node.op, expr(node.left), expr(node.right));
        case "cast":
            return list("as", expr(node.operand), node.type.name.text);
        case "call":
            return list("call", expr(node.callee), ...node.args.map(({ value }) => expr(value)));
        case "generic":
            return list("generic", expr(node.base), ...node.args.map(({ value }) => expr(value)));
        case "index":
            return list("at", expr(node.base), ...node.indices.map(expr));
        case "member":
            return list("member", expr(node.base), node.member.text);
        case "quantity":
            return list(node.unit.text, expr(node.value));
        case "slice":
            return list("slice", node.start && expr(node.start), node.end && expr(node.end));
        case "list":
            return list("list", ...node.elements.map(expr));
        case "tuple":
            return list("tuple", ...node.elements.map(expr));
        case "if":
            return list(
                node.isConst ? "if-const" : "if",
                expr(node.condition),
                block(node.then),
                node.otherwise && expr(node.otherwise),
            );
        case "block":
            return block(node.block);
    }
}

function list(...parts: (string | null | undefined)[]): string {
    return `(${parts.filter((part) => part !== null && part !== undefined).join(" ")})`;
}

/** The tree without places; parentheses have no node of their own, so their places are all that tells of them. */
export function shapeOf(text: string): string {
    const { imports, items } = parse({ path: "test.soma", text }).module;
    return JSON.stringify({ imports, items }, (key, value: unknown) => {
        if (key === "span" || key === "opSpan") return undefined;
        if (key === "mut" || key === "tile") return value !== null;
        return typeof value === "bigint" ? `${value}n` : value;
    });
}
