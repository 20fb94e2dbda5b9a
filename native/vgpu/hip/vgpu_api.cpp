// The somaVgpu… functions: soma_vgpu.h documents them.
#include "../observe/observers.h"
#include "context.h"

#include <algorithm>
#include <cstring>
#include <limits>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

hipError_t unknownLimit(somaVgpuLimit limit) {
    return fail(hipErrorUnsupportedLimit, "there is no limit " + std::to_string(static_cast<int>(limit)));
}

/// The counter of the ABI's name for an instruction class.
uint64_t countOf(const Counters& counters, InstructionClass cls) {
    return counters.byClass[static_cast<size_t>(cls)];
}

/// Writes as much of a text as fits, terminated; gives its whole length.
size_t writeText(std::string_view words, char* text, size_t capacity) {
    if (text && capacity != 0) {
        const size_t bytes = std::min(words.size(), capacity - 1);
        std::memcpy(text, words.data(), bytes);
        text[bytes] = '\0';
    }
    return words.size();
}

}  // namespace

uint32_t somaVgpuAbiVersion() { return SOMA_VGPU_ABI_VERSION; }

const char* somaVgpuTargets() {
    static const std::string* const names = [] {
        auto* list = new std::string;
        for (const Target& target : targets()) {
            *list += (list->empty() ? "" : ",") + std::string(target.name);
        }
        return list;
    }();
    return names->c_str();
}

hipError_t somaVgpuConfigure(const char* list) {
    return call([&] {
        if (const hipError_t refused = refuseInHostFunction("somaVgpuConfigure")) {
            return refused;
        }
        return list ? Runtime::instance().configure(list) : fail(hipErrorInvalidValue, "the list of targets is null");
    });
}

const char* somaVgpuTarget(int index) {
    const char* name = nullptr;
    call([&] {
        const auto device = Runtime::instance().device(index);
        if (!device) {
            return lastError();
        }
        // The table of targets holds literals, which are terminated.
        name = device->core.target().name.data();
        return hipSuccess;
    });
    return name;
}

hipError_t somaVgpuSetLimit(int index, somaVgpuLimit limit, uint64_t value) {
    return call([&] {
        const auto device = Runtime::instance().device(index);
        if (!device) {
            return lastError();
        }
        Limits limits = device->core.limits();
        switch (static_cast<int>(limit)) {
            case somaVgpuLimitWaveInstructions:
                limits.waveInstructions = value == 0 ? std::numeric_limits<uint64_t>::max() : value;
                break;
            case somaVgpuLimitThreads:
            case somaVgpuLimitDynamicStackBytes:
                if (value > std::numeric_limits<uint32_t>::max()) {
                    return fail(hipErrorInvalidValue, std::to_string(value) + " is out of the limit's range");
                }
                if (static_cast<int>(limit) == somaVgpuLimitThreads) {
                    limits.threads = static_cast<unsigned>(value);
                } else {
                    limits.dynamicStackBytes = static_cast<uint32_t>(value);
                }
                break;
            default:
                return unknownLimit(limit);
        }
        device->core.setLimits(limits);
        return hipSuccess;
    });
}

hipError_t somaVgpuGetLimit(int index, somaVgpuLimit limit, uint64_t* value) {
    return call([&] {
        if (!value) {
            return fail(hipErrorInvalidValue, "the address for the limit is null");
        }
        const auto device = Runtime::instance().device(index);
        if (!device) {
            return lastError();
        }
        const Limits limits = device->core.limits();
        switch (static_cast<int>(limit)) {
            case somaVgpuLimitWaveInstructions:
                *value = limits.waveInstructions == std::numeric_limits<uint64_t>::max() ? 0 : limits.waveInstructions;
                return hipSuccess;
            case somaVgpuLimitThreads:
                *value = limits.threads;
                return hipSuccess;
            case somaVgpuLimitDynamicStackBytes:
                *value = limits.dynamicStackBytes;
                return hipSuccess;
            default:
                return unknownLimit(limit);
        }
    });
}

const char* somaVgpuLastFault() { return lastWords(); }

size_t somaVgpuDeviceFault(int index, char* text, size_t capacity) {
    size_t length = 0;
    call([&] {
        const auto device = Runtime::instance().device(index);
        const auto fault = device ? device->core.lastFault() : std::nullopt;
        length = writeText(fault ? std::string_view(fault->message) : std::string_view{}, text, capacity);
        return device ? hipSuccess : lastError();
    });
    return length;
}

hipError_t somaVgpuGetCounters(int index, somaVgpuCounters* out) {
    return call([&] {
        if (!out || out->size < sizeof(size_t)) {
            return fail(hipErrorInvalidValue, "the counters are null, or their size is not set");
        }
        const auto device = Runtime::instance().device(index);
        if (!device) {
            return lastError();
        }
        const Counters total = device->core.totalCounters();
        somaVgpuCounters counters{};
        counters.size = std::min(out->size, sizeof counters);
        counters.launches = device->launches.load();
        counters.workgroups = total.workgroups;
        counters.waves = total.waves;
        counters.instructions = total.instructions();
        counters.salu = countOf(total, InstructionClass::Salu);
        counters.valu = countOf(total, InstructionClass::Valu);
        counters.transcendental = countOf(total, InstructionClass::Transcendental);
        counters.matrix = countOf(total, InstructionClass::Matrix);
        counters.vectorLoad = countOf(total, InstructionClass::VectorLoad);
        counters.vectorStore = countOf(total, InstructionClass::VectorStore);
        counters.vectorAtomic = countOf(total, InstructionClass::VectorAtomic);
        counters.scalarMemory = countOf(total, InstructionClass::ScalarMemory);
        counters.lds = countOf(total, InstructionClass::Lds);
        counters.scratch = countOf(total, InstructionClass::Scratch);
        counters.branch = countOf(total, InstructionClass::Branch);
        counters.barrier = countOf(total, InstructionClass::Barrier);
        counters.wait = countOf(total, InstructionClass::Wait);
        counters.other = countOf(total, InstructionClass::Other);
        counters.activeLanes = total.activeLanes;
        counters.vectorInstructions = total.vectorInstructions;
        const OpCounts detail = device->core.observers().profiler().total();
        counters.divergentBranches = detail.divergent;
        counters.globalTransactions = detail.transactions;
        counters.globalUsefulBytes = detail.usefulBytes;
        counters.ldsCycles = detail.ldsCycles;
        counters.ldsBankConflicts = detail.ldsConflicts;
        counters.flops = detail.flops;
        counters.matrixFlops = detail.matrixFlops;
        std::memcpy(out, &counters, counters.size);
        return hipSuccess;
    });
}

hipError_t somaVgpuSetProfiling(int index, int on) {
    return call([&] {
        const auto device = Runtime::instance().device(index);
        if (!device) {
            return lastError();
        }
        device->core.observers().setProfiling(on != 0);
        return hipSuccess;
    });
}

size_t somaVgpuProfile(int index, char* text, size_t capacity) {
    size_t length = 0;
    call([&] {
        const auto device = Runtime::instance().device(index);
        length = writeText(device ? device->core.observers().profiler().json() : std::string{}, text, capacity);
        return device ? hipSuccess : lastError();
    });
    return length;
}

hipError_t somaVgpuSetSanitizing(int index, int on) {
    return call([&] {
        const auto device = Runtime::instance().device(index);
        if (!device) {
            return lastError();
        }
        device->core.observers().setSanitizing(on != 0);
        return hipSuccess;
    });
}

hipError_t somaVgpuSetTrace(int index, const char* text) {
    return call([&] {
        const auto device = Runtime::instance().device(index);
        if (!device) {
            return lastError();
        }
        auto settings = TraceSettings::parse(text == nullptr ? "{}" : text);
        if (!settings) {
            return fail(hipErrorInvalidValue, "the settings of a trace are no JSON object");
        }
        device->core.observers().trace().configure(std::move(*settings));
        return hipSuccess;
    });
}

size_t somaVgpuTrace(int index, char* text, size_t capacity) {
    size_t length = 0;
    call([&] {
        const auto device = Runtime::instance().device(index);
        length = writeText(device ? device->core.observers().trace().json() : std::string{}, text, capacity);
        return device ? hipSuccess : lastError();
    });
    return length;
}

size_t somaVgpuSanitizerReports(int index, char* text, size_t capacity) {
    size_t length = 0;
    call([&] {
        const auto device = Runtime::instance().device(index);
        length = writeText(device ? device->core.observers().reports().json() : std::string{}, text, capacity);
        return device ? hipSuccess : lastError();
    });
    return length;
}
