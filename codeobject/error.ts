// The errors of reading code objects, and the base of every error that Soma throws at its users.

/**
 * The base of all errors that Soma throws for a user's mistake or a device's failure. `message` names the cause and,
 * where there is one, the remedy; `code` is stable and meant for programs. Any other exception is a bug in Soma.
 */
export abstract class SomaError extends Error {
    /** A stable name of the kind of error, such as `ERR_SOMA_ARGUMENT`. */
    abstract readonly code: string;

    override get name(): string {
        return this.constructor.name;
    }
}

/** Bytes that are no code object, or a code object that is damaged, of another platform, or without a manifest. */
export class CodeObjectError extends SomaError {
    readonly code = "ERR_SOMA_CODE_OBJECT";
}
