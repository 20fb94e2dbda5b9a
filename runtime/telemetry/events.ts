// What happens in the runtime, as data: one type for everything that is told to listeners (telemetry.ts). Events are plain
// objects that can be sent to other threads and written as JSON.

import type { SourcePlace } from "../errors.js";
import type { Extent3 } from "../grid.js";
import type { Counters } from "../kernel.js";

interface Event {
    /** When it happened: milliseconds since 1970, with fractions. Of events that take time, the end. */
    readonly time: number;
}

interface DeviceEvent extends Event {
    /** As `open` takes it, such as `hip:0` or `vgpu:gfx1100`. */
    readonly device: string;
}

/**
 * When the device worked on something: milliseconds on the device's own clock, which begins with its first operation that
 * was listened to. Intervals of all streams of a device are on one clock, so that they show what overlapped.
 */
export interface DeviceInterval {
    readonly start: number;
    readonly milliseconds: number;
}

/** Source was compiled; what the cache had is a CacheHitEvent instead. */
export interface CompileEvent extends Event {
    readonly kind: "compile";
    readonly path: string;
    readonly target: string;
    readonly milliseconds: number;
    /** Of the code object; 0 where the source has errors. */
    readonly bytes: number;
    readonly ok: boolean;
}

/** Code was wanted that was there: as a compiled module of this thread, in the compiler's memory, or on disk. */
export interface CacheHitEvent extends Event {
    readonly kind: "cache-hit";
    readonly path: string;
    readonly target: string;
    readonly where: "module" | "memory" | "disk";
    readonly milliseconds: number;
}

/** Device memory was taken or given back. */
export interface MemoryEvent extends DeviceEvent {
    readonly kind: "allocate" | "free";
    readonly bytes: number;
    /** In hexadecimal. */
    readonly address: string;
}

export type CopyDirection = "host-to-device" | "device-to-host" | "device-to-device" | "fill";

/** Memory was copied or filled. */
export interface CopyEvent extends DeviceEvent {
    readonly kind: "copy";
    readonly direction: CopyDirection;
    readonly bytes: number;
    /** Streams of a thread are counted from 1. */
    readonly stream: number;
    /** From the call to the end, on the host's clock. */
    readonly milliseconds: number;
    /** Undefined where the device could not measure it. */
    readonly interval: DeviceInterval | undefined;
}

/** A kernel was called, and its launch queued. */
export interface LaunchEvent extends DeviceEvent {
    readonly kind: "launch";
    /** Of this thread; its FinishEvent or FaultEvent has the same. */
    readonly id: number;
    readonly kernel: string;
    readonly grid: Extent3;
    readonly block: Extent3;
    readonly stream: number;
}

/** A matrix kernel was launched: what one of its products is done with, and for which shape. One event for each `@`. */
export interface ProductEvent extends DeviceEvent {
    readonly kind: "product";
    /** The launch's. */
    readonly id: number;
    readonly kernel: string;
    /** The matrix instruction; null for fused multiply-adds, where the target has none for these types or the tiles are too small. */
    readonly algorithm: string | null;
    /** Types of the elements on the left and on the right. */
    readonly operands: readonly [string, string];
    /** Of the tiles: m, n and k. */
    readonly tile: readonly [number, number, number];
    /** The launch's dimensions by their names. */
    readonly dims: Readonly<Record<string, number>>;
    /** How much of what the workgroups' tiles cover of the domain is inside of it: 1 where no edge is masked. */
    readonly utilisation: number;
}

/** `gpu.matrix` chose what launches of a kernel with these dimensions run: told once for each. */
export interface ChoiceEvent extends DeviceEvent {
    readonly kind: "choice";
    readonly kernel: string;
    readonly dims: Readonly<Record<string, number>>;
    /** Constants by their names; those that are missing are as in the source. */
    readonly values: Readonly<Record<string, number>>;
    /** Into how many parts sums are split. */
    readonly parts: number;
    /** How many workgroups have equal shares of the product; 0 where each block, or part of one, has a workgroup. */
    readonly shares: number;
    /** What tuning found, an estimate, or what stands in the source. */
    readonly by: "results" | "estimate" | "source";
}

/** A kernel has finished. */
export interface FinishEvent extends DeviceEvent {
    readonly kind: "finish";
    readonly id: number;
    readonly kernel: string;
    readonly stream: number;
    /** Undefined where the device could not measure it. */
    readonly interval: DeviceInterval | undefined;
    /** As in the launch's result. */
    readonly counters: Counters | "unavailable";
}

/** A graph's replay has finished. Its kernels are told of by this event alone. */
export interface ReplayEvent extends DeviceEvent {
    readonly kind: "replay";
    readonly stream: number;
    /** Launches and copies that it ran. */
    readonly kernels: number;
    readonly copies: number;
    /** From the call to the end, on the host's clock. */
    readonly milliseconds: number;
    /** Undefined where the device could not measure it, or has no graphs, so that they went one by one. */
    readonly interval: DeviceInterval | undefined;
}

/** A launch, a copy or a replay failed. */
export interface FaultEvent extends DeviceEvent {
    readonly kind: "fault";
    /** Of the launch; undefined for a copy or a replay. */
    readonly id: number | undefined;
    readonly kernel: string | undefined;
    readonly stream: number;
    /** The error's, such as `ERR_SOMA_BOUNDS`; undefined for an error that is none of the runtime's. */
    readonly code: string | undefined;
    readonly message: string;
    /** Where in the source it was, if that is known. */
    readonly place: SourcePlace | undefined;
}

/** Told apart by `kind`. */
export type TelemetryEvent =
    | CompileEvent
    | CacheHitEvent
    | MemoryEvent
    | CopyEvent
    | LaunchEvent
    | ProductEvent
    | ChoiceEvent
    | FinishEvent
    | ReplayEvent
    | FaultEvent;
