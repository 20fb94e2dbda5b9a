// `soma inspect`: prints what a code object, or each one of a bundle, says of its kernels.

import { typeText } from "../../../codeobject/layout.js";
import type { LaunchManifest } from "../../../codeobject/manifest.js";
import { formatDim, formatView } from "../../../codeobject/manifest-format.js";
import type { Disassembly } from "../../../native/llvm/index.js";
import { CodegenUnavailableError } from "../../shell/codegen.js";
import { type CodeObjectFile, disassemble, readCodeObjects } from "../code-object-file.js";
import { EXIT, UserError } from "../errors.js";
import {
    type DeclaredInspection,
    formatOccupancy,
    type Inspection,
    inspectCodeObject,
    type KernelInspection,
} from "../inspection.js";
import { inspectPtx, type PtxInspection } from "../ptx-inspection.js";
import { formatMix } from "../report.js";
import { type SourceLine, sourceLines } from "../source-lines.js";
import { formatNote, formatTable, writeError, writeOut } from "../terminal.js";

export interface InspectOptions {
    readonly json?: boolean;
    /** Of a bundle: the one to show. */
    readonly target?: string;
}

export async function inspect(path: string, options: InspectOptions): Promise<number> {
    const inspections: (Inspection | PtxInspection)[] = [];
    for (const file of await readCodeObjects(path, options.target)) {
        inspections.push(
            file.format === "ptx" ? inspectPtx(file) : inspectCodeObject(file, await instructionsOf(file)),
        );
    }
    // A bundle's code objects are a list; a code object alone is itself.
    const [first, ...others] = inspections;
    const json = others.length === 0 ? first : inspections;
    if (options.json) {
        await writeOut(`${JSON.stringify(json, null, 4)}\n`);
        return EXIT.ok;
    }
    const sourceLine = sourceLines();
    const texts = inspections.map((each) =>
        "ptxVersion" in each ? formatPtx(each) : formatInspection(each, sourceLine),
    );
    await writeOut(`${(await Promise.all(texts)).join("\n\n\n")}\n`);
    return EXIT.ok;
}

/** Null, and a note, where the instructions can't be had: the rest can be told without the code generator. */
async function instructionsOf(file: CodeObjectFile): Promise<Disassembly | null> {
    try {
        return await disassemble(file);
    } catch (error) {
        if (!(error instanceof UserError || error instanceof CodegenUnavailableError)) throw error;
        writeError(formatNote(`instructions are not counted: ${error.message}`));
        return null;
    }
}

async function formatInspection(inspection: Inspection, sourceLine: SourceLine): Promise<string> {
    const features = [inspection.xnack, inspection.sramecc].flatMap((setting, index) =>
        setting === "on" || setting === "off" ? [`${["xnack", "sramecc"][index]} ${setting}`] : [],
    );
    const facts = [...features, `code object version ${inspection.codeObjectVersion}`];
    const networks = Object.entries(inspection.networks).map(([name, notes]) =>
        [`network ${name}`, ...notes.map((note) => `  ${note}`)].join("\n"),
    );
    const kernels = inspection.kernels.map((kernel) => formatAmdKernel(kernel, sourceLine));
    const functions = inspection.functions.map(
        async ({ name, instructions }) => `function ${name}\n  ${await formatMix(instructions, sourceLine, "    ")}`,
    );
    return formatAll(inspection, facts, [...networks, ...(await Promise.all([...kernels, ...functions]))]);
}

function formatPtx(inspection: PtxInspection): string {
    const kernels = inspection.kernels.map((kernel) =>
        formatKernel(kernel, [
            ["LDS", `${kernel.ldsBytes} bytes a workgroup`],
            ["registers", "the driver gives them out when it loads the PTX"],
        ]),
    );
    return formatAll(inspection, [`PTX ${inspection.ptxVersion}`], kernels);
}

function formatAll(
    { target, compiler }: Pick<Inspection, "target" | "compiler">,
    facts: readonly string[],
    kernels: readonly string[],
): string {
    const title = [target, ...facts, compiler ?? "not made by Soma"].join(", ");
    return [title, ...(kernels.length > 0 ? kernels : ["no kernels"])].join("\n\n");
}

async function formatAmdKernel(kernel: KernelInspection, sourceLine: SourceLine): Promise<string> {
    const facts = formatKernel(kernel, [
        ["wave", `${kernel.waveSize} lanes`],
        ["VGPRs", String(kernel.vgprs)],
        ...(kernel.agprs === null ? [] : [["AGPRs", String(kernel.agprs)] as const]),
        ["SGPRs", String(kernel.sgprs)],
        ["LDS", `${kernel.ldsBytes} bytes a workgroup`],
        ["scratch", `${kernel.scratchBytes} bytes a work-item`],
        ["spills", `${kernel.vgprSpills} VGPRs, ${kernel.sgprSpills} SGPRs`],
        ["occupancy", formatOccupancy(kernel.occupancy)],
    ]);
    return `${facts}\n  ${await formatMix(kernel.instructions, sourceLine, "    ")}`;
}

function formatKernel(kernel: DeclaredInspection, facts: readonly (readonly [string, string])[]): string {
    const launch = kernel.launch === null ? [] : [["launch", formatLaunch(kernel.launch)] as const];
    const products = (kernel.tiles?.products ?? []).map(({ operands, shape, instruction }) => {
        const way = instruction ?? "emulated by fused multiply-adds";
        return ["product", `${operands.join(" @ ")}, ${shape.join(" × ")}: ${way}`] as const;
    });
    const properties = formatTable([...launch, ...products, ...facts].map(([name, value]) => [`  ${name}`, value]));
    const doc = kernel.doc ? kernel.doc.split("\n").map((line) => `  ${line}`.trimEnd()) : [];
    return [`kernel ${kernel.name}`, ...doc, properties, formatArguments(kernel)].join("\n");
}

/** Such as `over n, workgroup 256`; sizes in grid order, x first. */
function formatLaunch(launch: LaunchManifest): string {
    const sizes = launch.kind === "over" ? launch.extents : launch.groups;
    const each = launch.kind === "over" && launch.elements ? `, ${launch.elements} elements each` : "";
    return `${launch.kind} ${sizes.map(formatDim).join(" × ")}, workgroup ${launch.workgroup.slice(0, sizes.length).join(" × ")}${each}`;
}

function formatArguments(kernel: DeclaredInspection): string {
    const types = new Map(
        kernel.parameters?.map((parameter) => [
            parameter.name,
            parameter.kind === "view" ? formatView(parameter) : typeText(parameter.type),
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
