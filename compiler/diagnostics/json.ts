// Diagnostics as JSON values, for editors and scripts. Lines and columns count from 1, columns in UTF-16 code units.

import { type Diagnostic, type Fix, isNowhere, type Severity, type Span } from "./diagnostic.js";
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
    /** Null where it is in no source, such as an unknown target. */
    readonly span: JsonSpan | null;
    readonly label?: string;
    readonly labels: readonly { readonly span: JsonSpan; readonly message: string }[];
    readonly help?: string;
    readonly fixes?: readonly {
        readonly message: string;
        readonly edits: readonly { readonly span: JsonSpan; readonly text: string }[];
    }[];
}

export function diagnosticToJson({ span, labels, fixes, ...rest }: Diagnostic): JsonDiagnostic {
    return {
        ...rest,
        ...(fixes === undefined ? {} : { fixes: fixes.map(fixToJson) }),
        span: isNowhere(span) ? null : spanToJson(span),
        labels: labels.map((label) => ({ message: label.message, span: spanToJson(label.span) })),
    };
}

function fixToJson({ message, edits }: Fix) {
    return { message, edits: edits.map(({ span, text }) => ({ span: spanToJson(span), text })) };
}

function spanToJson({ file, start, end }: Span): JsonSpan {
    return {
        file: file.path,
        start: { offset: start, ...positionOf(file, start) },
        end: { offset: end, ...positionOf(file, end) },
    };
}
