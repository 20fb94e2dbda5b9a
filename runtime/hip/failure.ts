// From what the addon throws to the runtime's errors. A failure of the device is a HipError or KernelFault; anything that
// isn't a failing HIP call passes through.

import { normalize } from "node:path";
import {
    DeviceLostError,
    HipError,
    KernelFault,
    NotSupportedError,
    OutOfMemoryError,
    type SourcePlace,
} from "../errors.js";
import type { NativeHipError } from "./binding.js";
import { kindOfHipError } from "./errors.js";

const ERROR_OF = {
    memory: OutOfMemoryError,
    lost: DeviceLostError,
    unsupported: NotSupportedError,
    refused: HipError,
} as const;

/** @param kernel the kernel whose launch failed, if the failing operation was one */
export function fromNative(error: unknown, kernel?: string): unknown {
    if (!isNativeHipError(error)) {
        return error;
    }
    const { call, code, name, asked, text, fault, help } = error;
    const hip = { call, code, name, asked };
    const remedy = help === undefined ? "" : `: ${help}`;
    const kind = kindOfHipError(code);
    if (kind === "fault") {
        const subject = kernel === undefined ? "a kernel that was launched before" : `the kernel ${kernel}`;
        // Words of the device begin with the kernel's name.
        const message = fault || `${subject} was stopped: ${name}, ${text}`;
        return new KernelFault(`${message}${remedy}`, hip, kernel, placeIn(fault), {
            cause: error,
        });
    }
    if (kind === "lost" && help !== undefined) {
        return new DeviceLostError(`${asked}: ${help}`, hip, { cause: error });
    }
    const words = fault === undefined || fault === "" ? "" : `: ${fault}`;
    // A library that doesn't know the code has its name for a text.
    const meaning = text === name || text === "" ? "" : `: ${text}`;
    return new ERROR_OF[kind](`${call} failed with ${name} (${code}${meaning}) for ${asked}${words}${remedy}`, hip, {
        cause: error,
    });
}

/** Runs a call into the addon; its failure is one of the runtime's errors. */
export function native<T>(call: () => T): T {
    try {
        return call();
    } catch (error) {
        throw fromNative(error);
    }
}

/** Awaits an operation of the addon; its failure is one of the runtime's errors. */
export async function completed<T>(operation: () => Promise<T>, kernel?: string): Promise<T> {
    try {
        return await operation();
    } catch (error) {
        throw fromNative(error, kernel);
    }
}

export function isNativeHipError(error: unknown): error is NativeHipError {
    return error instanceof Error && "call" in error && "code" in error && typeof error.code === "number";
}

/** The first place of Soma source that the fault's words name, as `FILE.soma:LINE`. */
function placeIn(fault: string | undefined): SourcePlace | undefined {
    const match = /([^\s()]+\.soma):(\d+)/.exec(fault ?? "");
    return match === null ? undefined : { file: normalize(match[1] as string), line: Number(match[2]) };
}
