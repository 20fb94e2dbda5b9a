// Diagnostics as JSON values, for editors and scripts. Lines and columns count from 1, columns in UTF-16 code units.

import type { Diagnostic, Severity, Span } from "./diagnostic.js";
import { type Position, positionOf } from "./text.js";

export interface JsonSpan {
    readonly file: string;
    readonly start: Position & { readonly offset: number };
    /** Exclusive. */
    readonly end: Position & { readonly offset: number };
}

export interface JsonDiagnostic {
    readonly code: string;
    readonly severity: Severity;
    readonly message: string;
    readonly span: JsonSpan;
    readonly label?: string;
    readonly labels: readonly { readonly span: JsonSpan; readonly message: string }[];
    readonly help?: string;
}

export function diagnosticToJson({ span, labels, ...rest }: Diagnostic): JsonDiagnostic {
    return {
        ...rest,
        span: spanToJson(span),
        labels: labels.map((label) => ({ message: label.message, span: spanToJson(label.span) })),
    };
}

function spanToJson({ file, start, end }: Span): JsonSpan {
    return {
        file: file.path,
        start: { offset: start, ...positionOf(file, start) },
        end: { offset: end, ...positionOf(file, end) },
    };
}
