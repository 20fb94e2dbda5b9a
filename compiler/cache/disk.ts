// Entries as files of one folder, named by their keys, shared by any number of processes. A reader finds a whole entry or
// none: a file is written beside its place, then renamed. Nothing here fails a compile: a folder that can't be read or
// written is as good as empty. The oldest entries go when the folder grows beyond its limit; reading one makes it young.

import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where entries are kept; keys are SHA-256 in hexadecimal. */
export interface EntryStore {
    get(key: string): Promise<Uint8Array | undefined>;
    put(key: string, entry: Uint8Array): Promise<void>;
}

/** Nothing else in the folder is touched: somebody may have put it there. */
const ENTRY = /^[0-9a-f]{64}$/;
const TEMPORARY = /^\.[0-9a-f]{64}\.[0-9a-f]{12}\.tmp$/;
/** A temporary file of this age was left by a process that died. */
const ABANDONED_MS = 3_600_000;
/** Trimming goes this far below the limit, so that it is seldom needed. */
const TRIMMED = 0.75;

interface FileInfo {
    readonly name: string;
    readonly bytes: number;
    readonly modified: number;
}

export class DiskStore implements EntryStore {
    /** Bytes in the folder as far as this process knows; undefined before it has looked. */
    private total: number | undefined;
    private trimming: Promise<void> | undefined;

    /**
     * @param folder made when it is first needed
     * @param limit bytes in all; each process that writes may exceed it by what the others wrote since it last looked
     */
    constructor(
        readonly folder: string,
        readonly limit: number,
    ) {}

    async get(key: string): Promise<Uint8Array | undefined> {
        const path = join(this.folder, key);
        const entry = await readFile(path).catch(() => undefined);
        if (entry !== undefined) {
            const now = new Date();
            await utimes(path, now, now).catch(() => {});
        }
        return entry;
    }

    async put(key: string, entry: Uint8Array): Promise<void> {
        const temporary = join(this.folder, `.${key}.${randomBytes(6).toString("hex")}.tmp`);
        try {
            await mkdir(this.folder, { recursive: true, mode: 0o700 });
            await writeFile(temporary, entry, { flag: "wx" });
            await rename(temporary, join(this.folder, key));
        } catch {
            await rm(temporary, { force: true }).catch(() => {});
            return;
        }
        if (this.total !== undefined) this.total += entry.byteLength;
        if (this.total === undefined || this.total > this.limit) {
            this.trimming ??= this.trim().finally(() => {
                this.trimming = undefined;
            });
            await this.trimming;
        }
    }

    private async trim(): Promise<void> {
        const files = await this.list();
        const abandoned = files.filter(
            ({ name, modified }) => TEMPORARY.test(name) && modified < Date.now() - ABANDONED_MS,
        );
        await this.remove(abandoned);
        const entries = files.filter(({ name }) => ENTRY.test(name)).sort((a, b) => a.modified - b.modified);
        let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
        if (total > this.limit) {
            const kept = this.limit * TRIMMED;
            const oldest = entries.filter(({ bytes }) => {
                const goes = total > kept;
                if (goes) total -= bytes;
                return goes;
            });
            await this.remove(oldest);
        }
        this.total = total;
    }

    /** Without what another process removes meanwhile. */
    private async list(): Promise<FileInfo[]> {
        const names = await readdir(this.folder).catch(() => []);
        const files = await Promise.all(
            names.map(async (name) => {
                const info = await stat(join(this.folder, name)).catch(() => undefined);
                return info?.isFile() ? [{ name, bytes: info.size, modified: info.mtimeMs }] : [];
            }),
        );
        return files.flat();
    }

    private async remove(files: readonly FileInfo[]): Promise<void> {
        await Promise.all(files.map(({ name }) => rm(join(this.folder, name), { force: true }).catch(() => {})));
    }
}
