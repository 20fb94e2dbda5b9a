// Every error that the runtime throws. All are SomaErrors: their message names the cause and the remedy, their `code` is
// stable. What HIP says is kept as data, so that a program can tell the cases apart.

import { SomaError } from "../codeobject/error.js";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.js";
import type { ElementValue } from "./elements.js";

export { CodeObjectError, SomaError } from "../codeobject/error.js";

/** A value that does not fit where it was given: an argument of a kernel, the data of a tensor, a device's name. */
export class ArgumentError extends SomaError {
    override readonly code: "ERR_SOMA_ARGUMENT" | "ERR_SOMA_SHAPE" = "ERR_SOMA_ARGUMENT";
}

/** Shapes that do not agree with each other or with the kernel's declaration. */
export class ShapeError extends ArgumentError {
    override readonly code = "ERR_SOMA_SHAPE";
}

/** A launch whose size is no size or exceeds the device. */
export class LaunchError extends SomaError {
    readonly code = "ERR_SOMA_LAUNCH";
}

/** A tensor, module or device used after it was disposed or closed. */
export class DisposedError extends SomaError {
    readonly code = "ERR_SOMA_DISPOSED";
}

/**
 * An AbortSignal ended the wait for an operation; its reason is the `cause`. A launch that had not begun does not run, one that had
 * is stopped on the virtual GPU and ends as it would on any other; what it writes is unspecified.
 */
export class AbortError extends SomaError {
    readonly code = "ERR_SOMA_ABORTED";
}

/** A device that is not there, or that lacks what was asked of it. */
export class DeviceError extends SomaError {
    readonly code = "ERR_SOMA_DEVICE";
}

/** A file that could not be read. */
export class LoadError extends SomaError {
    readonly code = "ERR_SOMA_LOAD";
}

/** Soma source with errors. The message is their rendered text. */
export class CompileError extends SomaError {
    readonly code = "ERR_SOMA_COMPILE";

    constructor(
        message: string,
        readonly diagnostics: readonly Diagnostic[],
    ) {
        super(message);
    }
}

/** A network whose numbers have no meaning any more: a state that is NaN or infinite, a sum that could overflow. */
export class NetworkFault extends SomaError {
    readonly code = "ERR_SOMA_NETWORK";

    constructor(
        message: string,
        /** The population, the neuron in it, the instance and the step in which it was found first. */
        readonly place: {
            readonly population: string;
            readonly neuron: number;
            readonly instance: number;
            readonly step: number;
        },
    ) {
        super(message);
    }
}

/** A failing HIP call. `instanceof` tells the kinds of failure apart; `hip.name` the code. */
export class HipError extends SomaError {
    readonly code:
        | "ERR_SOMA_HIP"
        | "ERR_SOMA_KERNEL_FAULT"
        | "ERR_SOMA_OUT_OF_MEMORY"
        | "ERR_SOMA_DEVICE_LOST"
        | "ERR_SOMA_NOT_SUPPORTED" = "ERR_SOMA_HIP";

    constructor(
        message: string,
        /** The call, the value and name of its hipError_t, and what was asked, such as `4096 bytes on device 0`. */
        readonly hip: { readonly call: string; readonly code: number; readonly name: string; readonly asked: string },
        options?: ErrorOptions,
    ) {
        super(message, options);
    }
}

/** The device's memory, or the memory that it may take of the host, doesn't suffice. Nothing was taken. */
export class OutOfMemoryError extends HipError {
    override readonly code = "ERR_SOMA_OUT_OF_MEMORY";
}

/**
 * The device has disappeared, or can't be used any more: unplugged, reset by another process, its memory damaged. Everything on
 * it is lost; another device can be opened.
 */
export class DeviceLostError extends HipError {
    override readonly code = "ERR_SOMA_DEVICE_LOST";
}

/** The device or its library can't do what was asked. */
export class NotSupportedError extends HipError {
    override readonly code = "ERR_SOMA_NOT_SUPPORTED";
}

/** A place in a source file; the line counts from 1. */
export interface SourcePlace {
    readonly file: string;
    readonly line: number;
}

/**
 * A kernel that was stopped: an access out of bounds, an instruction that is not known, a limit that was reached.
 * On the virtual GPU the device can be used again at once; the contents of tensors the kernel wrote are unspecified.
 */
export class KernelFault extends HipError {
    override readonly code = "ERR_SOMA_KERNEL_FAULT";

    constructor(
        message: string,
        hip: HipError["hip"],
        /** The kernel at fault; undefined where an operation was behind it in the queue and the device doesn't say. */
        readonly kernel: string | undefined,
        /** Where in the source it was, if the code object has debug information and the device looks it up. */
        readonly place: SourcePlace | undefined,
        options?: ErrorOptions,
    ) {
        super(message, hip, options);
    }
}

/** Where a work-item is in its launch, one number for each dimension as the source has them: outermost first. */
export interface WorkItem {
    /** Its workgroup in the grid. */
    readonly group: readonly number[];
    /** Its place in the workgroup. */
    readonly local: readonly number[];
}

/**
 * A kernel that found a mistake itself and ended the waves in which it happened; all others ran to their end. The device
 * can be used again at once.
 */
export abstract class ReportedFault extends SomaError {
    abstract override readonly code: "ERR_SOMA_ASSERT" | "ERR_SOMA_BOUNDS";

    constructor(
        message: string,
        readonly kernel: string,
        readonly place: SourcePlace,
        /** The first work-item that failed. */
        readonly workItem: WorkItem,
        /** How many work-items failed. */
        readonly count: number,
    ) {
        super(message);
    }
}

/** An `assert` in a kernel whose condition was false. */
export class AssertionFault extends ReportedFault {
    override readonly code = "ERR_SOMA_ASSERT";

    constructor(
        message: string,
        kernel: string,
        place: SourcePlace,
        workItem: WorkItem,
        count: number,
        /** The text of the `assert`, filled in. */
        readonly text: string,
        readonly values: readonly ElementValue[],
    ) {
        super(message, kernel, place, workItem, count);
    }
}

/** An access out of bounds in a kernel that was compiled with checks. */
export class BoundsFault extends ReportedFault {
    override readonly code = "ERR_SOMA_BOUNDS";

    constructor(
        message: string,
        kernel: string,
        place: SourcePlace,
        workItem: WorkItem,
        count: number,
        /** The view or array, and which of its dimensions; 0 is the outermost. */
        readonly view: { readonly name: string; readonly dimension: number },
        /** The index, or the bound of a slice. */
        readonly index: bigint,
        /** What the index must be below; a slice's bound may be equal to it. */
        readonly extent: bigint,
    ) {
        super(message, kernel, place, workItem, count);
    }
}
