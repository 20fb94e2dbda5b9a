#include "launch.h"

#include "../decode/code_image.h"
#include "../format.h"
#include "../loader/lines.h"
#include "../observe/observers.h"
#include "registers.h"
#include "workgroup.h"

#include <atomic>
#include <cfenv>
#include <deque>
#include <span>
#include <thread>

namespace soma::vgpu {

namespace {

/// What a launch shares between its threads; read-only but for the atomics.
struct Shared {
    Device& device;
    const Dispatch& dispatch;
    const Limits& limits;
    const CodeImage& code;
    const LaunchObservation* observation;
    uint64_t scratchBytes;
    InitialRegisters registers;
    uint64_t ldsBytes = 0;
    uint64_t groups = 0;
    std::atomic<uint64_t> next{0};
    std::atomic<bool> stop{false};
};

/// Memory for a workgroup's registers, LDS and private memory, kept for later launches: fresh pages cost more than a small
/// kernel. What a kernel may expect to be zero, `begin` zeroes.
class Storage {
public:
    /// Null where the host has no memory left.
    std::byte* get(uint64_t bytes) {
        if (bytes > bytes_ || lines_ == nullptr) {
            lines_.reset();
            lines_ = cacheLines(bytes);
            bytes_ = bytes;
        }
        return lines_.get();
    }
    void trim() {
        constexpr uint64_t kKept = uint64_t(16) << 20;
        if (bytes_ > kKept) {
            lines_.reset();
            bytes_ = 0;
        }
    }

private:
    CacheLines lines_;
    uint64_t bytes_ = 0;
};

struct WorkgroupStorage {
    Storage registers;
    Storage lds;
    Storage scratch;

    void trim() {
        registers.trim();
        lds.trim();
        scratch.trim();
    }
};

/// What workgroups of a thread use one after the other, and what they added up to; of a cooperative launch, one workgroup's.
struct ThreadState {
    Workgroup group;
    std::unique_ptr<ThreadObserver> observer;
    Counters counters;
    /// The faulting workgroup's place in launch order; the earliest one is reported, whatever thread ran it.
    uint64_t faultIndex = ~uint64_t(0);
    bool outOfHostMemory = false;
};

bool allocateState(const Shared& shared, ThreadState& state, WorkgroupStorage& storage) {
    const unsigned lanes = shared.dispatch.kernel->waveSize;
    const auto& block = shared.dispatch.block;
    const uint64_t items = uint64_t(block[0]) * block[1] * block[2];
    const uint64_t waves = (items + lanes - 1) / lanes;
    auto* registers = reinterpret_cast<uint32_t*>(storage.registers.get(waves * kVgprRows * lanes * sizeof(uint32_t)));
    std::byte* lds = storage.lds.get(shared.ldsBytes);
    std::byte* scratch = storage.scratch.get(waves * lanes * shared.scratchBytes);
    if (registers == nullptr || lds == nullptr || scratch == nullptr) {
        state.outOfHostMemory = true;
        return false;
    }
    Workgroup& group = state.group;
    group.memory = &shared.device.memory();
    group.code = &shared.code;
    group.streamedSize = Memory::streamedSize();
    group.lds = lds;
    group.ldsBytes = shared.ldsBytes;
    group.instructionLimit = shared.limits.waveInstructions;
    group.globalWaveSync = &shared.device.globalWaveSync();
    group.cooperative = shared.dispatch.cooperative;
    group.stop = shared.dispatch.stop;
    if (shared.observation != nullptr) {
        state.observer = shared.observation->thread();
        group.observer = state.observer.get();
    }
    group.waves.resize(waves);
    for (uint64_t i = 0; i < waves; ++i) {
        Wave& wave = group.waves[i];
        wave.vgpr = registers + i * kVgprRows * lanes;
        wave.scratch = scratch + i * lanes * shared.scratchBytes;
        wave.scratchBytes = shared.scratchBytes;
        wave.index = static_cast<uint32_t>(i);
        wave.group = &group;
    }
    return true;
}

void begin(const Shared& shared, ThreadState& state, uint64_t index) {
    const auto& groups = shared.dispatch.groups;
    Workgroup& group = state.group;
    group.id = {static_cast<uint32_t>(index % groups[0]), static_cast<uint32_t>(index / groups[0] % groups[1]),
                static_cast<uint32_t>(index / groups[0] / groups[1])};
    group.live = static_cast<uint32_t>(group.waves.size());
    group.arrived = 0;
    group.phase = 0;
    group.namedBarriers.fill({});
    group.fault.reset();
    group.last = {};
    std::fill_n(group.lds, shared.ldsBytes, std::byte{0});
    const MicroOp* entry = shared.code.at(shared.dispatch.kernel->entry);
    for (Wave& wave : group.waves) {
        wave.pc = entry;
        shared.registers.set(wave);
    }
    if (group.observer != nullptr) {
        group.observer->beginGroup(group);
    }
}

void count(ThreadState& state) {
    ++state.counters.workgroups;
    for (Wave& wave : state.group.waves) {
        ++state.counters.waves;
        for (size_t cls = 0; cls < kInstructionClasses; ++cls) {
            state.counters.byClass[cls] += wave.executed[cls];
        }
        state.counters.activeLanes += wave.activeLanes;
        state.counters.vectorInstructions += wave.vectorInstructions;
    }
}

/// What comes after a workgroup's last round.
void finish(Shared& shared, ThreadState& state, uint64_t index) {
    count(state);
    completeStreams(state.group);
    if (state.group.observer != nullptr) {
        state.group.observer->endGroup();
    }
    if (state.group.fault) {
        state.faultIndex = index;
        shared.stop = true;
    }
}

/// Kernels compute in IEEE's default environment, whatever the host program has set on this thread.
class DefaultEnvironment {
public:
    DefaultEnvironment() {
        std::fegetenv(&before_);
        std::fesetenv(FE_DFL_ENV);
    }
    ~DefaultEnvironment() { std::fesetenv(&before_); }
    DefaultEnvironment(const DefaultEnvironment&) = delete;
    DefaultEnvironment& operator=(const DefaultEnvironment&) = delete;

private:
    std::fenv_t before_;
};

/// One workgroup after the other, each to its end.
void runThread(Shared& shared, ThreadState& state) {
    static thread_local WorkgroupStorage storage;
    const DefaultEnvironment environment;
    if (!allocateState(shared, state, storage)) {
        shared.stop = true;
        return;
    }
    while (!shared.stop.load(std::memory_order_relaxed)) {
        const uint64_t index = shared.next.fetch_add(1, std::memory_order_relaxed);
        if (index >= shared.groups) {
            break;
        }
        begin(shared, state, index);
        while (runRound(state.group) == Round::GoesOn) {
        }
        finish(shared, state, index);
    }
    storage.trim();
}

/// The workgroups of one of several threads by turns: the one of that number and every `step`th behind it.
void runTogether(Shared& shared, std::span<ThreadState> states, uint64_t first, uint64_t step) {
    const DefaultEnvironment environment;
    std::vector<uint64_t> live;
    std::deque<WorkgroupStorage> storage;
    for (uint64_t index = first; index < states.size(); index += step) {
        if (!allocateState(shared, states[index], storage.emplace_back())) {
            shared.stop = true;
            return;
        }
        begin(shared, states[index], index);
        live.push_back(index);
    }
    GlobalWaveSync& sync = shared.device.globalWaveSync();
    while (!live.empty() && !shared.stop.load(std::memory_order_relaxed)) {
        const uint64_t releases = sync.releases();
        bool progress = false;
        std::erase_if(live, [&](uint64_t index) {
            const Round round = runRound(states[index].group);
            progress |= round != Round::Waits;
            if (round == Round::Over) {
                finish(shared, states[index], index);
            }
            return round == Round::Over;
        });
        if (!progress && sync.stuck(static_cast<unsigned>(first), releases)) {
            raiseStuck(states[live.front()].group);
            finish(shared, states[live.front()], live.front());
            live.erase(live.begin());
        } else if (!progress) {
            std::this_thread::yield();
        }
    }
    sync.leave();
    for (const uint64_t index : live) {
        count(states[index]);
    }
}

std::string place(const Fault& fault) {
    if (fault.line == 0) {
        return {};
    }
    return format("\n  at {0}:{1}:{2}", fault.file, fault.line, fault.column);
}

Fault completeFault(const Shared& shared, const Workgroup& group) {
    const PendingFault& pending = *group.fault;
    const Module& module = *shared.dispatch.module;
    Fault fault;
    fault.kind = pending.kind;
    fault.kernel = shared.dispatch.kernel->name;
    fault.codeAddress = pending.codeAddress;
    fault.codeOffset = pending.codeAddress - module.loadBias();
    fault.instruction = shared.code.text(pending.codeAddress);
    fault.workgroup = group.id;
    fault.wave = pending.wave;
    fault.lane = pending.lane;
    fault.address = pending.address;
    const SourcePlace source = module.lines().find(fault.codeOffset);
    fault.file = source.file;
    fault.line = source.line;
    fault.column = source.column;
    fault.message = format("kernel {0}: {1}{2}\n  instruction at {3:x}: {4}\n  workgroup ({5}, {6}, {7}), wave {8}",
                           fault.kernel, pending.what, place(fault), fault.codeOffset,
                           fault.instruction.empty() ? "(not an instruction)" : fault.instruction, group.id[0],
                           group.id[1], group.id[2], pending.wave);
    if (pending.lane >= 0) {
        const auto& block = shared.dispatch.block;
        const uint32_t item = pending.wave * shared.dispatch.kernel->waveSize + static_cast<uint32_t>(pending.lane);
        fault.message += format(", lane {0}: work-item ({1}, {2}, {3})", pending.lane, item % block[0],
                                item / block[0] % block[1], item / block[0] / block[1]);
    }
    if (pending.kind == FaultKind::UnknownInstruction) {
        fault.message += format("\n  target {0}", std::string(shared.device.target().name));
    }
    return fault;
}

}  // namespace

LaunchResult runLaunch(Device& device, WorkerPool& pool, const Limits& limits, const Dispatch& dispatch) {
    LaunchResult result;
    const Kernel& kernel = *dispatch.kernel;
    const CodeImage& code = dispatch.module->code(kernel.waveSize);
    if (code.at(kernel.entry) == nullptr) {
        result.fault = refusal(FaultKind::InvalidCodeAddress, kernel.name,
                               format("kernel {0}: it begins at {1:x}, where no instruction of its module begins",
                                      kernel.name, kernel.entry - dispatch.module->loadBias()));
        return result;
    }
    LaunchMemory memory(device.memory(), dispatch);
    if (!memory.allocated()) {
        result.fault = refusal(FaultKind::OutOfResources, kernel.name,
                               format("kernel {0}: the device has no memory left for its arguments", kernel.name));
        return result;
    }
    const auto observation = device.observers().begin(dispatch);
    const uint64_t scratchBytes = device.scratchBytes(kernel);
    Shared shared{.device = device,
                  .dispatch = dispatch,
                  .limits = limits,
                  .code = code,
                  .observation = observation.get(),
                  .scratchBytes = scratchBytes,
                  .registers = InitialRegisters(device.target(), dispatch, memory.addresses(), scratchBytes)};
    shared.ldsBytes = uint64_t(kernel.ldsSize) + dispatch.dynamicLds;
    shared.groups = uint64_t(dispatch.groups[0]) * dispatch.groups[1] * dispatch.groups[2];

    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    const unsigned wanted = limits.threads != 0 ? limits.threads : cores;
    const auto threads = static_cast<unsigned>(std::min<uint64_t>(wanted, shared.groups));
    std::vector<ThreadState> states(dispatch.cooperative ? shared.groups : threads);
    if (dispatch.cooperative) {
        device.globalWaveSync().begin(threads);
        device.globalWaveSync().init(0, static_cast<uint32_t>(shared.groups - 1));
        pool.run(threads, [&](unsigned index) { runTogether(shared, states, index, threads); });
    } else {
        pool.run(threads, [&](unsigned index) { runThread(shared, states[index]); });
    }

    const ThreadState* first = nullptr;
    std::vector<const ThreadObserver*> watched;
    for (const ThreadState& state : states) {
        result.counters += state.counters;
        if (state.observer) {
            watched.push_back(state.observer.get());
        }
        if (state.outOfHostMemory) {
            result.fault =
                refusal(FaultKind::OutOfResources, kernel.name,
                        format("kernel {0}: the host has no memory left for a workgroup's registers, LDS and "
                               "private memory",
                               kernel.name));
        }
        if (state.group.fault && (first == nullptr || state.faultIndex < first->faultIndex)) {
            first = &state;
        }
    }
    if (observation) {
        result.fault = observation->finish(result.counters, watched);
    }
    if (first != nullptr) {
        result.fault = completeFault(shared, first->group);
    }
    return result;
}

}  // namespace soma::vgpu
