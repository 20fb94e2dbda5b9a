// A progress line on standard error: rewritten in place on a terminal, a line for each step elsewhere.

const BAR = 20;

export interface Progress {
    /** Says what is being done now. */
    step(what: string): void;
    /** Every step is done. */
    done(): void;
    /** Ends the line, so that what is printed next, such as an error, starts on its own. */
    [Symbol.dispose](): void;
}

export function progress(steps: number): Progress {
    const stream = process.stderr;
    let begun = 0;
    let open = false;
    const draw = (finished: number, what: string) => {
        const filled = Math.round((finished / steps) * BAR);
        stream.write(`\r\x1b[K${"█".repeat(filled)}${"░".repeat(BAR - filled)} ${what}`);
        open = true;
    };
    const end = () => {
        if (open) {
            stream.write("\n");
            open = false;
        }
    };
    return {
        step(what) {
            begun++;
            if (stream.isTTY) {
                draw(begun - 1, `${what} …`);
            } else {
                stream.write(`[${begun}/${steps}] ${what} …\n`);
            }
        },
        done() {
            if (stream.isTTY) {
                draw(steps, "done");
                end();
            }
        },
        [Symbol.dispose]: end,
    };
}
