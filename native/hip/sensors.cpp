// Clocks, temperature, power and memory of an AMD GPU through ROCm's system management library (librocm_smi64), found at run time:
// functions, units and enumerators as in its documentation (rocm_smi.h, "ROCm SMI library API").
#include "sensors.h"

#include "arguments.h"
#include "counters.h"

#include <dlfcn.h>

#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace soma::hip {

namespace {

constexpr int kSuccess = 0;
constexpr uint32_t kTemperatureEdge = 0;
constexpr uint32_t kTemperatureJunction = 1;
constexpr uint32_t kTemperatureCurrent = 0;
constexpr uint32_t kClockSystem = 0;
constexpr uint32_t kClockMemory = 4;
constexpr uint32_t kMemoryVram = 0;

const std::vector<std::string> kCandidates = {
    "librocm_smi64.so",   "librocm_smi64.so.1",          "librocm_smi64.so.7",          "librocm_smi64.so.6",
    "librocm_smi64.so.5", "/opt/rocm/lib/librocm_smi64.so",
};

/// A library that was loaded and initialised. Functions that a version lacks are null: what they tell is left out.
struct Library {
    int (*numMonitorDevices)(uint32_t* count) = nullptr;
    int (*pciId)(uint32_t device, uint64_t* bdf) = nullptr;
    int (*temperature)(uint32_t device, uint32_t sensor, uint32_t metric, int64_t* milliCelsius) = nullptr;
    int (*power)(uint32_t device, uint64_t* microwatts, uint32_t* type) = nullptr;
    int (*averagePower)(uint32_t device, uint32_t sensor, uint64_t* microwatts) = nullptr;
    int (*frequencies)(uint32_t device, uint32_t clock, void* frequencies) = nullptr;
    int (*memoryUsed)(uint32_t device, uint32_t kind, uint64_t* bytes) = nullptr;
    int (*memoryTotal)(uint32_t device, uint32_t kind, uint64_t* bytes) = nullptr;
    int (*busy)(uint32_t device, uint32_t* percent) = nullptr;
};

template <typename Function>
void find(void* handle, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(handle, name));
}

std::shared_ptr<Library> load(const std::string& path) {
    void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    int (*initialise)(uint64_t flags) = nullptr;
    if (!handle) {
        return nullptr;
    }
    auto library = std::make_shared<Library>();
    find(handle, "rsmi_init", initialise);
    find(handle, "rsmi_num_monitor_devices", library->numMonitorDevices);
    find(handle, "rsmi_dev_pci_id_get", library->pciId);
    find(handle, "rsmi_dev_temp_metric_get", library->temperature);
    find(handle, "rsmi_dev_power_get", library->power);
    find(handle, "rsmi_dev_power_ave_get", library->averagePower);
    find(handle, "rsmi_dev_gpu_clk_freq_get", library->frequencies);
    find(handle, "rsmi_dev_memory_usage_get", library->memoryUsed);
    find(handle, "rsmi_dev_memory_total_get", library->memoryTotal);
    find(handle, "rsmi_dev_busy_percent_get", library->busy);
    const bool usable = initialise && library->numMonitorDevices && library->pciId && initialise(0) == kSuccess;
    return usable ? library : nullptr;
}

/// Each library is looked for once a process; null is one that isn't there.
std::shared_ptr<Library> libraryAt(const std::string& path) {
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<Library>> known;
    std::scoped_lock lock(mutex);
    const auto found = known.find(path);
    return found != known.end() ? found->second : known.emplace(path, load(path)).first->second;
}

std::shared_ptr<Library> libraryOf(const Napi::Value& path) {
    if (!path.IsUndefined()) {
        return libraryAt(stringArgument(path, "library"));
    }
    for (const std::string& candidate : kCandidates) {
        if (auto library = libraryAt(candidate)) {
            return library;
        }
    }
    return nullptr;
}

/// The library's number of the device at a PCI address; -1 if it has none. Its identifiers are domain << 32, bus << 8,
/// device << 3 and function; of GPUs in partitions bits 28 to 31 say which.
int64_t deviceAt(const Library& library, uint64_t domain, uint64_t bus, uint64_t device) {
    uint32_t count = 0;
    if (library.numMonitorDevices(&count) != kSuccess) {
        return -1;
    }
    for (uint32_t i = 0; i < count; ++i) {
        uint64_t bdf = 0;
        if (library.pciId(i, &bdf) == kSuccess && bdf >> 32 == domain && ((bdf >> 8) & 0xff) == bus &&
            ((bdf >> 3) & 0x1f) == device) {
            return i;
        }
    }
    return -1;
}

/// The current frequency in MHz; 0 if it isn't known. rsmi_frequencies_t begins with how many there are and which is the current
/// one (32 bits each); from ROCm 6 on a bool comes before them. A frequency is far above any number of them, which tells the
/// layouts apart.
double currentMHz(const Library& library, uint32_t device, uint32_t clock) {
    alignas(8) std::array<unsigned char, 1024> memory{};
    if (!library.frequencies || library.frequencies(device, clock, memory.data()) != kSuccess) {
        return 0;
    }
    uint64_t second = 0;
    std::memcpy(&second, memory.data() + 8, sizeof second);
    const bool withBool = second < 1000;
    uint32_t counts[2] = {};
    std::memcpy(counts, memory.data() + (withBool ? 4 : 0), sizeof counts);
    const auto [count, current] = counts;
    if (current >= count || count > 64) {
        return 0;
    }
    uint64_t hertz = 0;
    std::memcpy(&hertz, memory.data() + (withBool ? 16 : 8) + current * sizeof hertz, sizeof hertz);
    return static_cast<double>(hertz) / 1e6;
}

}  // namespace

namespace {

/// What the library tells of its device of that number.
void tellSensors(const Library& library, uint32_t device, Napi::Object result) {
    const auto tell = [&](const char* name, double value) {
        result.Set(name, Napi::Number::New(result.Env(), value));
    };
    int64_t milliCelsius = 0;
    if (library.temperature) {
        // Data-center GPUs have no sensor at the edge.
        for (const uint32_t sensor : {kTemperatureEdge, kTemperatureJunction}) {
            if (library.temperature(device, sensor, kTemperatureCurrent, &milliCelsius) == kSuccess) {
                tell("temperatureCelsius", static_cast<double>(milliCelsius) / 1000);
                break;
            }
        }
    }
    uint64_t value = 0;
    uint32_t small = 0;
    if ((library.power && library.power(device, &value, &small) == kSuccess) ||
        (library.averagePower && library.averagePower(device, 0, &value) == kSuccess)) {
        tell("powerWatts", static_cast<double>(value) / 1e6);
    }
    if (const double core = currentMHz(library, device, kClockSystem); core > 0) {
        tell("coreMHz", core);
    }
    if (const double memory = currentMHz(library, device, kClockMemory); memory > 0) {
        tell("memoryMHz", memory);
    }
    if (library.memoryUsed && library.memoryUsed(device, kMemoryVram, &value) == kSuccess) {
        tell("usedBytes", static_cast<double>(value));
    }
    if (library.memoryTotal && library.memoryTotal(device, kMemoryVram, &value) == kSuccess) {
        tell("totalBytes", static_cast<double>(value));
    }
    if (library.busy && library.busy(device, &small) == kSuccess) {
        tell("busyPercent", small);
    }
}

}  // namespace

Napi::Value readSensors(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const uint64_t domain = integerArgument(info[0], "domain", UINT32_MAX);
    const uint64_t bus = integerArgument(info[1], "bus", 255);
    const uint64_t slot = integerArgument(info[2], "device", 31);
    const auto library = libraryOf(info[3]);
    const int64_t found = library ? deviceAt(*library, domain, bus, slot) : -1;
    const auto counts = readCounters(domain, bus, slot);
    if (found < 0 && counts.empty()) {
        return env.Undefined();
    }
    Napi::Object result = Napi::Object::New(env);
    if (found >= 0) {
        tellSensors(*library, static_cast<uint32_t>(found), result);
    }
    if (!counts.empty()) {
        Napi::Object counters = Napi::Object::New(env);
        for (const auto& [name, value] : counts) {
            counters.Set(name, Napi::Number::New(env, value));
        }
        result.Set("counters", counters);
    }
    return result;
}

}  // namespace soma::hip
