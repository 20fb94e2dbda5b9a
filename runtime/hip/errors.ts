// HIP's error codes by name: hipError_t of the HIP API reference, whose values are equal in HIP 5, 6 and 7. A test holds them
// against the header (native/hip_abi/hip_abi.h).

/** The value of each hipError_t. */
export const HIP_ERRORS = {
    hipErrorInvalidValue: 1,
    hipErrorOutOfMemory: 2,
    hipErrorNotInitialized: 3,
    hipErrorDeinitialized: 4,
    hipErrorProfilerDisabled: 5,
    hipErrorProfilerNotInitialized: 6,
    hipErrorProfilerAlreadyStarted: 7,
    hipErrorProfilerAlreadyStopped: 8,
    hipErrorInvalidConfiguration: 9,
    hipErrorInvalidPitchValue: 12,
    hipErrorInvalidSymbol: 13,
    hipErrorInvalidDevicePointer: 17,
    hipErrorInvalidMemcpyDirection: 21,
    hipErrorInsufficientDriver: 35,
    hipErrorMissingConfiguration: 52,
    hipErrorPriorLaunchFailure: 53,
    hipErrorInvalidDeviceFunction: 98,
    hipErrorNoDevice: 100,
    hipErrorInvalidDevice: 101,
    hipErrorInvalidImage: 200,
    hipErrorInvalidContext: 201,
    hipErrorContextAlreadyCurrent: 202,
    hipErrorMapFailed: 205,
    hipErrorUnmapFailed: 206,
    hipErrorArrayIsMapped: 207,
    hipErrorAlreadyMapped: 208,
    hipErrorNoBinaryForGpu: 209,
    hipErrorAlreadyAcquired: 210,
    hipErrorNotMapped: 211,
    hipErrorNotMappedAsArray: 212,
    hipErrorNotMappedAsPointer: 213,
    hipErrorECCNotCorrectable: 214,
    hipErrorUnsupportedLimit: 215,
    hipErrorContextAlreadyInUse: 216,
    hipErrorPeerAccessUnsupported: 217,
    hipErrorInvalidKernelFile: 218,
    hipErrorInvalidGraphicsContext: 219,
    hipErrorInvalidSource: 300,
    hipErrorFileNotFound: 301,
    hipErrorSharedObjectSymbolNotFound: 302,
    hipErrorSharedObjectInitFailed: 303,
    hipErrorOperatingSystem: 304,
    hipErrorInvalidHandle: 400,
    hipErrorIllegalState: 401,
    hipErrorNotFound: 500,
    hipErrorNotReady: 600,
    hipErrorIllegalAddress: 700,
    hipErrorLaunchOutOfResources: 701,
    hipErrorLaunchTimeOut: 702,
    hipErrorPeerAccessAlreadyEnabled: 704,
    hipErrorPeerAccessNotEnabled: 705,
    hipErrorSetOnActiveProcess: 708,
    hipErrorContextIsDestroyed: 709,
    hipErrorAssert: 710,
    hipErrorHostMemoryAlreadyRegistered: 712,
    hipErrorHostMemoryNotRegistered: 713,
    hipErrorLaunchFailure: 719,
    hipErrorCooperativeLaunchTooLarge: 720,
    hipErrorNotSupported: 801,
    hipErrorStreamCaptureUnsupported: 900,
    hipErrorStreamCaptureInvalidated: 901,
    hipErrorStreamCaptureMerge: 902,
    hipErrorStreamCaptureUnmatched: 903,
    hipErrorStreamCaptureUnjoined: 904,
    hipErrorStreamCaptureIsolation: 905,
    hipErrorStreamCaptureImplicit: 906,
    hipErrorCapturedEvent: 907,
    hipErrorStreamCaptureWrongThread: 908,
    hipErrorGraphExecUpdateFailure: 910,
    hipErrorUnknown: 999,
    hipErrorRuntimeMemory: 1052,
    hipErrorRuntimeOther: 1053,
} as const;

/** The name of a hipError_t. */
export type HipErrorName = keyof typeof HIP_ERRORS;

/** What a failure means for a program; every code has one. */
export type HipErrorKind =
    /** A kernel was stopped. */
    | "fault"
    /** Memory ran out, or another resource of the device. */
    | "memory"
    /** The device has gone, or can't be used any more by this process. */
    | "lost"
    /** The device or its library can't do this. */
    | "unsupported"
    /** Any other: the call was refused, and had no effect. */
    | "refused";

const KINDS: ReadonlyMap<number, HipErrorKind> = new Map<number, HipErrorKind>([
    [HIP_ERRORS.hipErrorIllegalAddress, "fault"],
    [HIP_ERRORS.hipErrorLaunchTimeOut, "fault"],
    [HIP_ERRORS.hipErrorAssert, "fault"],
    [HIP_ERRORS.hipErrorLaunchFailure, "fault"],
    [HIP_ERRORS.hipErrorOutOfMemory, "memory"],
    [HIP_ERRORS.hipErrorDeinitialized, "lost"],
    [HIP_ERRORS.hipErrorNoDevice, "lost"],
    [HIP_ERRORS.hipErrorECCNotCorrectable, "lost"],
    [HIP_ERRORS.hipErrorContextIsDestroyed, "lost"],
    [HIP_ERRORS.hipErrorNotSupported, "unsupported"],
    [HIP_ERRORS.hipErrorUnsupportedLimit, "unsupported"],
    [HIP_ERRORS.hipErrorPeerAccessUnsupported, "unsupported"],
    [HIP_ERRORS.hipErrorInsufficientDriver, "unsupported"],
]);

/** What a code means; one that a later HIP has is `refused`. */
export function kindOfHipError(code: number): HipErrorKind {
    return KINDS.get(code) ?? "refused";
}
