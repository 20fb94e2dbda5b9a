// Operations on tiles: of a workgroup as a whole. Only compiler/matrix makes code of them, before all other passes.
// Where a dimension is given as a stride and a count, the stride is in elements, and elements at the count and beyond
// are not there: they are zero when loaded, and not stored.

import { type OpSpec, op } from "./define.js";

const tiles = (described: Pick<OpSpec, "doc"> & Partial<OpSpec>) =>
    op({ operands: "variadic", result: "T", where: { T: "scalar" }, ...described });

export const TILE = {
    block_id: op({
        operands: ["index", "index", "index", "index"],
        result: "index",
        attributes: ["axis", "count"],
        doc:
            "Only in matrix kernels: which block of their domain is done at a turn. Operands: how many there are along axes 0 and 1, " +
            "then the turn's place among these, row-major. Every block has one turn; which, targets choose. With a count of 2 those of a " +
            "row and of a column share what they load, with 1 only those of a row.",
    }),
    tile_load: tiles({
        effects: "read",
        doc: "Operands: buffer, index of the first element, then stride and count for each dimension. The elements as a tile.",
    }),
    tile_store: tiles({
        result: null,
        effects: "write",
        doc: "Operands: buffer, index of the first element, tile, then stride and count for each dimension.",
    }),
    tile_map: tiles({
        regions: ["element"],
        doc:
            "What the region yields for every element; its parameters are the elements of the operands, of which an extent of " +
            "1 is repeated and a scalar is the same for all.",
    }),
    tile_mask: tiles({
        attributes: ["axis"],
        doc: "Operands: tile, count, scalar. The tile with the scalar where the place along the axis is the count or beyond.",
    }),
    tile_dot: tiles({
        attributes: ["format"],
        doc:
            "Operands: a, b, c. The matrix product of a and b, of each where there are dimensions before rows and columns, onto c; the format says what the elements of a and b are. The " +
            "order of the sum is the target's.",
    }),
    tile_reduce: tiles({
        attributes: ["combine", "axis"],
        doc: "The elements along an axis combined, in an order of the target's; a scalar where there is no other axis.",
    }),
    tile_scan: tiles({
        attributes: ["combine", "axis"],
        doc: "Each element combined with those before it along an axis.",
    }),
    tile_gather: tiles({
        effects: "read",
        attributes: ["axis"],
        doc:
            "Operands: buffer, index of the first element, a tile of indices in one dimension, then stride and count for each " +
            "dimension. As tile_load, but along the axis the places are those of the tile; what is not from 0 up to the count is zero.",
    }),
    tile_part: tiles({
        attributes: ["axis", "offset"],
        doc: "As many places along an axis as the result has, from the offset on.",
    }),
    tile_layout: tiles({
        attributes: ["format"],
        doc: "Its operand, of which each work-item shall hold blocks of as many neighbours as the format says for each dimension.",
    }),
    tile_reshape: tiles({ doc: "The same elements, row-major, in another shape." }),
    tile_transpose: tiles({ doc: "The last two dimensions exchanged." }),
    tile_indices: tiles({ doc: "A scalar plus the place along the one dimension, each an `index`." }),
} satisfies Record<string, OpSpec>;
