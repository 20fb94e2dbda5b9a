// HDF5 files as trees of groups and arrays, by h5wasm, which is loaded where such a file is read or written.

import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError } from "../errors.js";

export interface Hdf5Array {
    readonly shape: readonly number[];
    readonly data: Float64Array | readonly string[];
    /** Whether it is written as integers of 32 bits, not as floats. */
    readonly isInteger?: true;
}

/** A group's members; a text is a scalar. */
export interface Hdf5Tree {
    readonly [name: string]: Hdf5Tree | Hdf5Array | string;
}

export function isArray(value: Hdf5Tree[string] | undefined): value is Hdf5Array {
    return typeof value === "object" && "shape" in value && Array.isArray(value.shape);
}

/** What of h5wasm is used here. */
interface Group {
    keys(): string[];
    get(name: string): unknown;
    create_group(name: string): Group;
    create_dataset(options: { name: string; data: unknown; shape?: number[]; dtype?: string }): unknown;
}

interface Dataset {
    readonly shape: number[] | null;
    readonly value: unknown;
}

interface File extends Group {
    close(): void;
}

async function library(): Promise<new (path: string, mode: "r" | "w") => File> {
    const module = await import("h5wasm/node").catch(() => {
        throw new ArgumentError("HDF5 files need the package h5wasm: npm install h5wasm@0.7.9");
    });
    const { default: h5wasm } = module as unknown as {
        default: { ready: Promise<unknown>; File: new (path: string, mode: "r" | "w") => File };
    };
    await h5wasm.ready;
    return h5wasm.File;
}

/** Runs with a path of a file that is gone afterwards: the library reads and writes files only. */
async function withPath<T>(body: (path: string) => Promise<T>): Promise<T> {
    const path = join(tmpdir(), `soma-${randomUUID()}.h5`);
    try {
        return await body(path);
    } finally {
        await rm(path, { force: true });
    }
}

/** @throws ArgumentError for what is no HDF5 file */
export async function decodeHdf5(bytes: Uint8Array): Promise<Hdf5Tree> {
    const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
    if (signature.some((byte, at) => bytes[at] !== byte))
        throw new ArgumentError("this is no HDF5 file: it doesn't begin as one");
    const Open = await library();
    return withPath(async (path) => {
        await writeFile(path, bytes);
        try {
            const file = new Open(path, "r");
            try {
                return treeOf(file);
            } finally {
                file.close();
            }
        } catch (error) {
            throw new ArgumentError(`this HDF5 file can't be read: ${(error as Error).message}`);
        }
    });
}

function treeOf(group: Group): Hdf5Tree {
    return Object.fromEntries(
        group.keys().map((name) => {
            const member = group.get(name);
            if (typeof (member as Group).keys === "function") return [name, treeOf(member as Group)];
            const { shape, value } = member as Dataset;
            if (typeof value === "string") return [name, value];
            const list = ArrayBuffer.isView(value)
                ? Array.from(value as unknown as ArrayLike<number | bigint>)
                : [value].flat(9);
            const data = typeof list[0] === "string" ? (list as string[]) : Float64Array.from(list as number[], Number);
            return [name, { shape: shape ?? [], data }];
        }),
    );
}

export async function encodeHdf5(tree: Hdf5Tree): Promise<Uint8Array> {
    const Open = await library();
    return withPath(async (path) => {
        const file = new Open(path, "w");
        put(file, tree);
        file.close();
        return new Uint8Array(await readFile(path));
    });
}

function put(group: Group, tree: Hdf5Tree): void {
    for (const [name, value] of Object.entries(tree)) {
        if (typeof value === "string") group.create_dataset({ name, data: value });
        else if (!isArray(value)) put(group.create_group(name), value);
        else {
            const { shape, data, isInteger } = value;
            const numbers = isInteger ? Int32Array : Float32Array;
            const isText = !(data instanceof Float64Array);
            group.create_dataset({
                name,
                data: isText ? [...data] : shape.length === 0 ? data[0] : numbers.from(data as Float64Array),
                shape: [...shape],
                ...(isText ? {} : { dtype: isInteger ? "<i4" : "<f4" }),
            });
        }
    }
}
