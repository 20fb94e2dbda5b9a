// What an AMD code object says of its kernels, from AMD's metadata and, where Soma made it, the manifest.

import type { AmdCodeObject } from "../../codeobject/codeobject.js";
import type { KernelManifest, LaunchManifest, ParameterManifest, TilesManifest } from "../../codeobject/manifest.js";
import type { ArgumentMetadata, KernelMetadata } from "../../codeobject/metadata.js";
import type { Disassembly } from "../../native/llvm/index.js";
import { type Occupancy, occupancy } from "../targets/occupancy.js";
import { type InstructionMix, instructionMix } from "./instruction-mix.js";

/** What `soma inspect --json` prints for a code object of AMD's. Sizes are in bytes. */
export interface Inspection {
    readonly target: string;
    readonly xnack: string;
    readonly sramecc: string;
    readonly codeObjectVersion: number;
    /** Null, as are the other fields of the manifest, for a code object that Soma did not make. */
    readonly compiler: string | null;
    readonly kernels: readonly KernelInspection[];
    /** What kernels call and is not part of their code. */
    readonly functions: readonly { readonly name: string; readonly instructions: InstructionMix }[];
    /** How each network's equations are solved, by its name. */
    readonly networks: Readonly<Record<string, readonly string[]>>;
}

/** Of a kernel for any GPU. */
export interface DeclaredInspection {
    readonly name: string;
    /** AMD's is the kernel descriptor's. */
    readonly symbol: string;
    readonly doc: string | null;
    /** What a caller passes by name. */
    readonly parameters: readonly ParameterManifest[] | null;
    readonly dims: readonly string[] | null;
    readonly launch: LaunchManifest | null;
    /** The argument buffer. */
    readonly arguments: readonly ArgumentInspection[];
    readonly argumentBytes: number;
    /** For each workgroup. */
    readonly ldsBytes: number;
    /** Of a matrix kernel, what its products are done with. */
    readonly tiles: TilesManifest | null;
}

export interface KernelInspection extends DeclaredInspection {
    readonly waveSize: number;
    readonly vgprs: number;
    /** Null where the target has no accumulation registers. */
    readonly agprs: number | null;
    readonly sgprs: number;
    readonly vgprSpills: number;
    readonly sgprSpills: number;
    /** For each work-item. */
    readonly scratchBytes: number;
    readonly maxWorkgroupSize: number;
    /** Null for a target whose limits are not known. */
    readonly occupancy: Occupancy | null;
    /** Null where the code was not disassembled. */
    readonly instructions: InstructionMix | null;
}

export interface ArgumentInspection {
    readonly name: string | null;
    readonly offset: number;
    readonly size: number;
    /** AMD's value kind, such as `by_value` or `global_buffer`. */
    readonly kind: string;
}

/** @param disassembly null to count no instructions */
export function inspectCodeObject(
    { target, xnack, sramecc, version, metadata, manifest }: AmdCodeObject,
    disassembly: Disassembly | null,
): Inspection {
    const code = disassembly?.functions ?? [];
    return {
        target,
        xnack,
        sramecc,
        codeObjectVersion: version,
        compiler: manifest?.compiler ?? null,
        networks: Object.fromEntries((manifest?.networks ?? []).map(({ name, notes }) => [name, notes])),
        kernels: metadata.kernels.map((kernel) => {
            const declared = manifest?.kernels.find((each) => `${each.symbol}.kd` === kernel.symbol);
            const own = code.find(({ name }) => `${name}.kd` === kernel.symbol);
            return { ...inspectKernel(target, kernel, declared), instructions: own ? instructionMix(own) : null };
        }),
        functions: code
            .filter((each) => !each.kernel)
            .map((each) => ({ name: each.name, instructions: instructionMix(each) })),
    };
}

function inspectKernel(
    target: string,
    kernel: KernelMetadata,
    declared: KernelManifest | undefined,
): Omit<KernelInspection, "instructions"> {
    return {
        ...declaredPart(kernel, declared),
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

/** What the manifest says of a kernel, or at least its names. */
export function declaredPart(
    { name, symbol }: { readonly name: string; readonly symbol: string },
    declared: KernelManifest | undefined,
): Pick<DeclaredInspection, "name" | "symbol" | "doc" | "parameters" | "dims" | "launch" | "tiles"> {
    return {
        name: declared?.name ?? name,
        symbol,
        doc: declared?.doc ?? null,
        parameters: declared?.parameters ?? null,
        dims: declared?.dims ?? null,
        launch: declared?.launch ?? null,
        tiles: declared?.tiles ?? null,
    };
}

function inspectArgument(argument: ArgumentMetadata, declared: KernelManifest | undefined): ArgumentInspection {
    const { offset, size, valueKind } = argument;
    const name = argument.name ?? declared?.arguments.find((each) => each.offset === offset)?.name;
    return { name: name ?? null, offset, size, kind: valueKind };
}

/** Such as `12 of 16 waves a SIMD, limited by VGPRs`. */
export function formatOccupancy(value: Occupancy | null): string {
    if (value === null) {
        return "unknown for this target";
    }
    const cause = value.limitedBy === null ? "" : `, limited by ${value.limitedBy}`;
    return `${value.wavesPerSimd} of ${value.maxWavesPerSimd} waves a SIMD${cause}`;
}
