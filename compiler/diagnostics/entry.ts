// An entry of the catalogue: a kind of mistake, defined once with its code, words, help, explanation and example.
// `diagnose` makes a diagnostic of it at a place.

import type { Diagnostic, Fix, Label, Severity, Span } from "./diagnostic.js";

/** `Args` are the particulars that the message names. */
export interface Entry<Args> {
    /** `E` or `W` and four digits; the first two are the group. */
    readonly code: string;
    readonly severity: Severity;
    /** What kind of mistake it is, in a few words and without particulars. */
    readonly title: string;
    readonly message: (args: Args) => string;
    readonly help?: (args: Args) => string | undefined;
    /** What an editor can do about it at its place. */
    readonly fixes?: (args: Args, span: Span) => readonly Fix[];
    /** Why it is refused, for a reader who meets it for the first time. */
    readonly explanation: string;
    /** A program with this mistake and no other. */
    readonly example: string;
}

/** An entry whose particulars don't matter: for lists of all of them. */
export type AnyEntry = Entry<never>;

/** What a diagnostic may say beyond its entry. */
export interface Extra {
    readonly label?: string;
    readonly labels?: readonly Label[];
    /** In place of the entry's help. */
    readonly help?: string | undefined;
    /** In place of the entry's fixes. */
    readonly fixes?: readonly Fix[];
}

export function diagnose<Args>(entry: Entry<Args>, span: Span, args: Args, extra: Extra = {}): Diagnostic {
    const help = extra.help ?? entry.help?.(args);
    const fixes = extra.fixes ?? entry.fixes?.(args, span) ?? [];
    return {
        code: entry.code,
        severity: entry.severity,
        message: entry.message(args),
        span,
        labels: extra.labels ?? [],
        ...(extra.label === undefined ? {} : { label: extra.label }),
        ...(help === undefined ? {} : { help }),
        ...(fixes.length === 0 ? {} : { fixes }),
    };
}

/** Source order; errors before warnings at the same place. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
    return [...diagnostics].sort(
        (a, b) => a.span.start - b.span.start || a.severity.localeCompare(b.severity) || a.code.localeCompare(b.code),
    );
}
