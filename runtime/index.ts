// soma-lang/runtime: devices, tensors and kernels.
//
//     import { open } from "soma-lang/runtime";
//
//     using gpu = await open();
//     const { saxpy } = await gpu.load<"saxpy">("saxpy.soma");
//     const x = gpu.tensor("f32", [1000], data);
//     const y = gpu.tensor("f32", [1000]);
//     await saxpy({ a: 2, x, y });
//     console.log(await y.read());

export type { KernelManifest, Manifest, ParameterManifest } from "../codeobject/manifest.js";
export { formatSignature, type KernelArgument, type KernelArguments } from "./arguments.js";
export { keepCompiled } from "./compile/recent.js";
export type { NestedValues, StructType, TensorContents, TensorData, TensorType } from "./contents.js";
export {
    type DataArrays,
    ELEMENT_TYPES,
    type ElementArrays,
    type ElementType,
    type ElementValue,
    elementSize,
    type HostArrays,
    type ScalarType,
} from "./elements.js";
export {
    AbortError,
    ArgumentError,
    AssertionFault,
    BoundsFault,
    CodeObjectError,
    CompileError,
    DeviceError,
    DeviceLostError,
    DisposedError,
    HipError,
    KernelFault,
    LaunchError,
    LoadError,
    NetworkFault,
    NotSupportedError,
    OutOfMemoryError,
    ReportedFault,
    ShapeError,
    SomaError,
    type SourcePlace,
    type WorkItem,
} from "./errors.js";
export type { DlpackTensor, SharedTensor } from "./exchange.js";
export type { Gpu, GpuKind, Limits } from "./gpu.js";
export { Graph, GraphParameter } from "./graph.js";
export type { Extent3 } from "./grid.js";
export { halfFromNumber, numberFromHalf } from "./half.js";
export { HIP_ERRORS, type HipErrorKind, type HipErrorName, kindOfHipError } from "./hip/errors.js";
export type { Counters, Kernel, LaunchOptions, LaunchResult } from "./kernel.js";
export type { TuningResult, TuningResults } from "./matrix/results.js";
export type { ShareKernels } from "./matrix/shares.js";
export type { SplitKernels } from "./matrix/split.js";
export type { Choice, MatrixOptions, TunedKernel } from "./matrix/tuned.js";
export type { LostBuffer, MemoryKind, MemoryOptions, MemoryStatistics } from "./memory/memory.js";
export type { KernelModule, LoadInput, LoadOptions, ModuleMembers } from "./module.js";
export type { Activity } from "./network/activity.js";
export { NetworkDefinition } from "./network/definition.js";
export type { Network } from "./network/network.js";
export { type ImportedNetwork, importNir } from "./network/nir.js";
export { exportNir } from "./network/nir-export.js";
export { decodeNpy, encodeNpy, type NpyArray } from "./network/npy.js";
export type { NetworkOptions } from "./network/options.js";
export type { TrainOptions } from "./network/passes.js";
export type { Spikes, Trajectory } from "./network/recorder.js";
export type { Candidate, SearchOptions, SearchResult, Trial } from "./network/search.js";
export type { SynapseData } from "./network/synapses.js";
export type { ParameterValue } from "./network/values.js";
export type { Frame, Sample, WatchOptions } from "./network/watch.js";
export { type DeviceInfo, devices, type OpenOptions, open } from "./open.js";
export type { GpuProperties } from "./properties.js";
export type { Printed, ReportOptions } from "./reports.js";
export { Stream, StreamEvent, type StreamOptions } from "./stream.js";
export { array, type FieldValue, type StructValue, struct } from "./structs.js";
export type {
    CacheHitEvent,
    ChoiceEvent,
    CompileEvent,
    CopyDirection,
    CopyEvent,
    DeviceInterval,
    FaultEvent,
    FinishEvent,
    LaunchEvent,
    MemoryEvent,
    ProductEvent,
    ReplayEvent,
    TelemetryEvent,
} from "./telemetry/events.js";
export type { Sensors } from "./telemetry/sensors.js";
export { type Subscription, TELEMETRY_CHANNEL, type TelemetryListener, telemetry } from "./telemetry/telemetry.js";
export { recordTrace, type Trace, type TraceEntry, type TraceRecording, traceOf } from "./telemetry/trace.js";
export type { SlicePart, Tensor, TensorOptions, TransferOptions } from "./tensor.js";
export type {
    KernelProfile,
    LineProfile,
    Profile,
    ProfileCounts,
    ReportKind,
    ReportPlace,
    ReportWorkItem,
    RooflineEstimate,
    SanitizerReport,
    Virtual,
} from "./virtual.js";
export type {
    LaneSample,
    RegisterChange,
    SourceVariable,
    StopRequest,
    TraceRequest,
    TraceStep,
    VirtualTrace,
    WorkgroupSpan,
} from "./virtual-trace.js";
