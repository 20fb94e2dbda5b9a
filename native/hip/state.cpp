#include "state.h"

#include "../hip_abi/device_properties.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace soma::hip {

HipError LibraryState::refusal(const char* call, hipError_t code, std::string asked) const {
    HipError error;
    error.call = call;
    error.code = static_cast<int>(code);
    error.name = table.hipGetErrorName(code);
    error.text = table.hipGetErrorString(code);
    error.asked = std::move(asked);
    return error;
}

HipError LibraryState::failure(const char* call, hipError_t code, std::string asked) const {
    // Before any other call of the library: its words are those of the latest failure of this thread.
    const std::string words = isVirtual() ? table.somaVgpuLastFault() : "";
    HipError error = refusal(call, code, std::move(asked));
    if (!words.empty()) {
        error.fault = words;
    }
    // HIP remembers a thread's last error: it is told now, so nobody else is to find it.
    table.hipGetLastError();
    return error;
}

Result<int> LibraryState::deviceCount() {
    int count = 0;
    const hipError_t code = table.hipGetDeviceCount(&count);
    if (code == hipErrorNoDevice && !isVirtual()) {
        table.hipGetLastError();
        return 0;
    }
    if (code != hipSuccess) {
        return failure("hipGetDeviceCount", code, "the devices of " + path);
    }
    return count;
}

namespace {

std::string textAt(const void* properties, size_t offset) {
    const char* text = static_cast<const char*>(properties) + offset;
    return std::string(text, strnlen(text, kDeviceNameBytes));
}

/// hipDeviceProp_t's gcnArchName: no attribute gives it.
hipError_t readArchitecture(const Table& hip, int index, std::string& architecture, const char*& call) {
    if (hip.hipGetDevicePropertiesR0600) {
        call = "hipGetDevicePropertiesR0600";
        auto properties = std::make_unique<hipDeviceProp_tR0600>();
        const hipError_t code = hip.hipGetDevicePropertiesR0600(properties.get(), index);
        architecture = textAt(properties.get(), kPropertiesR0600.gcnArchName);
        return code;
    }
    call = "hipGetDeviceProperties";
    auto properties = std::make_unique<hipDeviceProp_tR0000>();
    const hipError_t code = hip.hipGetDeviceProperties(properties.get(), index);
    architecture = textAt(properties.get(), kPropertiesR0000.gcnArchName);
    return code;
}

}  // namespace

Result<std::shared_ptr<DeviceState>> LibraryState::device(int index) {
    std::scoped_lock lock(mutex_);
    const size_t slot = static_cast<size_t>(index);
    if (slot < devices_.size() && devices_[slot]) {
        return devices_[slot];
    }
    const std::string asked = "device " + std::to_string(index);
    const char* call = nullptr;
    auto device = std::make_shared<DeviceState>(shared_from_this(), index);
    hipError_t code = readArchitecture(table, index, device->architecture, call);
    if (code == hipSuccess) {
        char name[kDeviceNameBytes] = {};
        call = "hipDeviceGetName";
        code = table.hipDeviceGetName(name, sizeof name, index);
        device->name = name;
    }
    if (code != hipSuccess) {
        return failure(call, code, asked);
    }
    if (devices_.size() <= slot) {
        devices_.resize(slot + 1);
    }
    devices_[slot] = device;
    return device;
}

std::optional<HipError> LibraryState::configure(const std::vector<std::string>& targets) {
    std::string list;
    for (const std::string& target : targets) {
        list += (list.empty() ? "" : ",") + target;
    }
    std::scoped_lock lock(mutex_);
    const auto stays = [&](size_t index) {
        return index < targets.size() && devices_[index] && devices_[index]->architecture == targets[index];
    };
    for (size_t index = 0; index < devices_.size(); ++index) {
        if (devices_[index] && !stays(index)) {
            devices_[index]->releaseNow();
        }
    }
    const hipError_t code = table.somaVgpuConfigure(list.c_str());
    if (code != hipSuccess) {
        return failure("somaVgpuConfigure", code, "the targets '" + list + "'");
    }
    for (size_t index = 0; index < devices_.size(); ++index) {
        if (!stays(index)) {
            devices_[index] = nullptr;
        }
    }
    return std::nullopt;
}

std::variant<std::shared_ptr<LibraryState>, LoadFailure> openLibrary(const std::string& path) {
    // Never destroyed: threads of streams use them until the process is gone.
    static std::mutex* const mutex = new std::mutex;
    static auto* const opened = new std::map<void*, std::shared_ptr<LibraryState>>;
    auto library = std::make_shared<LibraryState>();
    LoadFailure failure;
    void* const handle = loadTable(path, library->table, failure);
    if (!handle) {
        return failure;
    }
    library->path = path;
    std::scoped_lock lock(*mutex);
    return opened->try_emplace(handle, std::move(library)).first->second;
}

std::optional<HipError> ModuleState::load(std::span<const std::byte> image) {
    const std::string asked = "a code object of " + std::to_string(image.size()) + " bytes";
    if (auto unusable = device->unusable(device->epoch())) {
        return unusable;
    }
    if (const hipError_t code = device->select()) {
        return device->failure("hipSetDevice", code, asked);
    }
    const Table& hip = device->hip();
    hipModule_t handle = nullptr;
    const bool sized = hip.somaVgpuModuleLoad != nullptr;
    const hipError_t code = sized ? hip.somaVgpuModuleLoad(&handle, image.data(), image.size())
                                  : hip.hipModuleLoadData(&handle, image.data());
    if (code != hipSuccess) {
        HipError error = device->failure(sized ? "somaVgpuModuleLoad" : "hipModuleLoadData", code, asked);
        if (code == hipErrorNoBinaryForGpu) {
            error.help = "Compile for " + device->target() + ".";
        }
        return error;
    }
    module = handle;
    loaded = std::make_unique<DeviceObject>(device, [&hip, handle] { hip.hipModuleUnload(handle); });
    return std::nullopt;
}

Result<std::shared_ptr<ModuleState>> loadModule(const std::shared_ptr<DeviceState>& device,
                                                std::span<const std::byte> image) {
    auto module = std::make_shared<ModuleState>(device);
    if (auto failure = module->load(image)) {
        return *failure;
    }
    return module;
}

Result<std::shared_ptr<KernelState>> findKernel(const std::shared_ptr<ModuleState>& module, const std::string& name) {
    const DeviceState& device = *module->device;
    const std::string asked = "kernel '" + name + "'";
    auto kernel = std::make_shared<KernelState>();
    kernel->module = module;
    kernel->name = name;
    if (const auto unusable = module->loaded->unusable()) {
        return *unusable;
    }
    if (const hipError_t code = device.hip().hipModuleGetFunction(&kernel->function, module->module, name.c_str())) {
        return device.failure("hipModuleGetFunction", code, asked);
    }
    const struct {
        hipFunction_attribute attribute;
        int& value;
    } attributes[] = {
        {HIP_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, kernel->maxThreadsPerBlock},
        {HIP_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, kernel->sharedBytes},
        {HIP_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, kernel->localBytes},
        {HIP_FUNC_ATTRIBUTE_NUM_REGS, kernel->registers},
    };
    for (const auto& [attribute, value] : attributes) {
        if (const hipError_t code = device.hip().hipFuncGetAttribute(&value, attribute, kernel->function)) {
            return device.failure("hipFuncGetAttribute", code, asked);
        }
    }
    std::erase_if(module->kernels, [](const auto& weak) { return weak.expired(); });
    module->kernels.push_back(kernel);
    return kernel;
}

std::optional<HipError> reloadModule(ModuleState& module, std::span<const std::byte> image) {
    if (auto failure = module.load(image)) {
        return failure;
    }
    const DeviceState& device = *module.device;
    for (const auto& weak : module.kernels) {
        const auto kernel = weak.lock();
        const hipError_t code =
            kernel ? device.hip().hipModuleGetFunction(&kernel->function, module.module, kernel->name.c_str())
                   : hipSuccess;
        if (code != hipSuccess) {
            return device.failure("hipModuleGetFunction", code, "kernel '" + kernel->name + "'");
        }
    }
    return std::nullopt;
}

EventState::EventState(std::shared_ptr<DeviceState> device, hipEvent_t event)
    : DeviceObject(device, [&hip = device->hip(), event] { hip.hipEventDestroy(event); }), event(event) {}

uint64_t EventState::ask() {
    std::scoped_lock lock(mutex_);
    return ++asked_;
}

uint64_t EventState::asked() const {
    std::scoped_lock lock(mutex_);
    return asked_;
}

void EventState::made(uint64_t recording) {
    std::scoped_lock lock(mutex_);
    made_ = std::max(made_, recording);
    changed_.notify_all();
}

void EventState::awaitMade(uint64_t recording) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return made_ >= recording; });
}

bool EventState::allMade() const {
    std::scoped_lock lock(mutex_);
    return made_ == asked_;
}

Result<std::shared_ptr<EventState>> createEvent(const std::shared_ptr<DeviceState>& device, unsigned flags) {
    if (const auto unusable = device->unusable(device->epoch())) {
        return *unusable;
    }
    if (const hipError_t code = device->select()) {
        return device->failure("hipSetDevice", code, "an event");
    }
    hipEvent_t event = nullptr;
    if (const hipError_t code = device->hip().hipEventCreateWithFlags(&event, flags)) {
        return device->failure("hipEventCreateWithFlags", code, "an event");
    }
    return std::make_shared<EventState>(device, event);
}

}  // namespace soma::hip
