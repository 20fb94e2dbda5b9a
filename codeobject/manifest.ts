// The Soma manifest: what a code object says of its kernels, so that one file is all that the runtime needs.
// It is JSON in the ELF section `.note.soma` (note name "Soma", type 1), or in a comment of PTX; spec/manifest.md describes
// it.

import type { NetworkManifest } from "./network/manifest.js";
import type { SmallFloat } from "./small-floats.js";

export const MANIFEST_VERSION = 1;
export const MANIFEST_SECTION = ".note.soma";
export const MANIFEST_NOTE_NAME = "Soma";
export const MANIFEST_NOTE_TYPE = 1;
/** What the line of PTX begins with that has the manifest. */
export const MANIFEST_PTX_PREFIX = "// Soma manifest: ";

export interface Manifest {
    readonly version: number;
    /** The compiler's name and version, such as `soma 0.1.0`. */
    readonly compiler: string;
    /** The target the code is for, such as `gfx1100` or `sm_90`. */
    readonly target: string;
    readonly kernels: readonly KernelManifest[];
    /** Places in the code that report to the host. A record on the device names one by its position here, from 1. */
    readonly reports: readonly ReportManifest[];
    /** Networks, whose kernels are among the others; absent is none. */
    readonly networks?: readonly NetworkManifest[];
}

/** A place in the source; the line counts from 1. */
export type ReportManifest = { readonly file: string; readonly line: number } & (
    | {
          readonly kind: "print" | "assert";
          /** The text around the values: one piece more than there are values. */
          readonly pieces: readonly string[];
          /** Types of the values, in the record's order. */
          readonly values: readonly ManifestScalar[];
      }
    /** An access out of bounds. The record's values are two `index`. */
    | {
          readonly kind: "bounds";
          /** `element`: an index and its extent; `end`: a slice's and the extent plus 1; `start`: a slice's and its end plus 1. */
          readonly access: "element" | "end" | "start";
          /** The view or array. */
          readonly name: string;
          /** Which of its dimensions, 0 the outermost. */
          readonly dimension: number;
      }
);

/**
 * The largest view: code addresses a view's elements with offsets of 32 bits, from which it may be a page off before a
 * constant corrects it. An extent of zero counts as one here, so that the others are bounded as well.
 */
export const MAX_VIEW_BYTES = 2 ** 32 - 4096;

/** The largest view that is declared `large`: what user space addresses (47 bits). */
export const MAX_LARGE_VIEW_BYTES = 2 ** 47;

/** The hidden argument's name; a dot keeps it apart from the source's. */
export const REPORTS_ARGUMENT = "soma.reports";

/** Element and scalar types as they lie in memory; `index` is a signed 64-bit integer, `bool` is a byte. */
export type ManifestScalar =
    | "bool"
    | "i8"
    | "i16"
    | "i32"
    | "i64"
    | "u8"
    | "u16"
    | "u32"
    | "u64"
    | "index"
    | "f16"
    | "f32"
    | "f64"
    | SmallFloat
    | "i4x2";

/** How many lanes a vector may have. */
export const VECTOR_LANES = [2, 3, 4, 8, 16] as const;

/** A vector: its scalars one after the other, without padding. */
export type ManifestVector = `${ManifestScalar}x${(typeof VECTOR_LANES)[number]}`;

export type ManifestElement = ManifestScalar | ManifestVector;

/** A structure with C's layout: `size` and offsets in bytes; fields in ascending order of offset. */
export interface ManifestStruct {
    readonly struct: string;
    readonly size: number;
    readonly fields: readonly { readonly name: string; readonly type: ManifestType; readonly offset: number }[];
}

/** An array that is a field, row-major. */
export interface ManifestArray {
    readonly array: ManifestType;
    readonly extents: readonly number[];
}

/** What a view's elements are, and what is passed by value. An enum is its integer. */
export type ManifestType = ManifestElement | ManifestStruct | ManifestArray;

export interface KernelManifest {
    /** Its name in the source; the descriptor's symbol is `<symbol>.kd`. */
    readonly name: string;
    readonly symbol: string;
    readonly doc: string;
    /** What a caller passes, by name, in source order. */
    readonly parameters: readonly ParameterManifest[];
    /** Dimension names, in order of first appearance. A caller may pass the ones that no view binds. */
    readonly dims: readonly string[];
    /** The kernel's argument buffer: where each piece goes (bytes), in ascending order of offset. */
    readonly arguments: readonly ArgumentManifest[];
    /** Size of the argument buffer in bytes, without what HIP itself may hide behind it. */
    readonly argumentSize: number;
    readonly launch: LaunchManifest;
    /** Arrays in LDS whose sizes the launch says, in the order in which they lie; absent is none. */
    readonly shared?: readonly SharedManifest[];
    /** Of a matrix kernel. */
    readonly tiles?: TilesManifest;
    /** Constants that tuning may choose, with what they are in this code; absent is none. */
    readonly tune?: readonly TunableManifest[];
}

export interface TunableManifest {
    readonly name: string;
    readonly choices: readonly number[];
    readonly value: number;
}

/** How a matrix kernel works: what one workgroup does of its domain, and what its products are done with. */
export interface TilesManifest {
    /** As written, outermost first; a point has a step of 1. */
    readonly domain: readonly { readonly extent: ManifestDim; readonly step: number }[];
    /** In the order of the code. */
    readonly products: readonly ProductManifest[];
}

/** One `@` of the source. */
export interface ProductManifest {
    /** Types of the elements on the left and on the right. */
    readonly operands: readonly [ManifestScalar, ManifestScalar];
    /** Of the tiles: m by n, summed over k. */
    readonly shape: readonly [m: number, n: number, k: number];
    /** The matrix instruction; null where it is emulated by fused multiply-adds of each work-item. */
    readonly instruction: string | null;
}

/** Each begins at the next multiple of SHARED_ALIGNMENT bytes from the start of the launch's dynamic LDS. */
export interface SharedManifest {
    readonly name: string;
    readonly element: ManifestType;
    readonly dims: readonly ManifestDim[];
}

export const SHARED_ALIGNMENT = 16;

export type ParameterManifest =
    /** A value of any type. */
    | { readonly kind: "scalar"; readonly name: string; readonly type: ManifestType }
    | {
          readonly kind: "view";
          readonly name: string;
          readonly element: ManifestType;
          /** Extents, outermost first; row-major. */
          readonly dims: readonly ManifestDim[];
          readonly mutable: boolean;
          /** Its strides are arguments: it need not be row-major. Absent is false, as for both below. */
          readonly strided?: boolean;
          /** It may have more than MAX_VIEW_BYTES. */
          readonly large?: boolean;
          /** It may overlap others. */
          readonly alias?: boolean;
      };

/** Integer arithmetic over dimension names in signed 64 bits: a number, a name, or [operator, left, right]. */
export type ManifestDim = number | string | readonly ["+" | "-" | "*" | "/" | "%", ManifestDim, ManifestDim];

export type ArgumentManifest =
    /** One scalar of the parameter of that name, which lies `at` bytes (0 where it is not said) from the value's start. */
    | {
          readonly kind: "scalar";
          readonly name: string;
          readonly type: ManifestScalar;
          readonly at?: number;
          readonly offset: number;
      }
    /** A 64-bit device address. */
    | { readonly kind: "view"; readonly name: string; readonly offset: number }
    /** A dimension's value as a signed 64-bit integer. */
    | { readonly kind: "dim"; readonly name: string; readonly offset: number }
    /** Of a strided view: elements between neighbours along a dimension, as a signed 64-bit integer, not negative. */
    | {
          readonly kind: "stride";
          readonly name: string;
          readonly view: string;
          readonly dimension: number;
          readonly offset: number;
      }
    /** The 64-bit address of the report buffer (report-buffer.ts), or 0 for none. Last, and only where it is used. */
    | { readonly kind: "reports"; readonly name: typeof REPORTS_ARGUMENT; readonly offset: number };

/** Sizes in grid order: x first. */
export type LaunchManifest =
    /**
     * A domain: the runtime launches ceil(ceil(extent / elements) / workgroup) workgroups on x, where `elements` (1 where it
     * is absent) is how many neighbours along x each work-item computes, and ceil(extent / workgroup) on the other axes. A
     * zero extent launches nothing.
     */
    | {
          readonly kind: "over";
          readonly extents: readonly ManifestDim[];
          readonly elements?: number;
          readonly workgroup: readonly number[];
      }
    | {
          readonly kind: "groups";
          readonly groups: readonly ManifestDim[];
          readonly workgroup: readonly number[];
          /**
           * Workgroups go on to what others of as many would do: any number of them from 1 on, along x alone, does all. The
           * runtime launches as many as the device holds at once. Absent is false.
           */
          readonly persistent?: boolean;
      };
