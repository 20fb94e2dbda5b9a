// Work that is done again when one of the files that it read changes, until the process is interrupted.

import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { UserError } from "./errors.js";
import { formatError, writeError } from "./terminal.js";

/** Editors write in several steps; what comes within this time is one change. */
const SETTLE_MILLISECONDS = 50;

/**
 * Runs `work`, which returns the files to watch, then again after each change, never twice at once. A UserError of it is
 * shown, and the files of the time before are watched on. Ends with exit code 0 at SIGINT or SIGTERM.
 */
export function watchFiles(work: () => Promise<readonly string[]>): Promise<number> {
    return new Promise((resolve, reject) => {
        let watchers: readonly FSWatcher[] = [];
        let files: readonly string[] = [];
        let timer: NodeJS.Timeout | undefined;
        let running = false;
        let changed = false;

        const close = (): void => {
            clearTimeout(timer);
            for (const watcher of watchers) watcher.close();
            process.off("SIGINT", end).off("SIGTERM", end);
        };
        const end = (): void => {
            close();
            resolve(0);
        };
        const schedule = (): void => {
            changed = true;
            clearTimeout(timer);
            if (!running) timer = setTimeout(run, SETTLE_MILLISECONDS);
        };
        const run = (): void => {
            running = true;
            changed = false;
            attempt().then(
                () => {
                    running = false;
                    if (changed) schedule();
                },
                (error: unknown) => {
                    close();
                    reject(error);
                },
            );
        };
        const attempt = async (): Promise<void> => {
            try {
                files = await work();
            } catch (error) {
                if (!(error instanceof UserError)) throw error;
                writeError(formatError(error.message, error.help));
                if (files.length === 0) throw error;
            }
            for (const watcher of watchers) watcher.close();
            watchers = watchFolders(files, schedule);
        };
        process.on("SIGINT", end).on("SIGTERM", end);
        run();
    });
}

/** Watches the folders, not the files: an editor that replaces a file leaves the old one behind. */
function watchFolders(files: readonly string[], onChange: () => void): readonly FSWatcher[] {
    const folders = new Set(files.map((file) => dirname(file)));
    return [...folders].map((folder) => {
        const known = new Set(files.filter((file) => dirname(file) === folder).map((file) => basename(file)));
        return watch(folder, (_event, name) => {
            if (name === null || known.has(name)) onChange();
        });
    });
}
