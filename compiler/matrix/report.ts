// What was chosen for a kernel's tiles: how each product is done, and where the elements of each tile lie.

import type { ProductManifest } from "../../codeobject/manifest.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { attribute, type IrFunction, type Operation, typeOf, walk } from "../ir/module.js";
import { isTile, type TileType } from "../ir/types.js";
import { formatsOf } from "./formats.js";
import type { Layouts } from "./infer.js";
import type { Layout } from "./layout.js";
import { operandLayout } from "./products.js";

export interface TileReport {
    /** The kernel's symbol. */
    readonly kernel: string;
    readonly products: readonly ProductManifest[];
    readonly tiles: readonly PlacedTile[];
}

export interface PlacedTile {
    /** What made it, such as `tile_load`, or what it is for. */
    readonly what: string;
    readonly type: TileType;
    readonly layout: Layout;
    readonly span: Span;
}

export function reportOf(fn: IrFunction, layouts: Layouts): TileReport {
    const products: ProductManifest[] = [];
    const tiles: PlacedTile[] = [];
    const tileOf = (op: Operation, operand: number) => typeOf(fn, op.operands[operand] ?? (0 as never)) as TileType;
    walk(fn, fn.body, (op) => {
        const { span } = op;
        if (op.op === "tile_dot") {
            const plan = layouts.plan(op);
            const [left, right] = [tileOf(op, 0), tileOf(op, 1)];
            const operands = formatsOf(attribute(op, "format"));
            const shape = [left.shape.at(-2) ?? 1, right.shape.at(-1) ?? 1, left.shape.at(-1) ?? 1] as const;
            products.push({ operands, shape, instruction: plan?.instruction.name ?? null });
            if (plan) {
                for (const [at, side] of (["left", "right"] as const).entries()) {
                    const layout = operandLayout(plan, side);
                    tiles.push({ what: `${side} side of tile_dot`, type: tileOf(op, at), layout, span });
                }
            }
        }
        for (const result of op.results) {
            const type = typeOf(fn, result);
            const layout = layouts.of(result);
            if (isTile(type) && layout !== null) tiles.push({ what: op.op, type, layout, span });
        }
    });
    return { kernel: fn.name, products, tiles };
}
