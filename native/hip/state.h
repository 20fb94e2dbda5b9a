// What the JavaScript handles own: libraries, devices, memory, modules, kernels, events. RAII around HIP; knows nothing of
// JavaScript. All may be destroyed on any thread.
// Invariants: each object frees what it owns exactly once; objects hold what they depend on; freeing, which in HIP waits
// for the device, is put off while operations are in flight, so that no JavaScript thread waits for a kernel.
#pragma once

#include "failure.h"
#include "table.h"

#include "../hip_abi/hip_optional.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace soma::hip {

template <typename T>
using Result = std::variant<T, HipError>;

struct DeviceState;
struct BufferState;
class Clock;

struct LibraryState : std::enable_shared_from_this<LibraryState> {
    std::string path;
    Table table;

    bool isVirtual() const { return table.somaVgpuAbiVersion != nullptr; }
    /// A failure that no call told of.
    HipError refusal(const char* call, hipError_t code, std::string asked) const;
    /// The failure of a call just made on this thread; `asked` says what was asked for.
    HipError failure(const char* call, hipError_t code, std::string asked) const;

    Result<int> deviceCount();
    Result<std::shared_ptr<DeviceState>> device(int index);
    /// somaVgpuConfigure; nothing when done.
    std::optional<HipError> configure(const std::vector<std::string>& targets);

private:
    std::mutex mutex_;
    std::vector<std::shared_ptr<DeviceState>> devices_;
};

/// The one state of a library in this process, however often and from however many threads it is opened.
std::variant<std::shared_ptr<LibraryState>, LoadFailure> openLibrary(const std::string& path);

struct DeviceState : std::enable_shared_from_this<DeviceState> {
    DeviceState(std::shared_ptr<LibraryState> library, int index) : library(std::move(library)), index(index) {}

    const std::shared_ptr<LibraryState> library;
    const int index;
    std::string name;
    /// With features, such as `gfx90a:sramecc+:xnack-`.
    std::string architecture;

    const Table& hip() const { return library->table; }
    std::string target() const { return architecture.substr(0, architecture.find(':')); }
    /// Such as `device 0 (gfx1100)`.
    std::string describe() const;

    /// Makes this device the calling thread's, as HIP's functions without a device argument need it.
    hipError_t select() const { return hip().hipSetDevice(index); }
    /// The failure of a call just made. One that says that the device has gone makes it lost.
    HipError failure(const char* call, hipError_t code, const std::string& asked) const;

    /// Why nothing that was made in that epoch can be used: the device was lost, or reset since then.
    std::optional<HipError> unusable(uint64_t epoch) const;
    bool lost() const;
    /// How often it was reset. What was made before a reset is gone: it must be neither used nor freed.
    uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }
    /// Ends everything on the device, of all JavaScript threads, and makes it usable again. Waits for kernels.
    std::optional<HipError> reset();

    /// `object` has something on the device that `release` frees: when `disown` is called, put off as below, or in a reset.
    void own(const void* object, std::function<void()> release);
    void disown(const void* object);

    /// Its clock, one for all who have it at a time (clock.h).
    std::shared_ptr<Clock> clock();
    /// Milliseconds on the host since this was first called.
    double sinceClockBegan();

    /// Of the device's own pool; null where it has none.
    Result<std::shared_ptr<BufferState>> allocatePooled(size_t bytes);

    /// Operations come to be in flight; `end` takes what this gives, for each. `release` runs at once when none is in flight,
    /// else when all have ended that are now: those that come later don't put it off.
    unsigned begin(size_t operations = 1);
    void end(unsigned generation);
    void releaseWhenIdle(std::function<void()> release);
    /// Runs what was put off, even if that waits for the device.
    void releaseNow();

private:
    using Releases = std::vector<std::function<void()>>;
    /// The stream in whose order pooled memory is taken and given back; null where the device has no pool.
    hipStream_t memoryStream();
    /// Closes the current generation if the one before it has ended. With `mutex_` held.
    void advance(Releases& ready);

    /// Operations come in generations, of which two are in flight at most: what is put off waits for the current one and
    /// the one before it, and new operations begin the next as soon as it may be.
    std::mutex mutex_;
    unsigned current_ = 0;
    size_t inFlight_[2] = {};
    Releases putOff_[2];

    std::mutex ownedMutex_;
    std::unordered_map<const void*, std::function<void()>> owned_;
    /// Memory of the pool is taken on one thread at a time.
    std::mutex memoryMutex_;
    std::optional<hipStream_t> memoryStream_;

    std::mutex clockMutex_;
    std::weak_ptr<Clock> clock_;
    std::optional<std::chrono::steady_clock::time_point> clockBegan_;

    std::atomic<uint64_t> epoch_ = 0;
    mutable std::mutex lostMutex_;
    mutable std::optional<HipError> lost_;
};

/// What is on a device.
struct DeviceObject {
    /// @param release frees it; empty where it isn't this program's
    DeviceObject(std::shared_ptr<DeviceState> device, std::function<void()> release);
    ~DeviceObject();
    DeviceObject(const DeviceObject&) = delete;
    DeviceObject& operator=(const DeviceObject&) = delete;

    std::optional<HipError> unusable() const { return device->unusable(epoch); }

    const std::shared_ptr<DeviceState> device;
    const uint64_t epoch;
};

struct BufferState : DeviceObject {
    BufferState(std::shared_ptr<DeviceState> device, void* pointer, size_t bytes, std::function<void()> release,
                void* host = nullptr)
        : DeviceObject(std::move(device), release),
          pointer(pointer),
          host(host),
          bytes(bytes),
          owned(static_cast<bool>(release)) {}

    void* const pointer;
    /// Where the host finds it; null for memory of the device.
    void* const host;
    const size_t bytes;
    const bool owned;
};

using Allocated = Result<std::shared_ptr<BufferState>>;

/// @param pooled from the device's own pool, where it has one: that such memory is freed waits for nothing
Allocated allocate(const std::shared_ptr<DeviceState>& device, size_t bytes, bool pooled);
/// Pinned memory of the host that kernels reach as well.
Allocated allocateHost(const std::shared_ptr<DeviceState>& device, size_t bytes);
/// For other processes of the machine; the buffer must be none of a pool's.
Result<hipIpcMemHandle_t> exportMemory(const BufferState& buffer);
Allocated openMemory(const std::shared_ptr<DeviceState>& device, const hipIpcMemHandle_t& handle, size_t bytes);

struct KernelState;

struct ModuleState {
    explicit ModuleState(std::shared_ptr<DeviceState> device) : device(std::move(device)) {}

    const std::shared_ptr<DeviceState> device;
    /// Null after a reset, until it is loaded again.
    hipModule_t module = nullptr;
    std::unique_ptr<DeviceObject> loaded;
    std::vector<std::weak_ptr<KernelState>> kernels;

    std::optional<HipError> load(std::span<const std::byte> image);
};

Result<std::shared_ptr<ModuleState>> loadModule(const std::shared_ptr<DeviceState>& device,
                                                std::span<const std::byte> image);

struct KernelState {
    std::shared_ptr<ModuleState> module;
    std::string name;
    hipFunction_t function = nullptr;
    int maxThreadsPerBlock = 0;
    int sharedBytes = 0;
    int localBytes = 0;
    int registers = 0;
};

Result<std::shared_ptr<KernelState>> findKernel(const std::shared_ptr<ModuleState>& module, const std::string& name);
/// Loads a module again, after a reset: its kernels work as before.
std::optional<HipError> reloadModule(ModuleState& module, std::span<const std::byte> image);

struct EventState : DeviceObject {
    EventState(std::shared_ptr<DeviceState> device, hipEvent_t event);

    const hipEvent_t event;

    /// A recording is asked for on a JavaScript thread and made on its stream's: a wait for it must come after that.
    uint64_t ask();
    uint64_t asked() const;
    void made(uint64_t recording);
    void awaitMade(uint64_t recording);
    bool allMade() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    uint64_t asked_ = 0;
    uint64_t made_ = 0;
};

Result<std::shared_ptr<EventState>> createEvent(const std::shared_ptr<DeviceState>& device, unsigned flags);

}  // namespace soma::hip
