#include "trace.h"

#include "../format.h"
#include "../loader/lines.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <chrono>

namespace soma::vgpu {

namespace {

double milliseconds() {
    using Milliseconds = std::chrono::duration<double, std::milli>;
    return Milliseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string registerName(unsigned reg) {
    if (reg < registers::kScalar) {
        return reg < registers::kAccumulation ? format("v{0}", reg) : format("a{0}", reg - registers::kAccumulation);
    }
    const unsigned scalar = reg - registers::kScalar;
    const auto half = [](const char* name, unsigned word) { return std::string(name) + (word == 0 ? "_lo" : "_hi"); };
    if (scalar == sgpr::kVcc || scalar == sgpr::kVcc + 1) {
        return half("vcc", scalar - sgpr::kVcc);
    }
    if (scalar == sgpr::kExec || scalar == sgpr::kExec + 1) {
        return half("exec", scalar - sgpr::kExec);
    }
    return reg == registers::kScc ? "scc" : format("s{0}", scalar);
}

std::string hex(uint64_t value) { return format("{0:x}", value); }

const char* kindName(SourceVariable::Kind kind) {
    switch (kind) {
    case SourceVariable::Kind::Signed:
        return "signed";
    case SourceVariable::Kind::Float:
        return "float";
    case SourceVariable::Kind::Boolean:
        return "boolean";
    case SourceVariable::Kind::Pointer:
        return "pointer";
    case SourceVariable::Kind::Unsigned:
        break;
    }
    return "unsigned";
}

void write(llvm::json::OStream& json, const TraceStep& step) {
    json.object([&] {
        json.attribute("kernel", step.kernel);
        json.attribute("group", step.group);
        json.attribute("wave", step.wave);
        json.attribute("codeOffset", step.offset);
        json.attribute("instruction", step.instruction);
        json.attribute("file", step.file);
        json.attribute("line", step.line);
        json.attribute("exec", hex(step.exec));
        json.attributeArray("changes", [&] {
            for (const RegisterChange& change : step.changes) {
                json.object([&] {
                    json.attribute("register", registerName(change.reg));
                    json.attribute("lanes", hex(change.lanes));
                    json.attributeArray("values", [&] {
                        for (const uint32_t value : change.values) {
                            json.value(int64_t(value));
                        }
                    });
                });
            }
        });
        json.attributeArray("variables", [&] {
            for (const auto& [variable, bytes] : step.variables) {
                json.object([&] {
                    json.attribute("name", variable.name);
                    json.attribute("type", variable.type);
                    json.attribute("kind", kindName(variable.kind));
                    json.attribute("elementBytes", variable.bytes);
                    json.attribute("count", variable.count);
                    json.attribute("bytes", llvm::toHex(bytes));
                });
            }
        });
    });
}

/// Calls `body(reg, values, count)` for the registers of an instruction's results: a vector one has a value for each lane.
template <class Body>
void forEachResult(const Wave& wave, const OpFacts& facts, Body body) {
    for (const RegisterRange& range : facts.registers.writes) {
        for (unsigned reg = range.first; reg < unsigned(range.first + range.count); ++reg) {
            if (reg < registers::kScalar) {
                body(reg, wave.vgpr + size_t(reg) * wave.lanes, wave.lanes);
            } else if (reg - registers::kScalar < sgpr::kCount) {
                body(reg, &wave.sgpr[reg - registers::kScalar], 1u);
            } else {
                const uint32_t scc = wave.scc ? 1 : 0;
                body(reg, &scc, 1u);
            }
        }
    }
}

}  // namespace

std::optional<TraceSettings> TraceSettings::parse(std::string_view text) {
    llvm::Expected<llvm::json::Value> value = llvm::json::parse(llvm::StringRef(text.data(), text.size()));
    if (!value) {
        llvm::consumeError(value.takeError());
        return std::nullopt;
    }
    const llvm::json::Object* object = value->getAsObject();
    if (object == nullptr) {
        return std::nullopt;
    }
    const auto number = [&](const char* name) -> std::optional<uint64_t> {
        const auto found = object->getInteger(name);
        return found && *found >= 0 ? std::optional(static_cast<uint64_t>(*found)) : std::nullopt;
    };
    TraceSettings settings;
    if (const auto kernel = object->getString("kernel")) {
        settings.kernel = kernel->str();
    }
    settings.group = number("group");
    settings.wave = number("wave");
    settings.instructions = object->getBoolean("instructions").value_or(false);
    settings.line = static_cast<unsigned>(number("line").value_or(0));
    settings.file = object->getString("file").value_or("").str();
    settings.item = number("item").value_or(0);
    settings.workgroups = object->getBoolean("workgroups").value_or(false);
    settings.lanesEvery = number("lanesEvery").value_or(0);
    return settings;
}

void TraceLog::configure(TraceSettings settings) {
    std::lock_guard lock(mutex_);
    on_ = settings.any();
    settings_ = std::move(settings);
    steps_.clear();
    stops_.clear();
    spans_.clear();
    samples_.clear();
    lost_ = 0;
}

TraceSettings TraceLog::settings() const {
    std::lock_guard lock(mutex_);
    return settings_;
}

void TraceLog::addStep(TraceStep step, bool isStop) {
    std::lock_guard lock(mutex_);
    auto& list = isStop ? stops_ : steps_;
    if (list.size() < (isStop ? kStops : kSteps)) {
        list.push_back(std::move(step));
    } else {
        ++lost_;
    }
}

void TraceLog::addSpan(WorkgroupSpan span) {
    std::lock_guard lock(mutex_);
    if (spans_.size() < kSpans) {
        spans_.push_back(std::move(span));
    } else {
        ++lost_;
    }
}

void TraceLog::addSample(LaneSample sample) {
    std::lock_guard lock(mutex_);
    sample.number = ++sampled_;
    samples_.push_back(std::move(sample));
    if (samples_.size() > kSamples) {
        samples_.pop_front();
    }
}

std::string TraceLog::json() const {
    std::lock_guard lock(mutex_);
    std::string text;
    llvm::raw_string_ostream stream(text);
    llvm::json::OStream json(stream);
    json.object([&] {
        json.attributeArray("steps", [&] {
            for (const TraceStep& step : steps_) {
                write(json, step);
            }
        });
        json.attributeArray("stops", [&] {
            for (const TraceStep& stop : stops_) {
                write(json, stop);
            }
        });
        json.attributeArray("workgroups", [&] {
            for (const WorkgroupSpan& span : spans_) {
                json.object([&] {
                    json.attribute("kernel", span.kernel);
                    json.attribute("group", span.group);
                    json.attribute("unit", span.unit);
                    json.attribute("start", span.start);
                    json.attribute("milliseconds", span.milliseconds);
                });
            }
        });
        json.attributeArray("samples", [&] {
            for (const LaneSample& sample : samples_) {
                json.object([&] {
                    json.attribute("number", sample.number);
                    json.attribute("time", sample.time);
                    json.attribute("kernel", sample.kernel);
                    json.attribute("group", sample.group);
                    json.attribute("wave", sample.wave);
                    json.attribute("waveSize", sample.lanes);
                    json.attribute("exec", hex(sample.exec));
                });
            }
        });
        json.attribute("lost", lost_);
    });
    return text;
}

ThreadTrace::ThreadTrace(TraceLog& log, const Target& target, const Dispatch& dispatch, const CodeImage& code, unsigned unit)
    : log_(log),
      dispatch_(dispatch),
      code_(code),
      settings_(log.settings()),
      unit_(unit),
      // Where private memory is reached by buffer instructions.
      framesOfWaves_(target.isa == IsaClass::Gfx90a || target.isa == IsaClass::Gfx10),
      kernel_(!settings_.kernel || *settings_.kernel == dispatch.kernel->name),
      untilSample_(settings_.lanesEvery) {
    if (settings_.line == 0 || !kernel_) {
        return;
    }
    ofLine_.resize(code.operations().size());
    for (const MicroOp& op : code.operations()) {
        const SourcePlace place = dispatch.module->lines().find(code.addressOf(op) - dispatch.module->loadBias());
        ofLine_[code.indexOf(op)] = place.line == settings_.line && place.file.ends_with(settings_.file);
    }
}

void ThreadTrace::beginGroup(const Workgroup& group) {
    const auto& groups = dispatch_.groups;
    group_ = (uint64_t(group.id[2]) * groups[1] + group.id[1]) * groups[0] + group.id[0];
    start_ = settings_.workgroups ? milliseconds() : 0;
    onLine_.assign(group.waves.size(), false);
}

void ThreadTrace::endGroup() {
    if (settings_.workgroups) {
        log_.addSpan({dispatch_.kernel->name, group_, unit_, start_, milliseconds() - start_});
    }
}

bool ThreadTrace::isWatched(const Wave& wave) const {
    return kernel_ && (!settings_.group || *settings_.group == group_) &&
           (!settings_.wave || *settings_.wave == wave.index);
}

TraceStep ThreadTrace::stepOf(const Wave& wave, size_t index) const {
    const uint64_t address = code_.addressOf(code_.operations()[index]);
    const uint64_t offset = address - dispatch_.module->loadBias();
    const SourcePlace place = dispatch_.module->lines().find(offset);
    return {dispatch_.kernel->name, group_, wave.index, code_.text(address), place.file, place.line, offset,
            wave.exec(), {}};
}

std::vector<VariableValue> ThreadTrace::variablesOf(const Wave& wave, uint64_t lane, uint64_t offset, unsigned line) const {
    std::vector<VariableValue> values;
    for (SourceVariable& variable : dispatch_.module->lines().variables(offset, line)) {
        const uint64_t frame = variable.frame ? wave.sgpr[*variable.frame] / (framesOfWaves_ ? wave.lanes : 1) : 0;
        const uint64_t begin = frame + variable.offset;
        const uint64_t size = uint64_t(variable.bytes) * variable.count;
        if (begin > wave.scratchBytes || size > wave.scratchBytes - begin) {
            continue;
        }
        // An inner variable hides an outer one of its name.
        std::erase_if(values, [&](const VariableValue& other) { return other.variable.name == variable.name; });
        const auto* const bytes = reinterpret_cast<const uint8_t*>(wave.scratch + lane * wave.scratchBytes + begin);
        values.push_back({std::move(variable), std::vector<uint8_t>(bytes, bytes + size)});
    }
    return values;
}

void ThreadTrace::before(const Wave& wave, const MicroOp&, const OpFacts& facts, size_t index) {
    if (settings_.lanesEvery != 0 && --untilSample_ == 0) {
        untilSample_ = settings_.lanesEvery;
        log_.addSample({0, milliseconds(), dispatch_.kernel->name, group_, wave.index, wave.lanes, wave.exec()});
    }
    if (!isWatched(wave)) {
        return;
    }
    if (settings_.instructions) {
        exec_ = wave.exec();
        saved_.clear();
        forEachResult(wave, facts, [&](unsigned, const uint32_t* values, unsigned count) {
            saved_.insert(saved_.end(), values, values + count);
        });
    }
    if (ofLine_.empty()) {
        return;
    }
    const bool arrives = ofLine_[index] && !onLine_[wave.index];
    onLine_[wave.index] = ofLine_[index];
    const uint64_t lane = settings_.item - uint64_t(wave.index) * wave.lanes;
    if (!arrives || lane >= wave.lanes || (wave.exec() >> lane & 1) == 0) {
        return;
    }
    TraceStep stop = stepOf(wave, index);
    stop.variables = variablesOf(wave, lane, stop.offset, stop.line);
    for (unsigned reg = 0; reg < registers::kScalar; ++reg) {
        if (const uint32_t value = wave.vgpr[size_t(reg) * wave.lanes + lane]; value != 0) {
            stop.changes.push_back({reg, uint64_t(1) << lane, {value}});
        }
    }
    for (unsigned reg = 0; reg <= sgpr::kVcc + 1; ++reg) {
        if (wave.sgpr[reg] != 0) {
            stop.changes.push_back({registers::kScalar + reg, 0, {wave.sgpr[reg]}});
        }
    }
    log_.addStep(std::move(stop), true);
}

void ThreadTrace::after(const Wave& wave, const OpFacts& facts, size_t index) {
    if (!settings_.instructions || !isWatched(wave)) {
        return;
    }
    TraceStep step = stepOf(wave, index);
    step.exec = exec_;
    size_t at = 0;
    forEachResult(wave, facts, [&](unsigned reg, const uint32_t* values, unsigned count) {
        RegisterChange change{reg, 0, {}};
        for (unsigned lane = 0; lane < count; ++lane, ++at) {
            if (values[lane] != saved_[at]) {
                change.lanes |= reg < registers::kScalar ? uint64_t(1) << lane : 0;
                change.values.push_back(values[lane]);
            }
        }
        if (!change.values.empty()) {
            step.changes.push_back(std::move(change));
        }
    });
    const bool isNamed = std::any_of(step.changes.begin(), step.changes.end(), [](const RegisterChange& change) {
        return change.reg == registers::kScalar + sgpr::kExec || change.reg == registers::kScalar + sgpr::kExec + 1;
    });
    if (wave.exec() != exec_ && !isNamed) {
        step.changes.push_back({registers::kScalar + sgpr::kExec, 0, {wave.exec32(0)}});
        if (wave.lanes == 64) {
            step.changes.push_back({registers::kScalar + sgpr::kExec + 1, 0, {wave.exec32(1)}});
        }
    }
    log_.addStep(std::move(step), false);
}

}  // namespace soma::vgpu
