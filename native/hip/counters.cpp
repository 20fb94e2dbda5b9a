// Counters of AMD GPUs through ROCm's profiling library (librocprofiler-sdk), found at run time: its service that counts on a whole
// device and is read whenever somebody asks. Functions, structures and enumerators as in its documentation ("ROCprofiler-SDK API
// reference": tool registration, agents, counters, device counting service), from version 1.0 on, that of ROCm 7.
// Invariant: the library calls `configure` once a process; contexts are made then and never go.
#include "counters.h"

#include "arguments.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

namespace soma::hip {

namespace {

constexpr int kSuccess = 0;
constexpr int kAgentInfoVersion = 1;
constexpr int kAgentIsGpu = 2;
constexpr int kCounterInfoVersion = 1;
constexpr int kDiscardWhenFull = 1;
constexpr int kSynchronous = 0;
constexpr size_t kBufferBytes = 4096;
/// A counter has one record for each of the parts of a device that count.
constexpr size_t kMostRecords = 1 << 16;

const std::vector<std::string> kCandidates = {
    "librocprofiler-sdk.so",
    "librocprofiler-sdk.so.1",
    "/opt/rocm/lib/librocprofiler-sdk.so",
};

/// What the library calls an agent, a context, a buffer, a counter or a configuration of counters by.
struct Id {
    uint64_t handle = 0;
};

/// rocprofiler_tool_configure_result_t
struct Tool {
    size_t size;
    int (*initialise)(void* finalise, void* data);
    void (*finalise)(void* data);
    void* data;
};

/// The beginning of rocprofiler_agent_v0_t.
struct Agent {
    uint64_t size;
    Id id;
    int32_t type;
    uint32_t others[20];
    uint32_t gfxTargetVersion;
    uint16_t vendor;
    uint16_t product;
    /// Bus << 8, device << 3 and function.
    uint32_t location;
    uint32_t domain;
};
static_assert(offsetof(Agent, gfxTargetVersion) == 100 && offsetof(Agent, location) == 108);

/// rocprofiler_counter_info_v0_t
struct CounterInfo {
    Id id;
    const char* name;
    const char* description;
    const char* block;
    const char* expression;
    uint8_t flags;
};

/// rocprofiler_counter_record_t
struct Record {
    uint64_t id;
    double value;
    uint64_t dispatch;
    uint64_t userData;
    Id agent;
};
static_assert(sizeof(Record) == 40);

using SetConfiguration = int (*)(Id context, Id configuration);

#define SOMA_ROCPROFILER_FUNCTIONS(X)                                                                                  \
    X(force_configure, (Tool * (*configure)(uint32_t, const char*, uint32_t, void*)))                                  \
    X(create_context, (Id * context))                                                                                  \
    X(create_buffer, (Id context, size_t bytes, size_t watermark, int policy,                                          \
                      void (*full)(Id, Id, void**, size_t, void*, uint64_t), void* data, Id* buffer))                  \
    X(configure_device_counting_service,                                                                               \
      (Id context, Id buffer, Id agent, void (*started)(Id, Id, SetConfiguration, void*), void* data))                 \
    X(query_available_agents,                                                                                          \
      (int version, int (*each)(int, const void**, size_t, void*), size_t agentBytes, void* data))                     \
    X(iterate_agent_supported_counters, (Id agent, int (*each)(Id, Id*, size_t, void*), void* data))                   \
    X(query_counter_info, (Id counter, int version, void* info))                                                       \
    X(create_counter_config, (Id agent, Id * counters, size_t count, Id* configuration))                               \
    X(start_context, (Id context))                                                                                     \
    X(stop_context, (Id context))                                                                                      \
    X(sample_device_counting_service, (Id context, uint64_t userData, int flags, Record* records, size_t* count))      \
    X(query_record_counter_id, (uint64_t record, Id* counter))

struct Library {
#define SOMA_POINTER(name, parameters) int(*name) parameters = nullptr;
    SOMA_ROCPROFILER_FUNCTIONS(SOMA_POINTER)
#undef SOMA_POINTER
};

std::optional<Library> load(const std::string& path) {
    void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        return std::nullopt;
    }
    Library library;
    bool whole = true;
#define SOMA_FIND(name, parameters)                                                                                    \
    library.name = reinterpret_cast<decltype(library.name)>(dlsym(handle, "rocprofiler_" #name));                      \
    whole = whole && library.name;
    SOMA_ROCPROFILER_FUNCTIONS(SOMA_FIND)
#undef SOMA_FIND
    return whole ? std::optional(library) : std::nullopt;
}

/// A device on which can be counted.
struct Counted {
    Agent agent{};
    Id context;
    /// What a start takes; 0 is nothing.
    Id configuration;
    bool running = false;
    std::map<uint64_t, std::string> names;
};

struct State {
    std::mutex mutex;
    bool tried = false;
    std::optional<Library> library;
    /// Never changed after the library called `initialise`: it keeps their addresses.
    std::vector<std::unique_ptr<Counted>> devices;
};

/// Never destroyed: the library's threads may call until the process is gone.
State& state() {
    static State* const state = new State;
    return *state;
}

int addAgents(int, const void** agents, size_t count, void*) {
    for (size_t i = 0; i < count; ++i) {
        const auto* agent = static_cast<const Agent*>(agents[i]);
        if (agent->size >= sizeof(Agent) && agent->type == kAgentIsGpu) {
            state().devices.push_back(std::make_unique<Counted>());
            state().devices.back()->agent = *agent;
        }
    }
    return kSuccess;
}

/// Called back by a start: says what is to be counted.
void chooseCounters(Id context, Id, SetConfiguration set, void* data) {
    const auto* counted = static_cast<const Counted*>(data);
    if (counted->configuration.handle != 0) {
        set(context, counted->configuration);
    }
}

/// Within `prepareCounters`, which holds the lock.
int initialise(void*, void*) {
    const Library& library = *state().library;
    if (library.query_available_agents(kAgentInfoVersion, addAgents, sizeof(Agent), nullptr) != kSuccess) {
        return -1;
    }
    for (const auto& counted : state().devices) {
        Id buffer;
        const bool made =
            library.create_context(&counted->context) == kSuccess &&
            library.create_buffer(counted->context, kBufferBytes, kBufferBytes / 2, kDiscardWhenFull,
                                  [](Id, Id, void**, size_t, void*, uint64_t) {}, nullptr, &buffer) == kSuccess &&
            library.configure_device_counting_service(counted->context, buffer, counted->agent.id, chooseCounters,
                                                      counted.get()) == kSuccess;
        if (!made) {
            return -1;
        }
    }
    return 0;
}

Tool* configure(uint32_t, const char*, uint32_t, void*) {
    static Tool tool{sizeof(Tool), initialise, nullptr, nullptr};
    return &tool;
}

Counted* deviceAt(uint64_t domain, uint64_t bus, uint64_t device) {
    for (const auto& counted : state().devices) {
        const Agent& agent = counted->agent;
        if (agent.domain == domain && ((agent.location >> 8) & 0xff) == bus && ((agent.location >> 3) & 0x1f) == device) {
            return counted.get();
        }
    }
    return nullptr;
}

/// The device's counters by name.
std::map<std::string, Id> countersOf(const Library& library, Id agent) {
    std::vector<Id> all;
    library.iterate_agent_supported_counters(
        agent,
        [](Id, Id* counters, size_t count, void* data) {
            auto& found = *static_cast<std::vector<Id>*>(data);
            found.insert(found.end(), counters, counters + count);
            return kSuccess;
        },
        &all);
    std::map<std::string, Id> named;
    for (const Id counter : all) {
        CounterInfo info{};
        if (library.query_counter_info(counter, kCounterInfoVersion, &info) == kSuccess && info.name) {
            named.emplace(info.name, counter);
        }
    }
    return named;
}

/// Counts these from now on; false where the library refuses.
bool start(const Library& library, Counted& counted, const std::map<std::string, Id>& chosen) {
    if (counted.running) {
        library.stop_context(counted.context);
        counted.running = false;
    }
    std::vector<Id> counters;
    counted.names.clear();
    for (const auto& [name, counter] : chosen) {
        counters.push_back(counter);
        counted.names.emplace(counter.handle, name);
    }
    counted.configuration = {};
    counted.running =
        library.create_counter_config(counted.agent.id, counters.data(), counters.size(), &counted.configuration) ==
            kSuccess &&
        library.start_context(counted.context) == kSuccess;
    return counted.running;
}

}  // namespace

Napi::Value prepareCounters(const Napi::CallbackInfo& info) {
    std::vector<std::string> paths = kCandidates;
    if (!info[0].IsUndefined()) {
        paths = {stringArgument(info[0], "library")};
    }
    State& known = state();
    std::scoped_lock lock(known.mutex);
    if (!known.tried) {
        for (size_t i = 0; i < paths.size() && !known.library; ++i) {
            known.library = load(paths[i]);
        }
        known.tried = known.library.has_value();
        if (known.library && known.library->force_configure(configure) != kSuccess) {
            known.library.reset();
        }
    }
    return Napi::Boolean::New(info.Env(), known.library.has_value());
}

Napi::Value startCounters(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const uint64_t domain = integerArgument(info[0], "domain", UINT32_MAX);
    const uint64_t bus = integerArgument(info[1], "bus", 255);
    const uint64_t slot = integerArgument(info[2], "device", 31);
    if (!info[3].IsArray()) {
        throw Napi::TypeError::New(env, "names must be an array");
    }
    const auto names = info[3].As<Napi::Array>();
    State& known = state();
    std::scoped_lock lock(known.mutex);
    Counted* const counted = known.library ? deviceAt(domain, bus, slot) : nullptr;
    if (!counted) {
        return env.Undefined();
    }
    const auto all = countersOf(*known.library, counted->agent.id);
    std::map<std::string, Id> chosen;
    Napi::Array missing = Napi::Array::New(env);
    for (uint32_t i = 0; i < names.Length(); ++i) {
        const std::string name = stringArgument(names.Get(i), "names[" + std::to_string(i) + "]");
        const auto found = all.find(name);
        if (found == all.end()) {
            missing.Set(missing.Length(), Napi::String::New(env, name));
        } else {
            chosen.insert(*found);
        }
    }
    if (missing.Length() == 0 && !start(*known.library, *counted, chosen)) {
        // More at once than the hardware has registers for.
        return names;
    }
    return missing;
}

std::map<std::string, double> readCounters(uint64_t domain, uint64_t bus, uint64_t device) {
    State& known = state();
    std::scoped_lock lock(known.mutex);
    const Counted* const counted = known.library ? deviceAt(domain, bus, device) : nullptr;
    std::map<std::string, double> sums;
    if (!counted || !counted->running) {
        return sums;
    }
    static std::vector<Record>& records = *new std::vector<Record>(kMostRecords);
    size_t count = records.size();
    if (known.library->sample_device_counting_service(counted->context, 0, kSynchronous, records.data(), &count) !=
        kSuccess) {
        return sums;
    }
    for (size_t i = 0; i < std::min(count, records.size()); ++i) {
        Id counter;
        if (known.library->query_record_counter_id(records[i].id, &counter) != kSuccess) {
            continue;
        }
        if (const auto name = counted->names.find(counter.handle); name != counted->names.end()) {
            sums[name->second] += records[i].value;
        }
    }
    return sums;
}

}  // namespace soma::hip
