// The process's virtual devices and all live objects of the C ABI.
// Order on the null stream is HIP's legacy one: its operations wait for all that was submitted to blocking streams of the
// device, and later operations of these wait for it. Submissions are ordered by one lock, `order`, which hipFree holds
// while it waits for the device: so an operation that was validated under the lock finds its memory alive.
#pragma once

#include "../device.h"
#include "capture.h"
#include "graph.h"
#include "memory_advice.h"
#include "pool.h"
#include "programs.h"
#include "queue.h"
#include "registry.h"

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace soma::vgpu::hip {

struct VirtualDevice {
    VirtualDevice(int index, const Target& target);

    const int index;
    Device core;
    const std::shared_ptr<Queue> nullQueue;
    /// Kernels that ran to their end.
    std::atomic<uint64_t> launches{0};
    /// Made when first asked for; guarded by Runtime's `order`.
    hipMemPool_t defaultPool = nullptr;
    hipMemPool_t currentPool = nullptr;
    /// Devices that hipDeviceEnablePeerAccess was called for; guarded by Runtime's `order`.
    std::set<int> peers;

    /// In words, such as `device 0 (gfx1100)`.
    std::string describe() const;

    /// The queues of live streams, at this moment.
    std::vector<std::shared_ptr<Queue>> queues() const;
    void addQueue(std::shared_ptr<Queue> queue);
    void removeQueue(const std::shared_ptr<Queue>& queue);

private:
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<Queue>> queues_;
};

struct LoadedModule {
    std::shared_ptr<VirtualDevice> device;
    std::unique_ptr<Module> module;
    /// Handles given out, by kernel name; guarded by `mutex`.
    std::mutex mutex;
    std::map<std::string, hipFunction_t, std::less<>> functions;
};

struct Function {
    std::shared_ptr<LoadedModule> module;
    const Kernel* kernel = nullptr;
};

struct Stream {
    std::shared_ptr<VirtualDevice> device;
    std::shared_ptr<Queue> queue;
    int priority = 0;
    /// Guarded by Runtime's `order`.
    std::optional<StreamCapture> capture{};
};

/// One hipEventRecord: where it stands in its queue, and what was when it happened.
struct Recording {
    Dependency place;
    std::chrono::steady_clock::time_point time{};
    std::optional<Failure> failure;
};

struct Event {
    bool timing = true;
    std::mutex mutex;
    /// The most recent one, null before the first.
    std::shared_ptr<Recording> recording;
    /// Set where it was last recorded in a stream's capture; guarded by Runtime's `order`.
    std::optional<StreamCapture> captured{};
};

/// Host memory that kernels may access; what is foreign is that of another process's device, or of its pool.
struct HostBlock {
    enum class Kind { Pinned, Managed, Registered, Foreign, ForeignPool };
    uint64_t size = 0;
    Kind kind = Kind::Pinned;
    unsigned flags = 0;
};

class Runtime {
public:
    /// Never destroyed: streams' threads may outlive main.
    static Runtime& instance();

    /// The current device of the calling thread; null after making the failure the thread's last error.
    std::shared_ptr<VirtualDevice> current();
    /// The device of that number, null after making the failure the thread's last error.
    std::shared_ptr<VirtualDevice> device(int index);
    std::vector<std::shared_ptr<VirtualDevice>> devices() const;
    /// Why there are no devices.
    Failure noDevice() const;
    /// somaVgpuConfigure.
    hipError_t configure(std::string_view targets);

    /// Appends an operation to a queue, with the null stream's order. `order` must be held.
    Ticket submit(VirtualDevice& device, const std::shared_ptr<Queue>& queue, Operation operation);
    /// Waits until the device has done all that was submitted to it. `order` must be held.
    void idle(VirtualDevice& device);

    std::mutex order;

    Registry<hipModule_t, LoadedModule> modules;
    Registry<hipFunction_t, Function> functions;
    Registry<hipStream_t, Stream> streams;
    Registry<hipEvent_t, Event> events;
    /// Host memory that kernels may access, by base; guarded by `order`.
    std::map<uint64_t, HostBlock> hostMemory;
    /// Of managed memory; guarded by `order`.
    MemoryAdvice advice;
    Programs programs;
    PooledMemory pooled;
    Registry<hipMemPool_t, Pool> pools;
    Registry<hipGraph_t, Graph> graphs;
    Registry<hipGraphNode_t, GraphNode> graphNodes;
    Registry<hipGraphExec_t, ExecutableGraph> executableGraphs;

private:
    Runtime();
    /// hipErrorIllegalState while something on the device is alive. `order` must be held.
    hipError_t refuseInUse(VirtualDevice& device);
    static void stopAtExit();

    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<VirtualDevice>> devices_;
    std::string configurationError_;
};

/// hipSetDevice's number for the calling thread.
int& currentDeviceIndex();

/// The stream of a handle, null being the current device's null stream (or the thread's own: thread_stream.h); null after
/// making the failure the last error.
std::shared_ptr<Stream> findStream(hipStream_t handle);

/// A stream that gets no more work: its queue goes when it has done what it has, and its capture is lost.
void retire(const Stream& stream);

/// hipErrorIllegalState on the thread of a host function, which may neither submit nor wait; else hipSuccess.
hipError_t refuseInHostFunction(const char* what);

}  // namespace soma::vgpu::hip
