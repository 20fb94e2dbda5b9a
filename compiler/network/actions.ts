// The blocks of `spike when` and `on`: assignments, conditions and `refractory`, checked with their units.

import { duplicate, unknownName } from "../diagnostics/catalogue/names.js";
import { misplacedMember, notInFormula } from "../diagnostics/catalogue/networks.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import { checkNumber, demandFormula, type FormulaContext, type Typed } from "./formulas.js";
import type { Action } from "./model.js";
import { PLAIN, TIME } from "./units.js";

export interface Place {
    /** The names that may be assigned. */
    readonly writable: ReadonlySet<string>;
    readonly refractory: boolean;
    readonly rewire: boolean;
    /** What it is the block of. */
    readonly what: string;
}

/** What can be read of a block; mistakes are reported. */
export function checkActions(
    ctx: FormulaContext,
    around: ReadonlyMap<string, Typed>,
    block: ast.Block,
    place: Place,
): readonly Action[] {
    const names = new Map(around);
    const inside: FormulaContext = {
        ...ctx,
        find: (name) => names.get(name) ?? ctx.find(name),
        names: () => names.keys(),
    };
    return block.statements.flatMap((statement) => checkAction(inside, names, statement, place));
}

function checkAction(
    ctx: FormulaContext,
    names: Map<string, Typed>,
    statement: ast.Statement,
    place: Place,
): readonly Action[] {
    switch (statement.kind) {
        case "assign":
            return checkAssignment(ctx, names, statement, place);
        case "declare": {
            const value = statement.value && checkNumber(ctx, statement.value, "a value");
            if (statement.keyword !== "let" || !value || statement.type) break;
            if (names.has(statement.name.text)) {
                const { text: name, span } = statement.name;
                ctx.report(diagnose(duplicate, span, { name, what: "a name that is known here" }));
                return [];
            }
            names.set(statement.name.text, { formula: statement.name.text, type: value.type });
            return [{ kind: "let", name: statement.name.text, value: value.formula }];
        }
        case "refractory": {
            if (!place.refractory) {
                const help = "it belongs to a neuron's `spike when`";
                ctx.report(
                    diagnose(misplacedMember, statement.span, { what: "`refractory`", where: place.what, help }),
                );
                return [];
            }
            const value = demandFormula(ctx, statement.value, TIME, "a refractory period");
            return value === null ? [] : [{ kind: "refractory", value }];
        }
        case "expr":
            if (statement.expr.kind === "if") return checkCondition(ctx, names, statement.expr, place);
            if (isRewiring(statement.expr)) {
                if (place.rewire) return [{ kind: "rewire" }];
                const help = "it belongs to `on every(…)` of a plasticity rule";
                ctx.report(diagnose(misplacedMember, statement.span, { what: "`rewire()`", where: place.what, help }));
                return [];
            }
            break;
        default:
    }
    const help = "it has assignments to states, `let`, `if`, `refractory` and `rewire()`";
    ctx.report(diagnose(notInFormula, statement.span, { what: "this statement", help }));
    return [];
}

function isRewiring(expr: ast.Expr): boolean {
    return (
        expr.kind === "call" && expr.callee.kind === "name" && expr.callee.text === "rewire" && expr.args.length === 0
    );
}

function checkAssignment(
    ctx: FormulaContext,
    names: ReadonlyMap<string, Typed>,
    { place: target, op, value: expr }: Extract<ast.Statement, { kind: "assign" }>,
    place: Place,
): readonly Action[] {
    const name = target.kind === "name" ? target.text : "";
    const known = names.get(name);
    if (!place.writable.has(name) || known === undefined || known.type === "bool") {
        const assignable = [...place.writable];
        const help = `${place.what} may assign ${assignable.map((each) => `\`${each}\``).join(", ") || "nothing"}`;
        if (known === undefined && name !== "") {
            ctx.report(diagnose(unknownName, target.span, { name, similar: nearest(name, assignable) }));
        } else ctx.report(diagnose(notInFormula, target.span, { what: "an assignment to this", help }));
        return [];
    }
    if (op !== "=" && op !== "+=" && op !== "-=" && op !== "*=" && op !== "/=") {
        ctx.report(diagnose(notInFormula, target.span, { what: `\`${op}\`` }));
        return [];
    }
    const wanted = op === "*=" || op === "/=" ? PLAIN : known.type;
    const value = demandFormula(ctx, expr, wanted, `what \`${name}\` gets`);
    return value === null ? [] : [{ kind: "set", name, op, value }];
}

function checkCondition(
    ctx: FormulaContext,
    names: ReadonlyMap<string, Typed>,
    expr: Extract<ast.Expr, { kind: "if" }>,
    place: Place,
): readonly Action[] {
    const condition = demandFormula(ctx, expr.condition, "bool", "the condition of `if`");
    const then = checkActions(ctx, names, expr.then, place);
    const { otherwise: other } = expr;
    const otherwise =
        other === null
            ? []
            : other.kind === "block"
              ? checkActions(ctx, names, other.block, place)
              : other.kind === "if"
                ? checkCondition(ctx, names, other, place)
                : [];
    return condition === null ? [] : [{ kind: "if", condition, then, otherwise }];
}
