// From findings to reports: words, places, work-items.
#include "../format.h"
#include "../loader/lines.h"
#include "sanitizer.h"

#include <algorithm>

namespace soma::vgpu {

LaunchSanitizer::LaunchSanitizer(const Device& device, const Dispatch& dispatch, const CodeImage& code,
                                 const CodeFacts& facts, DeviceShadow& shadow, ReportLog& log)
    : device_(device),
      dispatch_(dispatch),
      code_(code),
      facts_(facts),
      shadow_(shadow),
      log_(log),
      launch_(shadow.nextLaunch()),
      checksAlignment_(!dispatch.module->lines().producedBy("soma")),
      sites_(code.operations().size()) {
    for (const MicroOp& op : code.operations()) {
        const size_t index = code.indexOf(op);
        if (facts.of(op).touch != Touch::None) {
            sites_[index] = static_cast<uint16_t>(std::min<size_t>(operations_.size(), AccessCell::kSites));
            if (operations_.size() < AccessCell::kSites) {
                operations_.push_back(index);
            }
        }
    }
}

std::optional<size_t> LaunchSanitizer::operationOf(uint32_t site) const {
    return site < operations_.size() ? std::optional(operations_[site]) : std::nullopt;
}

std::array<uint32_t, 3> LaunchSanitizer::groupOf(uint32_t index) const {
    const auto& groups = dispatch_.groups;
    return {index % groups[0], index / groups[0] % groups[1], index / groups[0] / groups[1]};
}

std::optional<Fault> LaunchSanitizer::fault() const {
    std::lock_guard lock(mutex_);
    return fault_;
}

CodePlace LaunchSanitizer::placeOf(size_t operation) const {
    const uint64_t address = code_.addressOf(code_.operations()[operation]);
    const uint64_t offset = address - dispatch_.module->loadBias();
    const SourcePlace source = dispatch_.module->lines().find(offset);
    return {source.file, source.line, source.column, code_.text(address), offset};
}

WorkItem LaunchSanitizer::workItem(const std::array<uint32_t, 3>& group, unsigned wave, int lane) const {
    WorkItem who{group, wave, lane, {}};
    if (lane >= 0) {
        const auto& block = dispatch_.block;
        const uint32_t item = wave * dispatch_.kernel->waveSize + static_cast<uint32_t>(lane);
        who.item = {item % block[0], item / block[0] % block[1], item / block[0] / block[1]};
    }
    return who;
}

void LaunchSanitizer::report(const Workgroup& group, const Finding& finding, bool logged) {
    SanitizerReport report;
    report.kind = finding.kind;
    report.kernel = dispatch_.kernel->name;
    report.what = finding.what;
    report.place = placeOf(finding.operation);
    report.who = workItem(group.id, finding.wave, finding.lane);
    report.address = finding.address;
    report.allocation = finding.allocation;
    if (finding.other) {
        SanitizerReport::Other other{finding.otherWhat, placeOf(*finding.other), std::nullopt};
        if (finding.otherGroup && finding.otherItem >= 0) {
            const unsigned lanes = dispatch_.kernel->waveSize;
            const auto item = static_cast<unsigned>(finding.otherItem);
            other.who = workItem(*finding.otherGroup, item / lanes, static_cast<int>(item % lanes));
        } else if (finding.otherGroup && finding.otherWave) {
            other.who = workItem(*finding.otherGroup, *finding.otherWave, -1);
        }
        report.other = std::move(other);
    }
    if (finding.fault) {
        std::lock_guard lock(mutex_);
        if (!fault_) {
            Fault fault;
            fault.kind = *finding.fault;
            fault.message = report.text();
            fault.kernel = report.kernel;
            fault.instruction = report.place.instruction;
            fault.codeOffset = report.place.codeOffset;
            fault.codeAddress = report.place.codeOffset + dispatch_.module->loadBias();
            fault.file = report.place.file;
            fault.line = report.place.line;
            fault.column = report.place.column;
            fault.workgroup = group.id;
            fault.wave = finding.wave;
            fault.lane = finding.lane;
            fault.address = finding.address;
            fault_ = std::move(fault);
            faulted_ = true;
        }
    }
    if (logged) {
        log_.add(std::move(report));
    }
}

}  // namespace soma::vgpu
