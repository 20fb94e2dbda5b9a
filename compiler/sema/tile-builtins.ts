// Functions of tiles: reductions and scans along an axis, the indices of a range, another shape.

import { isSmallFloat } from "../../codeobject/small-floats.js";
import { wrongArgumentCount } from "../diagnostics/catalogue/functions.js";
import { tileAxis, tileIndex, tileShapes } from "../diagnostics/catalogue/tiles.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext } from "./context.js";
import { constantInteger } from "./declarations.js";
import { checkExpr } from "./expressions.js";
import { errorExpr, requireValue } from "./nodes.js";
import type { Expr, TileCombine } from "./program.js";
import { INDEX, isNumber, showType } from "./scalars.js";
import { extent } from "./tile-extents.js";
import { isExtent } from "./tile-places.js";
import { elementsOf, tileOf } from "./tiles.js";

type Call = Extract<ast.Expr, { kind: "call" }>;

const COMBINES: Readonly<Record<string, TileCombine>> = { sum: "add", max: "max", min: "min" };

/** Their names and what they take. */
export const TILE_BUILTINS: ReadonlyMap<string, string> = new Map([
    ["reduce_sum", "a tile and `axis: n`"],
    ["reduce_max", "a tile and `axis: n`"],
    ["reduce_min", "a tile and `axis: n`"],
    ["scan_sum", "a tile and `axis: n`"],
    ["scan_max", "a tile and `axis: n`"],
    ["scan_min", "a tile and `axis: n`"],
    ["indices", "a range"],
    ["reshape", "a tile and extents"],
    ["layout", "a tile and numbers of neighbours"],
]);

export function checkTileBuiltin(ctx: BodyContext, call: Call): Expr {
    const name = call.callee.kind === "name" ? call.callee.text : "";
    const [first, ...rest] = call.args;
    const fits = name === "indices" ? rest.length === 0 : rest.length > 0;
    if (first === undefined || !fits) {
        const expected = TILE_BUILTINS.get(name) ?? "";
        ctx.report(diagnose(wrongArgumentCount, call.span, { name, expected, found: call.args.length }));
        return errorExpr(call.span);
    }
    if (name === "indices") return checkIndices(ctx, call, first.value);
    const operand = requireValue(checkExpr(ctx, first.value, null), ctx.report);
    if (operand.type.kind === "error") return errorExpr(call.span);
    if (operand.type.kind !== "tile") {
        ctx.report(
            diagnose(tileIndex, first.value.span, { what: `\`${name}\` takes a tile, not ${showType(operand.type)}` }),
        );
        return errorExpr(call.span);
    }
    if (name === "layout") return checkLayout(ctx, call, operand, rest);
    if (name === "reshape") return checkReshape(ctx, call, operand, rest);
    const { element, extents } = operand.type;
    const axis = checkAxis(ctx, call, rest, extents.length);
    if (axis === null) return errorExpr(call.span);
    if (!isNumber(element) || isSmallFloat(element.name)) {
        const help = "convert it first: `… as f32`";
        ctx.report(
            diagnose(tileIndex, first.value.span, {
                what: `\`${name}\` takes numbers that compute, not ${showType(element)}`,
                help,
            }),
        );
        return errorExpr(call.span);
    }
    const [kind, what = ""] = name.split("_");
    const combine = COMBINES[what] ?? "add";
    const { span } = call;
    if (kind === "scan") return { kind: "scan", span, combine, axis, operand, type: operand.type };
    const kept = extents.filter((_, at) => at !== axis);
    return { kind: "reduce", span, combine, axis, operand, type: kept.length === 0 ? element : tileOf(element, kept) };
}

/** `axis: 1`; null where there is none, which was reported. */
function checkAxis(ctx: BodyContext, call: Call, args: readonly ast.Argument[], rank: number): number | null {
    const [given] = args;
    const refuse = (what: string) => {
        ctx.report(diagnose(tileAxis, given?.value.span ?? call.span, { what, rank }));
        return null;
    };
    if (given?.label?.text !== "axis" || args.length > 1) return refuse("the dimension is named as `axis: n`");
    const value = constantInteger(ctx, given.value, "an axis");
    if (value === null) return null;
    if (value >= 0n && value < BigInt(rank)) return Number(value);
    return refuse(`a tile of ${rank} dimension${rank === 1 ? "" : "s"} has no axis ${value}`);
}

function checkIndices(ctx: BodyContext, call: Call, arg: ast.Expr): Expr {
    const range = checkExpr(ctx, arg, null);
    if (range.type.kind === "error") return errorExpr(call.span);
    if (range.kind !== "local" || range.type.kind !== "range") {
        ctx.report(diagnose(tileIndex, arg.span, { what: "`indices` takes a range, such as `i in m by BM` binds" }));
        return errorExpr(call.span);
    }
    const type = tileOf(INDEX, [extent(range.type.size, range.local)]);
    return { kind: "indices", span: call.span, range: range.local, type };
}

/** The same elements, row-major. Dimensions that stay keep their ranges. */
function checkReshape(ctx: BodyContext, call: Call, operand: Expr, args: readonly ast.Argument[]): Expr {
    const { span } = call;
    if (operand.type.kind !== "tile") return errorExpr(span);
    const sizes = args.map(({ value }) => {
        const size = constantInteger(ctx, value, "an extent");
        return size !== null && isExtent(ctx, value.span, "an extent of a tile", size) ? Number(size) : null;
    });
    if (sizes.includes(null)) return errorExpr(span);
    const from = operand.type.extents;
    const extents = (sizes as number[]).map((size, at) => {
        const same = from[at]?.size === size && from.slice(0, at).every((each, i) => each.size === sizes[i]);
        return same && from[at] !== undefined ? from[at] : extent(size);
    });
    const type = tileOf(operand.type.element, extents);
    if (elementsOf(type) === elementsOf(operand.type)) return { kind: "reshape", span, operand, type };
    const what = "another number of elements";
    const help = `${elementsOf(operand.type)} elements stay as many`;
    ctx.report(diagnose(tileShapes, span, { what, left: showType(operand.type), right: showType(type), help }));
    return errorExpr(span);
}

/** `layout(x, 1, 8)`: how many neighbours along each dimension a work-item holds. */
function checkLayout(ctx: BodyContext, call: Call, operand: Expr, args: readonly ast.Argument[]): Expr {
    const { span } = call;
    if (operand.type.kind !== "tile") return errorExpr(span);
    const { extents } = operand.type;
    const block = args.map(({ value }) => {
        const size = constantInteger(ctx, value, "a number of neighbours");
        return size !== null && isExtent(ctx, value.span, "a number of neighbours", size) ? Number(size) : null;
    });
    if (block.includes(null)) return errorExpr(span);
    if (block.length === extents.length && extents.every(({ size }, axis) => (block[axis] ?? 0) <= size)) {
        return { kind: "layout", span, operand, block: block as number[], type: operand.type };
    }
    const what = `${block.join(" by ")} neighbours don't make up a ${showType(operand.type)}`;
    const help = "one number for each of its dimensions, at most its extent";
    ctx.report(diagnose(tileIndex, span, { what, help }));
    return errorExpr(span);
}
