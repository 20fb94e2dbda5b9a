// open() and devices(): from a device's name to a GPU. The library that is loaded decides what the device is.

import { describeValue } from "./elements.js";
import { ArgumentError, DeviceError } from "./errors.js";
import { Gpu, type GpuKind } from "./gpu.js";
import { cudaLibraryPath, loadAddon, virtualLibraryPath } from "./hip/addon.js";
import type { NativeBinding, NativeDevice, NativeLibrary, NativeLibraryError } from "./hip/binding.js";
import { fromNative, isNativeHipError } from "./hip/failure.js";
import type { MemoryOptions } from "./memory/memory.js";
import { requireOptions } from "./options.js";
import { prepareCounters, startCounters } from "./telemetry/sensors.js";

/** A device that `open` takes, or the reason why there is none. */
export interface DeviceInfo {
    /** What `open` takes, such as `hip`, `hip:1`, `cuda` or `vgpu:gfx1100`. */
    readonly device: string;
    readonly kind: GpuKind;
    readonly available: boolean;
    /** The device's own name; undefined where it is unavailable. */
    readonly name: string | undefined;
    readonly target: string | undefined;
    /** Bytes of device memory. */
    readonly memoryBytes: number | undefined;
    /** Cause and remedy where it is unavailable. */
    readonly reason: string | undefined;
}

const ACCEPTED =
    '"hip", "hip:INDEX", "cuda", "cuda:INDEX", "vgpu", "vgpu:TARGET" such as "vgpu:gfx1100", "vgpu:TARGET:INDEX", or the path of a HIP library';

/** Of one target. */
const MOST_VIRTUAL = 16;

export interface OpenOptions {
    /** Of its memory: whether it is pooled, a limit, warnings. */
    readonly memory?: MemoryOptions;
    /**
     * Of an AMD GPU: counters that `gpu.sensors()` then tells, by ROCm's names, such as `SQ_WAVES` and `GRBM_COUNT`. For the first GPU that a
     * process opens: ROCm's library for it has to be there before HIP's. Where it is missing, or this is not an AMD GPU, there are none.
     */
    readonly counters?: readonly string[];
}

/**
 * Opens a device. Without a name it is an AMD GPU if there is one, else an NVIDIA GPU, else the virtual one; `gpu.kind` and
 * `gpu.name` say which. Every other name means that device and no other.
 * @param device `hip`, `hip:1` (the second AMD GPU), `cuda`, `cuda:1` (NVIDIA's), `vgpu`, `vgpu:gfx1100`, `vgpu:gfx1100:1` (a second one), or the path of a library that exports HIP
 * @throws DeviceError with cause and remedy where the device isn't there; ArgumentError for a name that is none, and for counters that
 * the GPU doesn't have, or not all at a time
 */
export async function open(device?: string, options: OpenOptions = {}): Promise<Gpu> {
    const addon = loadAddon();
    const { memory, counters } = requireOptions("open", options);
    if (counters !== undefined) prepareCounters(counters);
    const gpu = openDevice(addon, device, memory);
    if (counters === undefined || gpu.kind !== "hip") return gpu;
    try {
        startCounters(gpu.device, counters);
        return gpu;
    } catch (error) {
        gpu.close();
        throw error;
    }
}

function openDevice(addon: NativeBinding, device: string | undefined, memory: MemoryOptions | undefined): Gpu {
    if (device === undefined) {
        for (const kind of REAL_KINDS) {
            const library = tryReal(addon, kind);
            if (!(library instanceof Error)) return new Gpu(library.device(0), kind, memory);
        }
        return openVirtual(addon, undefined, memory);
    }
    const [, kind, argument] = /^(hip|cuda|vgpu)(?::(.*))?$/.exec(String(device)) ?? [];
    if (kind === "vgpu") {
        return openVirtual(addon, argument, memory);
    }
    if (kind === "hip" || kind === "cuda") {
        return openReal(addon, kind, argument, memory);
    }
    if (typeof device === "string" && /[/\\]|\.so(\.|$)/.test(device)) {
        return openLibrary(addon, device, memory);
    }
    throw new ArgumentError(`there is no device ${describeValue(device)}: open takes ${ACCEPTED}`);
}

/** Every device that `open` takes here, and why the others are not available. */
export async function devices(): Promise<readonly DeviceInfo[]> {
    const addon = loadAddon();
    const real = REAL_KINDS.flatMap((kind) => {
        const library = tryReal(addon, kind);
        return library instanceof Error ? [unavailable(kind, kind, library)] : listDevices(library, kind, nameOf(kind));
    });
    try {
        return [...real, ...listDevices(virtualLibrary(addon), "virtual", (device) => `vgpu:${device.target}`)];
    } catch (error) {
        return [...real, unavailable("vgpu", "virtual", error)];
    }
}

/** Real GPUs, in the order in which they are preferred. */
const REAL_KINDS = ["hip", "cuda"] as const;
type RealKind = (typeof REAL_KINDS)[number];

function nameOf(kind: RealKind): (device: NativeDevice) => string {
    return ({ index }) => (index === 0 ? kind : `${kind}:${index}`);
}

function listDevices(library: NativeLibrary, kind: GpuKind, nameOf: (device: NativeDevice) => string): DeviceInfo[] {
    return allDevices(library).map((device) => ({
        device: nameOf(device),
        kind,
        available: true,
        name: device.name,
        target: device.target,
        memoryBytes: device.memory().total,
        reason: undefined,
    }));
}

function unavailable(device: string, kind: GpuKind, error: unknown): DeviceInfo {
    const reason = error instanceof Error ? error.message : String(error);
    return { device, kind, available: false, name: undefined, target: undefined, memoryBytes: undefined, reason };
}

/** A library with at least one real GPU, or why there is none. */
function tryReal(addon: NativeBinding, kind: RealKind): NativeLibrary | DeviceError | ArgumentError {
    try {
        if (kind === "hip") return addon.openHip();
        const library = addon.openLibrary(cudaLibraryPath());
        if (library.deviceCount() > 0) return library;
        throw new DeviceError(
            "can't open cuda: NVIDIA's driver is installed, but it finds no GPU: see what nvidia-smi says, and whether CUDA_VISIBLE_DEVICES hides it. Without a GPU, use the virtual one: the device \"vgpu\"",
        );
    } catch (error) {
        return noDevice(kind, error);
    }
}

function openReal(
    addon: NativeBinding,
    kind: RealKind,
    argument: string | undefined,
    memory: MemoryOptions | undefined,
): Gpu {
    const index = argument === undefined ? 0 : Number(argument);
    if (!Number.isSafeInteger(index) || index < 0 || argument === "") {
        throw new ArgumentError(`${kind} takes the index of a GPU, as in ${kind}:0, not ${describeValue(argument)}`);
    }
    const library = tryReal(addon, kind);
    if (library instanceof Error) {
        throw library;
    }
    const count = library.deviceCount();
    if (index >= count) {
        throw new DeviceError(`there is no device ${kind}:${index}: ${library.path} finds ${count}, counted from 0`);
    }
    return new Gpu(library.device(index), kind, memory);
}

function openLibrary(addon: NativeBinding, path: string, memory: MemoryOptions | undefined): Gpu {
    try {
        const library = addon.openLibrary(path);
        const [device] = allDevices(library);
        if (device === undefined) {
            throw new DeviceError(`${path} finds no device`);
        }
        return new Gpu(device, kindOf(library, device), memory);
    } catch (error) {
        throw noDevice(path, error);
    }
}

function kindOf(library: NativeLibrary, { target }: NativeDevice): GpuKind {
    if (library.virtualAbiVersion !== undefined) return "virtual";
    return target.startsWith("sm_") ? "cuda" : "hip";
}

function openVirtual(addon: NativeBinding, argument: string | undefined, memory: MemoryOptions | undefined): Gpu {
    const [target, number] = argument?.split(":", 2) ?? [];
    const index = Number(number ?? 0);
    if (!Number.isSafeInteger(index) || index < 0 || index >= MOST_VIRTUAL || number === "") {
        throw new ArgumentError(
            `vgpu takes a target and the number of one of up to ${MOST_VIRTUAL} devices, as in vgpu:gfx1100:1, not ${describeValue(argument)}`,
        );
    }
    try {
        const library = virtualLibrary(addon);
        const find = () =>
            allDevices(library).filter((device) => target === undefined || device.target === target)[index];
        for (let device = find(); device === undefined && target !== undefined; device = find()) {
            library.configureVirtualDevices([...allDevices(library).map((each) => each.target), target]);
        }
        const device = find();
        if (device === undefined) {
            throw new DeviceError("the virtual GPU has no devices: SOMA_VGPU lists their targets, such as gfx1100");
        }
        return new Gpu(device, "virtual", memory, index);
    } catch (error) {
        throw noDevice(argument === undefined ? "vgpu" : `vgpu:${argument}`, error);
    }
}

function virtualLibrary(addon: NativeBinding): NativeLibrary {
    return addon.openLibrary(virtualLibraryPath());
}

function allDevices(library: NativeLibrary): NativeDevice[] {
    return Array.from({ length: library.deviceCount() }, (_, index) => library.device(index));
}

/** Why a device can't be opened. The addon's or device's own words say it all: HIP's come after. */
function noDevice(device: string, error: unknown): DeviceError | ArgumentError {
    if (error instanceof DeviceError || error instanceof ArgumentError) {
        return error;
    }
    const cause = fromNative(error);
    if (isNativeHipError(error) && (error.help ?? error.fault) !== undefined) {
        return new DeviceError(`can't open ${device}: ${error.help ?? error.fault} (${error.call}: ${error.name})`, {
            cause,
        });
    }
    const help = isNativeLibraryError(error) && error.help !== undefined ? `: ${error.help}` : "";
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new DeviceError(`can't open ${device}: ${reason}${help}`, { cause });
}

function isNativeLibraryError(error: unknown): error is NativeLibraryError {
    return error instanceof Error && error.name === "HipLibraryError";
}
