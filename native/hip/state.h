// What the JavaScript handles own: libraries, devices, memory, modules, kernels, events. RAII around HIP; knows nothing of
// JavaScript. All may be destroyed on any thread.
// Invariants: each object frees what it owns exactly once; objects hold what they depend on; freeing, which in HIP waits
// for the device, is put off while operations are in flight, so that no JavaScript thread waits for a kernel.
#pragma once

#include "failure.h"
#include "table.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace soma::hip {

template <typename T>
using Result = std::variant<T, HipError>;

struct DeviceState;

struct LibraryState : std::enable_shared_from_this<LibraryState> {
    std::string path;
    Table table;

    bool isVirtual() const { return table.somaVgpuAbiVersion != nullptr; }
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

struct DeviceState {
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
    HipError failure(const char* call, hipError_t code, const std::string& asked) const {
        return library->failure(call, code, asked.empty() ? describe() : asked + " on " + describe());
    }

    /// An operation comes to be in flight; `end` takes what this gives. `release` runs at once when none is in flight, else
    /// when all have ended that are now: those that come later don't put it off.
    unsigned begin();
    void end(unsigned generation);
    void releaseWhenIdle(std::function<void()> release);
    /// Runs what was put off, even if that waits for the device.
    void releaseNow();

private:
    using Releases = std::vector<std::function<void()>>;
    /// Closes the current generation if the one before it has ended. With `mutex_` held.
    void advance(Releases& ready);

    /// Operations come in generations, of which two are in flight at most: what is put off waits for the current one and
    /// the one before it, and new operations begin the next as soon as it may be.
    std::mutex mutex_;
    unsigned current_ = 0;
    size_t inFlight_[2] = {};
    Releases putOff_[2];
};

struct BufferState {
    BufferState(std::shared_ptr<DeviceState> device, void* pointer, size_t bytes, bool owned = true)
        : device(std::move(device)), pointer(pointer), bytes(bytes), owned(owned) {}
    ~BufferState();
    BufferState(const BufferState&) = delete;
    BufferState& operator=(const BufferState&) = delete;

    const std::shared_ptr<DeviceState> device;
    void* const pointer;
    const size_t bytes;
    /// Whether it is freed here.
    const bool owned;
};

Result<std::shared_ptr<BufferState>> allocate(const std::shared_ptr<DeviceState>& device, size_t bytes);

struct ModuleState {
    ModuleState(std::shared_ptr<DeviceState> device, hipModule_t module) : device(std::move(device)), module(module) {}
    ~ModuleState();
    ModuleState(const ModuleState&) = delete;
    ModuleState& operator=(const ModuleState&) = delete;

    const std::shared_ptr<DeviceState> device;
    const hipModule_t module;
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

struct EventState {
    EventState(std::shared_ptr<DeviceState> device, hipEvent_t event) : device(std::move(device)), event(event) {}
    ~EventState();
    EventState(const EventState&) = delete;
    EventState& operator=(const EventState&) = delete;

    const std::shared_ptr<DeviceState> device;
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
