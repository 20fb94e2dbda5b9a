// Rows of global memory whose places a tile says. Every work-item reads the places of its own rows, and then as wide as
// its registers and the view's last dimension allow.

import type { ValueId } from "../ir/module.js";
import type { IrScalar, TileType } from "../ir/types.js";
import { Accesses, type Place } from "./accesses.js";
import { inLayout } from "./convert.js";
import { apply, coordinates, distinct, type Layout, projected, registerElements, reshaped } from "./layout.js";
import { unpacked } from "./memory.js";
import { type Held, scalarsOf, type Tile } from "./tile.js";
import type { Work } from "./work.js";

/** The places along `axis` are those that `indices` says; elements that are not in the view are zero. */
export function gather(work: Work, type: TileType, layout: Layout, axis: number, indices: Tile, place: Place): Held {
    const found = placesOf(work, type, layout, axis, indices);
    // Of the gathered axis nothing is added by the work-item's own place.
    const fixed: Place = { ...place, strides: place.strides.map((each, at) => (at === axis ? work.index(0) : each)) };
    const accesses = new Accesses(work, type, layout, fixed);
    const last = type.shape.length - 1;
    const isWide = axis !== last && accesses.vector > 0;
    const results = new Array<IrScalar>(1 << layout.registers.length).fill(type.tile);
    const read = (vector: number) => () =>
        accesses.list(vector).flatMap((registers) => readAt(accesses, place, axis, found, registers));
    const values = !isWide
        ? read(0)()
        : !accesses.partial.includes(last)
          ? read(accesses.vector)()
          : work.choose(accesses.whole([last]), results, read(accesses.vector), read(0));
    return { type, layout, registers: { form: "scalars", values } };
}

/** For each register the place along the axis, an `index`. */
function placesOf(
    work: Work,
    { shape }: TileType,
    layout: Layout,
    axis: number,
    indices: Tile,
): (register: number) => ValueId {
    const along = projected(
        layout,
        shape.map((extent, at) => (at === axis ? extent : 1)),
    );
    const own = distinct(reshaped(along, [shape[axis] ?? 1]));
    const values = scalarsOf(work, inLayout(work, indices, own));
    const at = new Map(registerElements(own).map((element, register) => [element, values[register] as ValueId]));
    return (register) => at.get(coordinates(shape, apply(layout.registers, register))[axis] ?? 0) as ValueId;
}

function readAt(
    accesses: Accesses,
    place: Place,
    axis: number,
    places: (register: number) => ValueId,
    registers: readonly number[],
): readonly ValueId[] {
    const { work, type, size, partial } = accesses;
    const { builder, span } = work;
    const [first = 0] = registers;
    const row = places(first);
    const others = partial.filter((each) => each !== axis).map((each) => accesses.inside(first, each));
    const inView = [
        work.op("ge", [row, work.index(0)], "bool"),
        work.op("lt", [row, place.counts[axis] as ValueId], "bool"),
    ];
    const valid = [...inView, ...others].reduce((all, one) => work.op("and", [all, one]));
    const types = new Array<IrScalar>(registers.length).fill(type.tile);
    const load = () => {
        const { base, start, constant } = accesses.at(first);
        const moved = work.op("mul", [row, place.strides[axis] as ValueId]);
        const own = work.op("add", [work.op("add", [moved, work.convert(start, "index")]), work.index(constant)]);
        if (size * registers.length < 4) return [builder.value("load", [base, own], span, {}, type.tile)];
        const from = work.op("offset", [base, own], work.typeOf(base));
        const words = new Array<IrScalar>((size * registers.length) / 4).fill("u32");
        const loaded = builder.values("load_words", [from, work.word(0)], words, span, { align: size, offset: 0 });
        return unpacked(work, loaded, type.tile);
    };
    return work.choose(valid, types, load, () => types.map((each) => work.zero(each)));
}
