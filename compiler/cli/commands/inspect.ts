// `soma inspect`: what a code object says of its kernels, from AMD's metadata and, where Soma made it, the manifest.

import type { KernelManifest, LaunchManifest, ParameterManifest } from "../../../codeobject/manifest.js";
import type { ArgumentMetadata, KernelMetadata } from "../../../codeobject/metadata.js";
import { formatDim, formatView } from "../../../runtime/dims.js";
import { type Occupancy, occupancy } from "../../targets/occupancy.js";
import { type CodeObjectFile, readCodeObjectFile } from "../code-object-file.js";
import { EXIT } from "../errors.js";
import { formatTable, writeOut } from "../terminal.js";

export interface InspectOptions {
    readonly json?: boolean;
}

/** What `--json` prints for a code object. Sizes are in bytes. */
interface Inspection {
    readonly target: string;
    readonly xnack: string;
    readonly sramecc: string;
    readonly codeObjectVersion: number;
    /** Null, as are the other fields of the manifest, for a code object that Soma did not make. */
    readonly compiler: string | null;
    readonly kernels: readonly KernelInspection[];
}

interface KernelInspection {
    readonly name: string;
    /** The kernel descriptor's symbol. */
    readonly symbol: string;
    readonly doc: string | null;
    /** What a caller passes by name. */
    readonly parameters: readonly ParameterManifest[] | null;
    readonly dims: readonly string[] | null;
    readonly launch: LaunchManifest | null;
    /** The argument buffer. */
    readonly arguments: readonly ArgumentInspection[];
    readonly argumentBytes: number;
    readonly waveSize: number;
    readonly vgprs: number;
    /** Null where the target has no accumulation registers. */
    readonly agprs: number | null;
    readonly sgprs: number;
    readonly vgprSpills: number;
    readonly sgprSpills: number;
    /** For each workgroup. */
    readonly ldsBytes: number;
    /** For each work-item. */
    readonly scratchBytes: number;
    readonly maxWorkgroupSize: number;
    /** Null for a target whose limits are not known. */
    readonly occupancy: Occupancy | null;
}

interface ArgumentInspection {
    readonly name: string | null;
    readonly offset: number;
    readonly size: number;
    /** AMD's value kind, such as `by_value` or `global_buffer`. */
    readonly kind: string;
}

export async function inspect(path: string, options: InspectOptions): Promise<number> {
    const inspection = inspectCodeObject(await readCodeObjectFile(path));
    await writeOut(options.json ? `${JSON.stringify(inspection, null, 4)}\n` : `${formatInspection(inspection)}\n`);
    return EXIT.ok;
}

function inspectCodeObject({ target, xnack, sramecc, version, metadata, manifest }: CodeObjectFile): Inspection {
    return {
        target,
        xnack,
        sramecc,
        codeObjectVersion: version,
        compiler: manifest?.compiler ?? null,
        kernels: metadata.kernels.map((kernel) => {
            const declared = manifest?.kernels.find((each) => `${each.symbol}.kd` === kernel.symbol);
            return inspectKernel(target, kernel, declared);
        }),
    };
}

function inspectKernel(target: string, kernel: KernelMetadata, declared: KernelManifest | undefined): KernelInspection {
    return {
        name: declared?.name ?? kernel.name,
        symbol: kernel.symbol,
        doc: declared?.doc ?? null,
        parameters: declared?.parameters ?? null,
        dims: declared?.dims ?? null,
        launch: declared?.launch ?? null,
        arguments: kernel.args.map((argument) => inspectArgument(argument, declared)),
        argumentBytes: kernel.kernargSegmentSize,
        waveSize: kernel.wavefrontSize,
        vgprs: kernel.vgprCount,
        agprs: kernel.agprCount ?? null,
        sgprs: kernel.sgprCount,
        vgprSpills: kernel.vgprSpillCount,
        sgprSpills: kernel.sgprSpillCount,
        ldsBytes: kernel.groupSegmentFixedSize,
        scratchBytes: kernel.privateSegmentFixedSize,
        maxWorkgroupSize: kernel.maxFlatWorkgroupSize,
        occupancy: occupancy(target, {
            vgprs: kernel.vgprCount,
            sgprs: kernel.sgprCount,
            lds: kernel.groupSegmentFixedSize,
            workgroup: kernel.reqdWorkgroupSize?.reduce((a, b) => a * b, 1) ?? kernel.maxFlatWorkgroupSize,
        }),
    };
}

function inspectArgument(argument: ArgumentMetadata, declared: KernelManifest | undefined): ArgumentInspection {
    const { offset, size, valueKind } = argument;
    const name = argument.name ?? declared?.arguments.find((each) => each.offset === offset)?.name;
    return { name: name ?? null, offset, size, kind: valueKind };
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

function formatOccupancy(value: Occupancy | null): string {
    if (value === null) {
        return "unknown for this target";
    }
    const cause = value.limitedBy === null ? "" : `, limited by ${value.limitedBy}`;
    return `${value.wavesPerSimd} of ${value.maxWavesPerSimd} waves a SIMD${cause}`;
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
