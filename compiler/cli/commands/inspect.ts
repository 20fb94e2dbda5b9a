// `soma inspect`: prints what a code object, or each one of a bundle, says of its kernels.

import type { LaunchManifest } from "../../../codeobject/manifest.js";
import { formatDim, formatView } from "../../../runtime/dims.js";
import { readCodeObjects } from "../code-object-file.js";
import { EXIT } from "../errors.js";
import { formatOccupancy, type Inspection, inspectCodeObject, type KernelInspection } from "../inspection.js";
import { formatTable, writeOut } from "../terminal.js";

export interface InspectOptions {
    readonly json?: boolean;
    /** Of a bundle: the one to show. */
    readonly target?: string;
}

export async function inspect(path: string, options: InspectOptions): Promise<number> {
    const inspections = (await readCodeObjects(path, options.target)).map(inspectCodeObject);
    // A bundle's code objects are a list; a code object alone is itself.
    const [first, ...others] = inspections;
    const json = others.length === 0 ? first : inspections;
    const text = inspections.map(formatInspection).join("\n\n\n");
    await writeOut(options.json ? `${JSON.stringify(json, null, 4)}\n` : `${text}\n`);
    return EXIT.ok;
}

function formatInspection(inspection: Inspection): string {
    const features = [inspection.xnack, inspection.sramecc].flatMap((setting, index) =>
        setting === "on" || setting === "off" ? [`${["xnack", "sramecc"][index]} ${setting}`] : [],
    );
    const title = [
        inspection.target,
        ...features,
        `code object version ${inspection.codeObjectVersion}`,
        inspection.compiler ?? "not made by Soma",
    ].join(", ");
    const kernels = inspection.kernels.map(formatKernel);
    return [title, ...(kernels.length > 0 ? kernels : ["no kernels"])].join("\n\n");
}

function formatKernel(kernel: KernelInspection): string {
    const rows: [string, string][] = [];
    if (kernel.launch !== null) {
        rows.push(["launch", formatLaunch(kernel.launch)]);
    }
    rows.push(
        ["wave", `${kernel.waveSize} lanes`],
        ["VGPRs", String(kernel.vgprs)],
        ...(kernel.agprs === null ? [] : [["AGPRs", String(kernel.agprs)] as [string, string]]),
        ["SGPRs", String(kernel.sgprs)],
        ["LDS", `${kernel.ldsBytes} bytes a workgroup`],
        ["scratch", `${kernel.scratchBytes} bytes a work-item`],
        ["spills", `${kernel.vgprSpills} VGPRs, ${kernel.sgprSpills} SGPRs`],
        ["occupancy", formatOccupancy(kernel.occupancy)],
    );
    const properties = formatTable(rows.map(([name, value]) => [`  ${name}`, value]));
    const doc = kernel.doc ? kernel.doc.split("\n").map((line) => `  ${line}`.trimEnd()) : [];
    return [`kernel ${kernel.name}`, ...doc, properties, formatArguments(kernel)].join("\n");
}

/** Such as `over n, workgroup 256`; sizes in grid order, x first. */
function formatLaunch(launch: LaunchManifest): string {
    const sizes = launch.kind === "over" ? launch.extents : launch.groups;
    return `${launch.kind} ${sizes.map(formatDim).join(" × ")}, workgroup ${launch.workgroup.slice(0, sizes.length).join(" × ")}`;
}

function formatArguments(kernel: KernelInspection): string {
    const types = new Map(
        kernel.parameters?.map((parameter) => [
            parameter.name,
            parameter.kind === "view" ? formatView(parameter) : parameter.type,
        ]),
    );
    const rows = kernel.arguments.map(({ name, offset, size, kind }) => [
        `    ${name ?? "-"}`,
        (name === null ? undefined : (types.get(name) ?? (kernel.dims?.includes(name) ? "dimension" : undefined))) ??
            kind,
        String(offset),
        String(size),
    ]);
    const table = formatTable([["    name", "type", "offset", "bytes"], ...rows], new Set([2, 3]));
    return `  arguments, ${kernel.argumentBytes} bytes\n${table}`;
}
