// Graphs from what is put on a stream.
#include "graph_handles.h"

using namespace soma::cuda;

hipError_t hipStreamBeginCapture(hipStream_t stream, hipStreamCaptureMode mode) {
    return checked({known(stream)}, [&](const Driver& driver) {
        const int number = static_cast<int>(mode);
        if (number < hipStreamCaptureModeGlobal || number > hipStreamCaptureModeRelaxed) {
            return fail(hipErrorInvalidValue, "there is no capture mode " + std::to_string(number) + ": 0 to 2");
        }
        return SOMA_RECENT(driver, cuStreamBeginCapture_v2, raw(stream), number);
    });
}

hipError_t hipStreamEndCapture(hipStream_t stream, hipGraph_t* graph) {
    return checked({known(stream), present(graph, "graph")}, [&](const Driver& driver) {
        *graph = nullptr;
        const hipError_t error = SOMA_RECENT(driver, cuStreamEndCapture, raw(stream), raw(graph));
        if (!error && *graph) {
            graphHandles().addGraph(*graph);
        }
        return error;
    });
}

hipError_t hipStreamIsCapturing(hipStream_t stream, hipStreamCaptureStatus* status) {
    return checked({known(stream), present(status, "status")}, [&](const Driver& driver) {
        int number = 0;
        const hipError_t error = SOMA_RECENT(driver, cuStreamIsCapturing, raw(stream), &number);
        *status = static_cast<hipStreamCaptureStatus>(number);
        return error;
    });
}

hipError_t hipStreamGetCaptureInfo(hipStream_t stream, hipStreamCaptureStatus* status, unsigned long long* id) {
    return hipStreamGetCaptureInfo_v2(stream, status, id, nullptr, nullptr, nullptr);
}

hipError_t hipStreamGetCaptureInfo_v2(hipStream_t stream, hipStreamCaptureStatus* status, unsigned long long* id,
                                      hipGraph_t* graph, const hipGraphNode_t** dependencies, size_t* count) {
    return checked({known(stream), present(status, "status")}, [&](const Driver& driver) {
        int number = 0;
        uint64_t sequence = 0;
        hipGraph_t captured = nullptr;
        const CUgraphNode* last = nullptr;
        size_t lastCount = 0;
        const hipError_t error = SOMA_RECENT(driver, cuStreamGetCaptureInfo_v2, raw(stream), &number, &sequence,
                                             raw(&captured), &last, &lastCount);
        if (error) {
            return error;
        }
        const auto* nodes = reinterpret_cast<const hipGraphNode_t*>(last);
        if (captured) {
            graphHandles().addGraph(captured);
            graphHandles().addNodes(captured, nodes, lastCount);
        }
        *status = static_cast<hipStreamCaptureStatus>(number);
        const auto tell = [](auto* out, auto value) {
            if (out) {
                *out = value;
            }
        };
        tell(id, static_cast<unsigned long long>(sequence));
        tell(graph, captured);
        tell(dependencies, nodes);
        tell(count, lastCount);
        return hipSuccess;
    });
}

hipError_t hipStreamUpdateCaptureDependencies(hipStream_t stream, hipGraphNode_t* dependencies, size_t count,
                                              unsigned int flags) {
    return checked({known(stream), known(dependencies, count)}, [&](const Driver& driver) {
        if (flags > hipStreamSetCaptureDependencies) {
            return fail(hipErrorInvalidValue, "a capture's dependencies are added (0) or set (1)");
        }
        return SOMA_RECENT(driver, cuStreamUpdateCaptureDependencies, raw(stream), raw(dependencies), count, flags);
    });
}

hipError_t hipThreadExchangeStreamCaptureMode(hipStreamCaptureMode* mode) {
    return checked({present(mode, "mode")}, [&](const Driver& driver) {
        int number = static_cast<int>(*mode);
        const hipError_t error = SOMA_RECENT(driver, cuThreadExchangeStreamCaptureMode, &number);
        *mode = static_cast<hipStreamCaptureMode>(number);
        return error;
    });
}
