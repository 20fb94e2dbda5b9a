// How a command fails: the exit codes, and the errors that are somebody's mistake rather than a bug. A command throws
// one of these or returns its exit code; anything else that reaches main.ts is a bug of ours.

export const EXIT = {
    ok: 0,
    /** The user's input is at fault: diagnostics, a missing file, unequal shapes, a fault of the kernel. */
    mistake: 1,
    /** The command line is at fault. */
    usage: 2,
    /** We are at fault (EX_SOFTWARE of sysexits.h). */
    bug: 70,
} as const;

/** A mistake in what a command works on. `help` says what to do. */
export class UserError extends Error {
    readonly help: string | undefined;

    constructor(message: string, help?: string) {
        super(message);
        this.name = "UserError";
        this.help = help;
    }
}

/** A mistake in the command line itself. */
export class UsageError extends Error {
    readonly help: string | undefined;

    constructor(message: string, help?: string) {
        super(message);
        this.name = "UsageError";
        this.help = help;
    }
}

/** The mistake has been shown already, as diagnostics; only its exit code is left. */
export class ReportedError extends Error {
    constructor(readonly exitCode: number) {
        super("reported as diagnostics");
        this.name = "ReportedError";
    }
}
