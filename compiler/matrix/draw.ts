// Layouts as text and as pictures: which wave, lane and register hold each element of a tile. An element that several
// hold is shown with the first of them.

import { positionOf } from "../diagnostics/text.js";
import { apply, coordinates, elementAt, type Layout, sizeOf } from "./layout.js";
import type { PlacedTile, TileReport } from "./report.js";

/** Rows and columns that are drawn of a tile at most. */
const MOST_DRAWN = { text: [16, 16], svg: [64, 64] } as const;

/** Where an element is. */
interface Holder {
    readonly wave: number;
    readonly lane: number;
    readonly register: number;
}

export function drawText(reports: readonly TileReport[]): string {
    return reports
        .map((report) => `${[headOf(report), ...distinctTiles(report).map(tileText)].join("\n\n")}\n`)
        .join("\n");
}

function headOf({ kernel, products }: TileReport): string {
    const lines = products.map(({ operands, shape: [m, n, k], instruction }) => {
        const way = instruction ?? "fused multiply-adds, since the target has no instruction for these";
        return `    ${operands.join(" @ ")}, ${m} x ${n} x ${k}: ${way}`;
    });
    return [`kernel ${kernel}`, ...lines].join("\n");
}

/** One of each type and layout, in the order of the source. */
function distinctTiles({ tiles }: TileReport): readonly PlacedTile[] {
    const seen = new Map<string, PlacedTile>();
    for (const tile of tiles) {
        const { registers, lanes, waves } = tile.layout;
        const key = [tile.type.tile, tile.type.shape, registers.join(), lanes.join(), waves.join()].join(" ");
        if (!seen.has(key)) seen.set(key, tile);
    }
    return [...seen.values()];
}

function titleOf({ what, type, span }: PlacedTile): string {
    return `${what} of line ${positionOf(span.file, span.start).line}: ${type.tile}[${type.shape.join(", ")}]`;
}

function tileText(placed: PlacedTile): string {
    const { shape, registers, lanes, waves } = placed.layout;
    const bases = (name: string, list: readonly number[]) =>
        `    ${name.padEnd(10)}${list.map((basis) => `(${coordinates(shape, basis).join(",")})`).join(" ")}`;
    const [rows, columns] = drawn(shape, MOST_DRAWN.text);
    const held = holdersOf(placed.layout);
    const cells = Array.from({ length: rows }, (_, row) =>
        Array.from({ length: columns }, (_, column) => nameOf(held.get(elementOf(shape, row, column)))),
    );
    const width = Math.max(...cells.flat().map(({ length }) => length)) + 1;
    const grid = cells.map(
        (row) =>
            `    ${row
                .map((cell) => cell.padEnd(width))
                .join("")
                .trimEnd()}`,
    );
    return [
        titleOf(placed),
        bases("registers", registers),
        bases("lanes", lanes),
        bases("waves", waves),
        `    the first ${rows} by ${columns} as wave.lane.register:`,
        ...grid,
    ].join("\n");
}

function nameOf(holder: Holder | undefined): string {
    return holder === undefined ? "-" : `${holder.wave}.${holder.lane}.${holder.register}`;
}

/** Of more than two dimensions the last two, at the first place of the others. */
function drawn(shape: readonly number[], [mostRows, mostColumns]: readonly [number, number]): [number, number] {
    const [rows = 1, columns = 1] = shape.length > 1 ? shape.slice(-2) : [1, shape[0] ?? 1];
    return [Math.min(rows, mostRows), Math.min(columns, mostColumns)];
}

function elementOf(shape: readonly number[], row: number, column: number): number {
    const places = shape.length > 1 ? [...shape.slice(0, -2).map(() => 0), row, column] : [column];
    return elementAt(shape, places);
}

function holdersOf({ shape, registers, lanes, waves }: Layout): ReadonlyMap<number, Holder> {
    const found = new Map<number, Holder>();
    const count = (bases: readonly number[]) => 2 ** bases.length;
    for (let wave = 0; wave < count(waves); wave++) {
        for (let lane = 0; lane < count(lanes); lane++) {
            for (let register = 0; register < count(registers); register++) {
                const element = apply(waves, wave) ^ apply(lanes, lane) ^ apply(registers, register);
                if (element < sizeOf(shape) && !found.has(element)) found.set(element, { wave, lane, register });
            }
        }
    }
    return found;
}

const CELL = 22;
const LINE_HEIGHT = 18;

/** One picture of all tiles, one below the other: a colour for each lane, and borders where waves meet. */
export function drawSvg(reports: readonly TileReport[]): string {
    let y = 0;
    const parts: string[] = [];
    const text = (line: string) => {
        y += LINE_HEIGHT;
        parts.push(`<text x="4" y="${y}" class="title">${escaped(line)}</text>`);
    };
    for (const report of reports) {
        for (const line of headOf(report).split("\n")) text(line);
        for (const placed of distinctTiles(report)) {
            y += LINE_HEIGHT / 2;
            text(`${titleOf(placed)}, as wave.lane.register`);
            y += 6;
            parts.push(...cellsOf(placed, y));
            y += drawn(placed.layout.shape, MOST_DRAWN.svg)[0] * CELL;
        }
        y += LINE_HEIGHT;
    }
    const width = MOST_DRAWN.svg[1] * CELL + 8;
    const style = "text{font:7px monospace;text-anchor:middle}.title{font:13px sans-serif;text-anchor:start}";
    const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}">`;
    return `${[head, `<style>${style}</style>`, `<rect width="100%" height="100%" fill="white"/>`, ...parts, "</svg>"].join("\n")}\n`;
}

function cellsOf({ layout }: PlacedTile, top: number): string[] {
    const [rows, columns] = drawn(layout.shape, MOST_DRAWN.svg);
    const held = holdersOf(layout);
    const cells: string[] = [];
    for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
            const holder = held.get(elementOf(layout.shape, row, column));
            const [x, y] = [4 + column * CELL, top + row * CELL];
            const hue = ((holder?.lane ?? 0) * 360) / 2 ** layout.lanes.length;
            const light = 88 - 12 * ((holder?.wave ?? 0) % 4);
            const fill = holder === undefined ? "white" : `hsl(${hue.toFixed(0)} 70% ${light}%)`;
            cells.push(`<rect x="${x}" y="${y}" width="${CELL}" height="${CELL}" fill="${fill}" stroke="#888"/>`);
            cells.push(`<text x="${x + CELL / 2}" y="${y + CELL / 2 + 3}">${nameOf(holder)}</text>`);
        }
    }
    return cells;
}

function escaped(text: string): string {
    return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
