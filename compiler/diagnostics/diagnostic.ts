// A diagnostic is data: what went wrong, where, and what to do about it. Rendering (text, JSON) is elsewhere.
// A user's mistake is always one of these; an exception is a bug in the compiler.

/** A half-open range of UTF-16 code units in one source file. */
export interface Span {
    readonly file: SourceFile;
    readonly start: number;
    readonly end: number;
}

/** A source text and the name it is reported under. Identity is by reference: one object per file and compile. */
export interface SourceFile {
    /** The path as the user gave it, or a module name such as `std.math`. */
    readonly path: string;
    readonly text: string;
}

/** The place of what stands in no source, such as an option of a compile: it is shown without a frame. */
export const NOWHERE: Span = { file: { path: "", text: "" }, start: 0, end: 0 };

export function isNowhere({ file }: Span): boolean {
    // By value: what comes from another thread is a copy.
    return file.path === NOWHERE.file.path && file.text === NOWHERE.file.text;
}

export type Severity = "error" | "warning";

/** A second place that helps to understand the first. */
export interface Label {
    readonly span: Span;
    readonly message: string;
}

/** Text to put in place of a span; an empty span inserts. */
export interface Edit {
    readonly span: Span;
    readonly text: string;
}

/** What an editor can do about a diagnostic: all edits together, which don't overlap. */
export interface Fix {
    /** What it does, as an editor lists it. */
    readonly message: string;
    readonly edits: readonly Edit[];
}

export interface Diagnostic {
    /** A code of the catalogue, such as `E0204`. */
    readonly code: string;
    readonly severity: Severity;
    /** One sentence that names the cause. */
    readonly message: string;
    readonly span: Span;
    /** What the carets under `span` say, if more than the message does. */
    readonly label?: string;
    readonly labels: readonly Label[];
    /** What to do. */
    readonly help?: string;
    /** The ways to mend it that need no further thought, the likeliest first; never empty. */
    readonly fixes?: readonly Fix[];
}
