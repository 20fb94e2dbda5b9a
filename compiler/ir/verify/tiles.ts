// The verifier's rules for tiles, and for what they become.

import type { Operation } from "../module.js";
import { bitsOf, type IrType, isBuffer, isScalar, isTile, type TileType } from "../types.js";
import { type Context, listTypes, regionOf } from "./context.js";

/** True where the operation is one of these. */
export function checkTiles(
    context: Context,
    op: Operation,
    operands: readonly IrType[],
    results: readonly IrType[],
): boolean {
    const expect = (holds: boolean, what: string) => {
        if (!holds) context.report(`${op.op} ${what}, not ${listTypes(operands)} -> ${listTypes(results)}`);
    };
    const [first, second, third] = operands;
    const [result] = results;
    switch (op.op) {
        case "tile_load":
            expect(isPlace(operands, 2, result), "takes a place and gives a tile of it");
            break;
        case "tile_store":
            expect(isPlace(operands, 3, third), "takes a place and a tile of it");
            break;
        case "tile_map": {
            const { parameters, last } = regionOf(context.fn, op, 0);
            const wanted = operands.map((type) => (isTile(type) ? type.tile : type));
            const fits = tile(result) && operands.every((type) => isScalar(type) || broadcasts(type, result));
            expect(fits === true, "takes scalars and tiles that repeat to its result");
            if (parameters.join() !== wanted.join()) context.report(`tile_map's region takes ${listTypes(parameters)}`);
            const yielded = last?.operands.map((operand) => context.typeOf(operand)).join();
            if (last?.op !== "yield" || (tile(result) && yielded !== result.tile)) {
                context.report("tile_map's region yields no element of its result");
            }
            break;
        }
        case "tile_mask":
            expect(
                tile(first) && same(first, result) && second === "index" && third === first.tile,
                "takes tile, count, scalar",
            );
            break;
        case "tile_dot": {
            const fits =
                tile(first) &&
                tile(second) &&
                tile(third) &&
                same(third, result) &&
                first.shape.length >= 2 &&
                [second, third].every(({ shape }) => shape.slice(0, -2).join() === first.shape.slice(0, -2).join()) &&
                first.shape.at(-1) === second.shape.at(-2) &&
                first.shape.at(-2) === third.shape.at(-2) &&
                second.shape.at(-1) === third.shape.at(-1);
            expect(fits, "takes matrices that fit");
            break;
        }
        case "tile_reduce": {
            const kept = tile(first) ? first.shape.filter((_, axis) => axis !== op.attributes.axis) : [];
            const fits =
                kept.length === 0 ? isScalar(result ?? "bool") : tile(result) && result.shape.join() === kept.join();
            expect(tile(first) && fits, "gives its operand without an axis");
            break;
        }
        case "tile_gather": {
            const { axis } = op.attributes;
            const fits = tile(third) && tile(result) && third.tile === "index" && axis !== undefined;
            const isRow = fits && third.shape.length === 1 && third.shape[0] === result.shape[axis];
            expect(isRow && isPlace(operands, 3, result), "takes a place, indices and gives a tile");
            break;
        }
        case "tile_part": {
            const { axis = 0, offset = 0 } = op.attributes;
            const size = tile(result) ? (result.shape[axis] ?? 0) : 0;
            const fits = tile(first) && tile(result) && first.tile === result.tile;
            const others = fits && first.shape.every((extent, at) => at === axis || extent === result.shape[at]);
            expect(
                others && offset % Math.max(1, size) === 0 && offset + size <= (first.shape[axis] ?? 0),
                "gives a part of its operand",
            );
            break;
        }
        case "tile_layout":
            expect(tile(first) && same(first, result), "gives its operand");
            break;
        case "tile_scan":
            expect(tile(first) && same(first, result), "gives a tile like its operand");
            break;
        case "tile_reshape":
            expect(tile(first) && tile(result) && count(first) === count(result), "keeps the number of elements");
            break;
        case "tile_transpose":
            expect(tile(first) && tile(result) && count(first) === count(result), "exchanges two dimensions");
            break;
        case "tile_indices":
            expect(first === "index" && tile(result) && result.tile === "index", "gives indices from an index");
            break;
        case "load_words":
        case "load_turned":
            expect(
                first !== undefined && isBuffer(first) && operands.slice(1).every(isWord) && results.every(isWord),
                "gives words of a buffer",
            );
            break;
        case "load_to_lds": {
            const [, second, third, fourth] = operands;
            const fits = first !== undefined && isBuffer(first) && third !== undefined && isBuffer(third);
            expect(
                fits && first.space === "global" && third.space === "shared" && isWord(second) && isWord(fourth),
                "takes global memory, an offset, LDS and an offset",
            );
            break;
        }
        case "store_words":
            expect(
                first !== undefined && isBuffer(first) && operands.slice(1).every(isWord),
                "takes a buffer, an offset and words",
            );
            break;
        case "pack":
            expect(fillWord(operands) && isWord(result), "makes a word of scalars");
            break;
        case "unpack":
            expect(isWord(first) && fillWord(results), "makes scalars of a word");
            break;
        case "mma":
            expect(operands.length > results.length && results.length > 0, "takes words and elements");
            break;
        default:
            return false;
    }
    return true;
}

function tile(type: IrType | undefined): type is TileType {
    return type !== undefined && isTile(type);
}

function same(a: TileType, b: IrType | undefined): boolean {
    return tile(b) && a.tile === b.tile && a.shape.join() === b.shape.join();
}

function count({ shape }: TileType): number {
    return shape.reduce((product, size) => product * size, 1);
}

function broadcasts(type: IrType, result: TileType): boolean {
    if (!isTile(type) || type.shape.length !== result.shape.length) return false;
    return type.shape.every((size, axis) => size === 1 || size === result.shape[axis]);
}

/** Buffer, index, and behind `at` operands stride and count for each dimension. */
function isPlace(operands: readonly IrType[], at: number, type: IrType | undefined): boolean {
    const [buffer, index] = operands;
    const rest = operands.slice(at);
    if (!tile(type) || buffer === undefined || !isBuffer(buffer) || !isIndex(index)) return false;
    return rest.length === 2 * type.shape.length && rest.every(isIndex);
}

function isIndex(type: IrType | undefined): boolean {
    return type === "index";
}

function isWord(type: IrType | undefined): boolean {
    return type === "u32";
}

function fillWord(types: readonly IrType[]): boolean {
    return types.every(isScalar) && types.reduce((bits, type) => bits + bitsOf(type as "u8"), 0) === 32;
}
