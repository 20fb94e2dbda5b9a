// Layouts as linear maps over bits (as in "Linear Layouts", arXiv 2505.23819): an element of a tile is named by its
// row-major number, and every bit of a work-item's register number, of its lane and of its wave adds (exclusive or) a
// basis to it. A basis of zero means that the element is held more than once. So composing, comparing and inverting
// layouts is arithmetic on small lists of integers, and reshaping changes nothing at all.

/** Extents are powers of two, and so are the numbers of registers, lanes and waves. */
export interface Layout {
    readonly shape: readonly number[];
    /** For each bit of a register's number the element that it moves to. */
    readonly registers: readonly number[];
    readonly lanes: readonly number[];
    readonly waves: readonly number[];
    /** Given by a matrix instruction: other tiles are brought to it rather than it to them. */
    readonly isFragment: boolean;
}

export type Bases = readonly number[];

/** What a number's bits add up to. */
export function apply(bases: Bases, number: number): number {
    let sum = 0;
    for (const [bit, basis] of bases.entries()) if ((number >> bit) & 1) sum ^= basis;
    return sum;
}

/** The map of a map: `outer` has a basis for each bit of what `inner` gives. */
export function compose(outer: Bases, inner: Bases): number[] {
    return inner.map((basis) => apply(outer, basis));
}

/** Of a map that loses nothing: for each bit of what it gives, what gives that bit alone. */
export function inverse(bases: Bases): number[] {
    const rows = bases.map((image, bit) => ({ image, from: 2 ** bit }));
    for (const bit of bases.keys()) {
        const at = rows.findIndex(({ image }, row) => row >= bit && (image >> bit) & 1);
        const [pivot] = rows.splice(at, 1) as [(typeof rows)[number]];
        rows.splice(bit, 0, pivot);
        for (const row of rows) {
            if (row === pivot || ((row.image >> bit) & 1) === 0) continue;
            row.image ^= pivot.image;
            row.from ^= pivot.from;
        }
    }
    return rows.map(({ from }) => from);
}

export function log2(size: number): number {
    return Math.round(Math.log2(size));
}

export function sizeOf(shape: readonly number[]): number {
    return shape.reduce((product, extent) => product * extent, 1);
}

export function registerCount({ registers }: Layout): number {
    return 1 << registers.length;
}

/** The element in each register of lane 0 of wave 0, which other lanes' and waves' parts are added to. */
export function registerElements(layout: Layout): number[] {
    return Array.from({ length: registerCount(layout) }, (_, register) => apply(layout.registers, register));
}

export function sameLayout(a: Layout, b: Layout): boolean {
    return (
        a.registers.join() === b.registers.join() &&
        a.lanes.join() === b.lanes.join() &&
        a.waves.join() === b.waves.join() &&
        a.shape.join() === b.shape.join()
    );
}

/** Place of an element along each dimension. */
export function coordinates(shape: readonly number[], element: number): number[] {
    const places: number[] = [];
    let rest = element;
    for (const extent of shape.slice().reverse()) {
        places.push(rest % extent);
        rest = Math.floor(rest / extent);
    }
    return places.reverse();
}

export function elementAt(shape: readonly number[], places: readonly number[]): number {
    return shape.reduce((element, extent, axis) => element * extent + (places[axis] ?? 0), 0);
}

/** The layout of the same data seen as a tile of another shape, where each element becomes another by a linear map. */
export function mapElements(layout: Layout, shape: readonly number[], map: (element: number) => number): Layout {
    const { registers, lanes, waves, isFragment } = layout;
    return { shape, registers: registers.map(map), lanes: lanes.map(map), waves: waves.map(map), isFragment };
}

export function reshaped(layout: Layout, shape: readonly number[]): Layout {
    return { ...layout, shape };
}

/** The last two dimensions exchanged. */
export function transposed(layout: Layout): Layout {
    const { shape } = layout;
    const [rows = 1, columns = 1] = shape.slice(-2);
    return mapElements(layout, [...shape.slice(0, -2), columns, rows], (element) => {
        const column = element % columns;
        const row = Math.floor(element / columns) % rows;
        const rest = Math.floor(element / (columns * rows));
        return (rest * columns + column) * rows + row;
    });
}

/** Where an operand of that shape, of which extents of 1 are repeated, must be for a result in this layout. */
export function projected(layout: Layout, shape: readonly number[]): Layout {
    return mapElements(layout, shape, (element) => {
        const places = coordinates(layout.shape, element).map((place, axis) => (shape[axis] === 1 ? 0 : place));
        return elementAt(shape, places);
    });
}

/** Bits of a dimension's places above those of a part: what tells parts apart, as elements of the whole. */
export function partBases(shape: readonly number[], axis: number, size: number): number[] {
    const at = (place: number) =>
        elementAt(
            shape,
            shape.map((_, each) => (each === axis ? place : 0)),
        );
    const bits = log2((shape[axis] ?? 1) / size);
    return Array.from({ length: bits }, (_, bit) => at(size * 2 ** bit));
}

/** Of the whole, where a work-item holds in its highest registers all parts along an axis that are in this layout. */
export function wholeOf(part: Layout, shape: readonly number[], axis: number): Layout {
    const whole = mapElements(part, shape, (element) => elementAt(shape, coordinates(part.shape, element)));
    return { ...whole, registers: [...whole.registers, ...partBases(shape, axis, part.shape[axis] ?? 1)] };
}

/** Of one of several parts, where registers alone tell them apart; null where lanes or waves do. */
export function partOf(whole: Layout, shape: readonly number[], axis: number): Layout | null {
    const apart = partBases(whole.shape, axis, shape[axis] ?? 1);
    const all = apart.reduce((bits, basis) => bits | basis, 0);
    const others = [...whole.registers.filter((basis) => !apart.includes(basis)), ...whole.lanes, ...whole.waves];
    if (!apart.every((basis) => whole.registers.includes(basis)) || others.some((basis) => (basis & all) !== 0))
        return null;
    const registers = whole.registers.filter((basis) => !apart.includes(basis));
    return mapElements({ ...whole, registers }, shape, (element) =>
        elementAt(shape, coordinates(whole.shape, element)),
    );
}

/** Without a dimension: its elements come to lie on each other. */
export function without(layout: Layout, axis: number): Layout {
    const shape = layout.shape.filter((_, at) => at !== axis);
    return mapElements(layout, shape, (element) => {
        const places = coordinates(layout.shape, element).filter((_, at) => at !== axis);
        return elementAt(shape, places);
    });
}

/** The same without registers that hold what another one holds. */
export function distinct(layout: Layout): Layout {
    return { ...layout, registers: layout.registers.filter((basis) => basis !== 0) };
}

/** The workgroup that holds tiles. */
export interface Team {
    /** Bits of a lane's number, and of a wave's. */
    readonly laneBits: number;
    readonly waveBits: number;
}

/**
 * Each work-item holds `vector` neighbours along the last dimension and `rows` of those along the one before it; lanes
 * go along the last dimension first, waves last.
 */
export function blocked(shape: readonly number[], team: Team, vector: number, rows = 1): Layout {
    const [height = 1, columns = 1] = shape.length > 1 ? shape.slice(-2) : [1, shape[0] ?? 1];
    const bits = log2(sizeOf(shape));
    const columnBits = log2(columns);
    const own = Math.min(log2(vector), columnBits);
    const ownRows = Math.min(log2(rows), log2(height));
    const taken = (bit: number) => bit < own || (bit >= columnBits && bit < columnBits + ownRows);
    const free = Array.from({ length: bits }, (_, bit) => bit).filter((bit) => !taken(bit));
    const lanes = free.slice(0, team.laneBits);
    const rest = free.slice(team.laneBits);
    const waves = rest.slice(Math.max(0, rest.length - team.waveBits));
    const more = rest.slice(0, rest.length - waves.length);
    const basis = (bit: number) => 2 ** bit;
    const ownBits = Array.from({ length: bits }, (_, bit) => bit).filter(taken);
    return {
        shape,
        registers: [...ownBits, ...more].map(basis),
        lanes: padded(lanes.map(basis), team.laneBits),
        waves: padded(waves.map(basis), team.waveBits),
        isFragment: false,
    };
}

/** Bits that nothing is left for: what they would tell apart is held more than once. */
export function padded(bases: Bases, bits: number): number[] {
    return [...bases, ...new Array<number>(bits - bases.length).fill(0)];
}
