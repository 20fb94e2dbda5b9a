// Devices, the calling thread's device, and the handles that were given out.
// HIP's functions work on the thread's device, 0 until hipSetDevice; here that is the device's primary context, which
// CUDA's runtime shares. Handles are the driver's own, so that a caller may pass a stream on to CUDA's libraries; what was
// not given out, or was destroyed, is refused here, because the driver would crash on it.
#pragma once

#include "status.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace soma::cuda {

/// The number of devices.
hipError_t deviceCount(const Driver& driver, int& count);

/// The driver's handle of a device, or a failure that says how many there are.
hipError_t findDevice(const Driver& driver, int index, CUdevice& device);

/// The calling thread's device; -1 becomes 0 when it is first needed.
int currentDevice();
hipError_t setCurrentDevice(const Driver& driver, int index);

/// A device's primary context.
hipError_t contextOf(const Driver& driver, int index, CUcontext& context);

/// Makes the thread's device's primary context current. Every function that works on a device calls it first.
hipError_t enter(const Driver& driver);

/// Ends the thread's device's primary context: everything on it is gone, and what was given out of it is unknown from now on. The next
/// `enter` of any thread makes the context anew.
hipError_t resetDevice(const Driver& driver);

/// What is kept of a stream, an event, a module or an executable graph: on which device it was made.
struct Present {
    int device = currentDevice();
};

/// Handles that were given out, with what is kept of each.
template <typename Handle, typename Kept>
class Registry {
public:
    void add(Handle handle, Kept kept) {
        std::scoped_lock lock(mutex_);
        all_.insert_or_assign(handle, std::move(kept));
    }

    bool find(Handle handle, Kept& kept) const {
        std::scoped_lock lock(mutex_);
        const auto found = all_.find(handle);
        if (found == all_.end()) {
            return false;
        }
        kept = found->second;
        return true;
    }

    bool has(Handle handle) const {
        std::scoped_lock lock(mutex_);
        return all_.contains(handle);
    }

    /// False where it was not there: of two threads that destroy the same handle, one is refused.
    bool remove(Handle handle) {
        std::scoped_lock lock(mutex_);
        return all_.erase(handle) == 1;
    }

    template <typename Predicate>
    void removeIf(Predicate&& predicate) {
        std::scoped_lock lock(mutex_);
        std::erase_if(all_, [&](const auto& entry) { return predicate(entry.second); });
    }

    void removeOf(int device) {
        removeIf([&](const Present& present) { return present.device == device; });
    }

private:
    mutable std::mutex mutex_;
    std::map<Handle, Kept> all_;
};

struct Function {
    hipModule_t module = nullptr;
    std::string name;
    /// Bytes of shared memory that the kernel declares.
    int sharedBytes = 0;
    /// The most that a launch may add to them without asking the driver first.
    std::atomic<int> dynamicBytes = 0;
};

struct Handles {
    Registry<hipStream_t, Present> streams;
    Registry<hipEvent_t, Present> events;
    Registry<hipModule_t, Present> modules;
    /// Shared, because a launch may outlast the look-up while another thread unloads the module.
    Registry<hipFunction_t, std::shared_ptr<Function>> functions;
    Registry<hipGraphExec_t, Present> executables;
    /// Whether it was created here: a device's default pool can't be destroyed.
    Registry<hipMemPool_t, bool> pools;
};
/// Never destroyed: threads use it until the process is gone.
Handles& handles();

/// The null stream is always there.
hipError_t checkStream(hipStream_t stream);
hipError_t checkEvent(hipEvent_t event);
hipError_t checkModule(hipModule_t module);
hipError_t findFunction(hipFunction_t handle, std::shared_ptr<Function>& function);
/// Lets launches of the function have so much shared memory beside its own. CUDA wants to be told before where that is
/// more than by default; HIP knows no such call.
hipError_t allowShared(const Driver& driver, hipFunction_t handle, Function& function, unsigned bytes);

inline CUstream raw(hipStream_t stream) { return reinterpret_cast<CUstream>(stream); }
inline CUevent raw(hipEvent_t event) { return reinterpret_cast<CUevent>(event); }
inline CUmodule raw(hipModule_t module) { return reinterpret_cast<CUmodule>(module); }
inline CUfunction raw(hipFunction_t function) { return reinterpret_cast<CUfunction>(function); }
inline CUgraph raw(hipGraph_t graph) { return reinterpret_cast<CUgraph>(graph); }
inline CUgraphNode raw(hipGraphNode_t node) { return reinterpret_cast<CUgraphNode>(node); }
inline CUgraphExec raw(hipGraphExec_t executable) { return reinterpret_cast<CUgraphExec>(executable); }
inline CUmemoryPool raw(hipMemPool_t pool) { return reinterpret_cast<CUmemoryPool>(pool); }
inline CUdeviceptr raw(const void* pointer) { return reinterpret_cast<CUdeviceptr>(pointer); }

}  // namespace soma::cuda
