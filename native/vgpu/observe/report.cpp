#include "report.h"

#include "../format.h"

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include <cstdio>

namespace soma::vgpu {

namespace {

std::string textOf(const CodePlace& place) {
    std::string text;
    if (place.line != 0) {
        text += format("\n    at {0}:{1}:{2}", place.file, place.line, place.column);
    }
    if (!place.instruction.empty()) {
        text += format("\n    instruction at {0:x}: {1}", place.codeOffset, place.instruction);
    }
    return text;
}

std::string textOf(const WorkItem& who) {
    const auto& group = who.workgroup;
    std::string text = format("\n    workgroup ({0}, {1}, {2}), wave {3}", group[0], group[1], group[2], who.wave);
    if (who.lane >= 0) {
        text += format(", lane {0}: work-item ({1}, {2}, {3})", who.lane, who.item[0], who.item[1], who.item[2]);
    }
    return text;
}

void write(llvm::json::OStream& json, const CodePlace& place) {
    json.attribute("file", place.file);
    json.attribute("line", place.line);
    json.attribute("column", place.column);
    json.attribute("instruction", place.instruction);
    json.attribute("codeOffset", place.codeOffset);
}

void write(llvm::json::OStream& json, const WorkItem& who) {
    const auto list = [&](const char* name, const std::array<uint32_t, 3>& values) {
        json.attributeArray(name, [&] {
            for (const uint32_t value : values) {
                json.value(value);
            }
        });
    };
    list("workgroup", who.workgroup);
    json.attribute("wave", who.wave);
    if (who.lane >= 0) {
        json.attribute("lane", who.lane);
        list("workItem", who.item);
    }
}

}  // namespace

std::string SanitizerReport::text() const {
    std::string text = kind + (kernel.empty() ? "" : ": kernel " + kernel) + ": " + what + textOf(place);
    if (!kernel.empty()) {
        text += textOf(who);
    }
    if (!allocation.empty()) {
        text += "\n    address " + format("{0:x}", address) + ": " + allocation;
    }
    if (other) {
        text += "\n  " + other->what + textOf(other->place);
        text += other->who ? textOf(*other->who) : std::string{};
    }
    return text;
}

bool ReportLog::claim(const std::string& kind, uint64_t first, uint64_t second) {
    std::lock_guard lock(mutex_);
    return claimed_.emplace(kind, first, second).second;
}

void ReportLog::add(SanitizerReport report) {
    std::lock_guard lock(mutex_);
    const bool toError = sink_ == "1";
    if (std::FILE* file = sink_.empty() ? nullptr : toError ? stderr : std::fopen(sink_.c_str(), "a")) {
        std::fprintf(file, "soma sanitizer: %s\n", report.text().c_str());
        if (!toError) {
            std::fclose(file);
        }
    }
    reports_.push_back(std::move(report));
}

void ReportLog::clear() {
    std::lock_guard lock(mutex_);
    claimed_.clear();
    reports_.clear();
}

size_t ReportLog::size() const {
    std::lock_guard lock(mutex_);
    return reports_.size();
}

std::vector<SanitizerReport> ReportLog::all() const {
    std::lock_guard lock(mutex_);
    return reports_;
}

std::string ReportLog::json() const {
    std::string text;
    llvm::raw_string_ostream stream(text);
    llvm::json::OStream json(stream);
    json.array([&] {
        for (const SanitizerReport& report : all()) {
            json.object([&] {
                json.attribute("kind", report.kind);
                json.attribute("kernel", report.kernel);
                json.attribute("what", report.what);
                json.attribute("text", report.text());
                write(json, report.place);
                write(json, report.who);
                json.attribute("address", format("{0:x}", report.address));
                json.attribute("allocation", report.allocation);
                if (report.other) {
                    json.attributeObject("other", [&] {
                        json.attribute("what", report.other->what);
                        write(json, report.other->place);
                        if (report.other->who) {
                            write(json, *report.other->who);
                        }
                    });
                }
            });
        }
    });
    return text;
}

void ReportLog::writeTo(std::string sink) {
    std::lock_guard lock(mutex_);
    sink_ = std::move(sink);
}

}  // namespace soma::vgpu
