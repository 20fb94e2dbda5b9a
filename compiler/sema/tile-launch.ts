// The domain of a matrix kernel, and how many work-items share a tile.

import type * as ast from "../syntax/ast.js";
import { matrixInstructions } from "../targets/matrix.js";
import type { Target } from "../targets/targets.js";
import type { BodyContext } from "./context.js";
import { constantInteger } from "./declarations.js";
import type { Block, Expr, Local, TileDomain } from "./program.js";
import { INDEX } from "./scalars.js";
import { isExtent } from "./tile-places.js";
import { elementsOf } from "./tiles.js";
import type { DimExpr, RangeType, Type } from "./types.js";

/** What `by` says, as a range's size; null where it was reported. */
export function rangeType(ctx: BodyContext, step: ast.Expr, depth: number): RangeType | null {
    const size = constantInteger(ctx, step, "the size of a range");
    if (size === null || !isExtent(ctx, step.span, "the size of a range", size)) return null;
    return { kind: "range", size: Number(size), depth };
}

/** A variable of the domain: a range where `by` stands, else a point. */
export function domainVariable(ctx: BodyContext, variable: ast.DomainVariable, extent: DimExpr): TileDomain | null {
    const { text: name, span } = variable.name;
    const local = (type: Type): Local => ({ name, type, mutable: false, space: "private", span });
    if (variable.step === null) return { variable: local(INDEX), extent, step: null };
    const range = rangeType(ctx, variable.step, 0);
    return range && { variable: local(range), extent, step: range.size };
}

/** Elements of results of `@` that one work-item holds together, and of other tiles. */
const SUMS_PER_ITEM = 64;
/**
 * Of a product by itself, where a wave of 32 has 256 registers: operands that are read serve twice as many sums. Smaller
 * workgroups than this would hold as much more of the operands' next round each, which then doesn't fit.
 */
const SUMS_ALONE = 128;
const LEAST_ALONE = 128;
/** Without a matrix instruction a work-item holds operands as well, a few rounds of them. */
const SUMS_BY_HAND = 32;
const ELEMENTS_PER_ITEM = 16;
/** Up to so many where rows are reduced and each wave then has whole ones, so that nothing of that crosses waves. */
const MOST_OF_ROWS = 32;
const LEAST_WORKGROUP = 64;
const MOST_WORKGROUP = 256;

/** Work-items for a body: enough that its tiles fit their registers well. */
export function workgroupFor(body: Block, target: Target, waveSize: number): number {
    let products = 0;
    let sums = 0;
    let isByHand = false;
    let largest = 0;
    let reducedRows = 0;
    const visit = (node: unknown): void => {
        if (typeof node !== "object" || node === null) return;
        if ("type" in node && "kind" in node) {
            const type = node.type as Type;
            const elements = type.kind === "tile" ? elementsOf(type) : 0;
            if (node.kind === "product") {
                products++;
                sums += elements;
                isByHand ||= type.kind === "tile" && !hasInstruction(target, waveSize, (node as Product).left.type);
            }
            largest = Math.max(largest, elements);
            if (node.kind === "reduce") reducedRows = Math.max(reducedRows, rowsOf(node as Reduction));
        }
        for (const [key, part] of Object.entries(node)) if (!REFERENCES.has(key)) visit(part);
    };
    visit(body);
    const isAlone =
        products === 1 && target.backend === "amdgpu" && waveSize === 32 && sums >= SUMS_ALONE * LEAST_ALONE;
    const each = isByHand ? SUMS_BY_HAND : isAlone ? SUMS_ALONE : SUMS_PER_ITEM;
    const ofRows = reducedRows * waveSize;
    const haveRows = ofRows > 0 && largest / ofRows <= MOST_OF_ROWS;
    const byElements = largest / ELEMENTS_PER_ITEM;
    const wanted = products > 0 ? sums / each : haveRows ? Math.min(ofRows, byElements) : byElements;
    return Math.max(LEAST_WORKGROUP, Math.min(MOST_WORKGROUP, 2 ** Math.ceil(Math.log2(Math.max(1, wanted)))));
}

type Product = Extract<Expr, { kind: "product" }>;
type Reduction = Extract<Expr, { kind: "reduce" }>;

/** Rows that a reduction is of; 0 where it is along another axis than theirs. */
function rowsOf({ operand: { type }, axis }: Reduction): number {
    if (type.kind !== "tile" || axis !== type.extents.length - 1) return 0;
    return elementsOf(type) / (type.extents[axis]?.size ?? 1);
}

/** Whether the target multiplies elements of a tile's type; what is narrower than 32 bits it does as some other type. */
function hasInstruction(target: Target, waveSize: number, type: Type): boolean {
    if (type.kind !== "tile" || (type.element.name !== "f32" && type.element.name !== "f64")) return true;
    return matrixInstructions(target, type.element.name, type.element.name, waveSize).length > 0;
}

/** What nodes refer to rather than hold. */
const REFERENCES = new Set(["span", "callee", "local", "base", "type", "baseType", "range"]);
