// The report buffer: device memory through which kernels tell the host of prints, failed assertions and accesses out of
// bounds. Its layout is part of the manifest's specification (spec/manifest.md); compiled kernels and the host share it.
//
//     byte    0   u64   words of records that were asked for; the host sets 0
//             8   u64   words that there are from byte 256 on; set by the host
//            16   u64   records that did not fit; the host sets 0
//            24   u64   work-items that failed; the host sets 0
//            32         the record of the first that failed
//           256         records, each as many words as it needs, in the order in which they were asked for
//
// A record is words of 32 bits: the number of its place in `Manifest.reports`, from 1; the workgroup's x, y and z; the
// work-item's x + y·2^10 + z·2^20; then its values, each in one word, or two if it has 64 bits, the low one first.

import type { ManifestScalar, ReportManifest } from "./manifest.js";
import { SCALAR_SIZES } from "./scalar-sizes.js";

export const REPORT_BUFFER = {
    used: 0,
    capacity: 8,
    lost: 16,
    failed: 24,
    failure: 32,
    records: 256,
    /** Words of a record before its values. */
    headWords: 5,
} as const;

/** What a report's values are, in the record's order. */
export function reportValues(report: ReportManifest): readonly ManifestScalar[] {
    return report.kind === "bounds" ? ["index", "index"] : report.values;
}

export function wordsOfValue(type: ManifestScalar): number {
    return SCALAR_SIZES[type] > 4 ? 2 : 1;
}

/** Words of a record. */
export function wordsOfReport(report: ReportManifest): number {
    return reportValues(report).reduce<number>((words, type) => words + wordsOfValue(type), REPORT_BUFFER.headWords);
}
