// The domain of a matrix kernel, and how many work-items share a tile.

import type * as ast from "../syntax/ast.js";
import type { BodyContext } from "./context.js";
import { constantInteger } from "./declarations.js";
import type { Block, Local, TileDomain } from "./program.js";
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

/** Elements of a result of `@` that one work-item holds, and of other tiles. */
const SUMS_PER_ITEM = 64;
const ELEMENTS_PER_ITEM = 16;
const LEAST_WORKGROUP = 64;
const MOST_WORKGROUP = 256;

/** Work-items for a body: enough that its largest tile fits their registers well. The same on every target. */
export function workgroupFor(body: Block): number {
    let wanted = LEAST_WORKGROUP;
    const visit = (node: unknown): void => {
        if (typeof node !== "object" || node === null) return;
        if ("type" in node && "kind" in node) {
            const type = node.type as Type;
            const each = node.kind === "product" ? SUMS_PER_ITEM : ELEMENTS_PER_ITEM;
            if (type.kind === "tile" && (node.kind === "product" || !hasProduct)) {
                wanted = Math.max(wanted, elementsOf(type) / each);
            }
        }
        for (const [key, part] of Object.entries(node)) if (!REFERENCES.has(key)) visit(part);
    };
    const hasProduct = mentionsProduct(body);
    visit(body);
    return Math.min(wanted, MOST_WORKGROUP);
}

/** What nodes refer to rather than hold. */
const REFERENCES = new Set(["span", "callee", "local", "base", "type", "baseType", "range"]);

function mentionsProduct(node: unknown): boolean {
    if (typeof node !== "object" || node === null) return false;
    if ("kind" in node && node.kind === "product") return true;
    return Object.entries(node).some(([key, part]) => !REFERENCES.has(key) && mentionsProduct(part));
}
