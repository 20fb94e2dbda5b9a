// Every code of HIP's is an error of a kind, and the codes are those of the header.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../../compiler/shell/package-root.js";
import { fromNative } from "../../../runtime/hip/failure.js";
import {
    DeviceLostError,
    HIP_ERRORS,
    HipError,
    KernelFault,
    NotSupportedError,
    OutOfMemoryError,
    SomaError,
} from "../../../runtime/index.js";
import { hipError } from "../fake-device.js";

it("knows the codes of the header", () => {
    const header = readFileSync(join(packageRoot(), "native/hip_abi/hip_abi.h"), "utf8");
    const [, list = ""] = /#define SOMA_HIP_ERRORS\(X\)(.*?)\n\n/s.exec(header) ?? [];
    const codes = Array.from(list.matchAll(/X\((hipError\w+), (\d+),/g), ([, name, value]) => [name, Number(value)]);
    expect(codes.length).toBeGreaterThan(60);
    expect(Object.entries(HIP_ERRORS)).toEqual(codes);
});

it.each(Object.entries(HIP_ERRORS))("makes %s an error with its name", (name, code) => {
    const error = fromNative(hipError(code, name, "hipMalloc"));
    expect(error).toBeInstanceOf(HipError);
    expect(error).toBeInstanceOf(SomaError);
    expect((error as HipError).hip).toMatchObject({ name, code, call: "hipMalloc" });
    expect((error as HipError).message).toContain(name);
});

it.each([
    [2, OutOfMemoryError, "ERR_SOMA_OUT_OF_MEMORY"],
    [4, DeviceLostError, "ERR_SOMA_DEVICE_LOST"],
    [100, DeviceLostError, "ERR_SOMA_DEVICE_LOST"],
    [709, DeviceLostError, "ERR_SOMA_DEVICE_LOST"],
    [801, NotSupportedError, "ERR_SOMA_NOT_SUPPORTED"],
    [700, KernelFault, "ERR_SOMA_KERNEL_FAULT"],
    [702, KernelFault, "ERR_SOMA_KERNEL_FAULT"],
    [1, HipError, "ERR_SOMA_HIP"],
    // Of a HIP to come.
    [31337, HipError, "ERR_SOMA_HIP"],
])("tells code %i by its class", (code, type, text) => {
    const error = fromNative(hipError(code, "hipErrorOfThis", "hipMalloc"));
    expect(error?.constructor).toBe(type);
    expect(error).toMatchObject({ code: text });
});
