// The places of a module that report to the host, numbered from 1 in the order of the code, and which functions need the
// report buffer because they have such places or call what has.

import type { ReportManifest } from "../../codeobject/manifest.js";
import { piecesOfTemplate } from "../../codeobject/manifest-text.js";
import { positionOf } from "../diagnostics/text.js";
import type { ModuleContents } from "../ir/contents.js";
import { attribute, type IrFunction, type Operation, scalarOf, walk } from "../ir/module.js";
import type { OpName } from "../ir/ops.js";

export interface Sites {
    readonly numbers: ReadonlyMap<Operation, number>;
    readonly reports: readonly ReportManifest[];
    /** Names of functions and kernels. */
    readonly reporting: ReadonlySet<string>;
}

/** Of a module as it is emitted: passes remove checks. */
export function sitesOf(contents: ModuleContents): Sites {
    const numbers = new Map<Operation, number>();
    const reports: ReportManifest[] = [];
    const reporting = new Set<string>();
    for (const [fn, { counts, callees }] of contents) {
        if (callees.some((callee) => reporting.has(callee))) reporting.add(fn.name);
        if (!REPORTS.some((op) => counts.has(op))) continue;
        reporting.add(fn.name);
        walk(fn, fn.body, (op) => {
            const report = reportOf(fn, op);
            if (report !== null) numbers.set(op, reports.push(report));
        });
    }
    return { numbers, reports, reporting };
}

const REPORTS: readonly OpName[] = ["print", "fail", "check"];

function reportOf(fn: IrFunction, op: Operation): ReportManifest | null {
    const { span } = op;
    const place = () => ({ file: span.file.path, line: positionOf(span.file, span.start).line });
    switch (op.op) {
        case "print":
        case "fail": {
            const pieces = piecesOfTemplate(attribute(op, "text")) ?? [];
            const values = op.operands.map((operand) => scalarOf(fn, operand));
            return { kind: op.op === "print" ? "print" : "assert", ...place(), pieces, values };
        }
        case "check": {
            const [access, name] = [attribute(op, "access"), attribute(op, "name")];
            return { kind: "bounds", ...place(), access, name, dimension: attribute(op, "dimension") };
        }
        default:
            return null;
    }
}
