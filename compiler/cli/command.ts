// The command `soma`: runs what the process's arguments ask, and turns whatever comes out of it into an exit code and, at
// most, a short message. A stack trace is for us: it is shown with SOMA_DEBUG=1 alone.

import { setFlagsFromString } from "node:v8";
import { CommanderError } from "commander";
import { SomaError } from "../../codeobject/error.js";
import { EXIT, ReportedError, UsageError, UserError } from "./errors.js";
import { createProgram } from "./program.js";
import { formatError, toleratePipes, writeError } from "./terminal.js";

/** Says what went wrong and gives the exit code for it. */
function report(error: unknown): number {
    if (error instanceof CommanderError) {
        // commander has written its message, or the help or version that was asked for.
        return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    if (error instanceof ReportedError) {
        return error.exitCode;
    }
    if (error instanceof UsageError) {
        writeError(formatError(error.message, error.help));
        return EXIT.usage;
    }
    if (error instanceof UserError) {
        writeError(formatError(error.message, error.help));
        return EXIT.mistake;
    }
    if (error instanceof SomaError) {
        writeError(formatError(error.message));
        return EXIT.mistake;
    }
    const message = error instanceof Error ? error.message : String(error);
    const debug = process.env.SOMA_DEBUG === "1";
    writeError(
        formatError(
            `this is a bug in soma: ${message}`,
            debug ? "please report it with the lines below" : "please report it with what SOMA_DEBUG=1 soma … prints",
        ),
    );
    if (debug) {
        writeError(error instanceof Error ? (error.stack ?? "") : "");
    }
    return EXIT.bug;
}

/** Compilers write this option with one hyphen, which to commander are two options of a letter. */
function asLong(argument: string): string {
    return argument === "-MD" ? "--MD" : argument;
}

/**
 * V8 optimises a function when it has run through so many bytes of its code, by default 132 KiB. A command ends before most
 * of what that costs comes back: later, the first compile of 1 MB takes a third less processor time.
 */
const BYTECODE_BEFORE_OPTIMISING = 300_000;

/** Never rejects; the process ends with the exit code that this sets. */
export async function runCommand(): Promise<void> {
    setFlagsFromString(`--interrupt-budget=${BYTECODE_BEFORE_OPTIMISING}`);
    toleratePipes();
    process.on("uncaughtException", (error) => {
        // Whatever state this leaves behind, nothing sound can follow.
        process.exit(report(error));
    });
    try {
        await createProgram((code) => {
            process.exitCode = code;
        }).parseAsync(process.argv.map(asLong));
    } catch (error) {
        process.exitCode = report(error);
    }
}
