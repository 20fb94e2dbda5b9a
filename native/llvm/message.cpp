#include "message.h"

#include <algorithm>
#include <cstring>

#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Instruction.h"
#include "llvm/Support/SourceMgr.h"

namespace soma::llvm_addon {
namespace {

const char* severityName(llvm::DiagnosticSeverity severity) {
    switch (severity) {
    case llvm::DS_Error: return "error";
    case llvm::DS_Warning: return "warning";
    case llvm::DS_Remark: return "remark";
    case llvm::DS_Note: return "note";
    }
    return "error";
}

/// The diagnostic as one with a place, or null: LLVM has no cast to this base class.
const llvm::DiagnosticInfoWithLocationBase* withLocation(const llvm::DiagnosticInfo& info) {
    switch (info.getKind()) {
    case llvm::DK_GenericWithLoc:
    case llvm::DK_RegAllocFailure:
    case llvm::DK_ResourceLimit:
    case llvm::DK_StackSize:
    case llvm::DK_LegalizationFailure:
    case llvm::DK_Unsupported:
    case llvm::DK_MisExpect: return static_cast<const llvm::DiagnosticInfoWithLocationBase*>(&info);
    default: break;
    }
    const bool optimisation =
        (info.getKind() >= llvm::DK_FirstRemark && info.getKind() <= llvm::DK_LastRemark) ||
        (info.getKind() >= llvm::DK_FirstMachineRemark && info.getKind() <= llvm::DK_LastMachineRemark);
    return optimisation ? static_cast<const llvm::DiagnosticInfoWithLocationBase*>(&info) : nullptr;
}

/// The instruction that a diagnostic without a place of its own is about, or null.
const llvm::Instruction* instructionOf(const llvm::DiagnosticInfo& info) {
    if (const auto* generic = llvm::dyn_cast<llvm::DiagnosticInfoGeneric>(&info)) {
        return generic->getInstruction();
    }
    if (const auto* inlineAsm = llvm::dyn_cast<llvm::DiagnosticInfoInlineAsm>(&info)) {
        return inlineAsm->getInstruction();
    }
    return nullptr;
}

std::string printed(const llvm::DiagnosticInfo& info) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    llvm::DiagnosticPrinterRawOStream printer(stream);
    info.print(printer);
    return llvm::StringRef(text).trim().str();
}

/// LLVM's words, without the place that the message has in fields of its own.
std::string textOf(const llvm::DiagnosticInfo& info) {
    // Printed, it would carry the function's whole type.
    if (const auto* unsupported = llvm::dyn_cast<llvm::DiagnosticInfoUnsupported>(&info)) {
        return unsupported->getMessage().str() + " in function '" + unsupported->getFunction().getName().str() + "'";
    }
    if (const auto* source = llvm::dyn_cast<llvm::DiagnosticInfoSrcMgr>(&info)) {
        return source->getSMDiag().getMessage().str();
    }
    const std::string text = printed(info);
    llvm::StringRef rest = text;
    if (const auto* located = withLocation(info); located != nullptr && rest.consume_front(located->getLocationStr())) {
        rest.consume_front(":");
    }
    return rest.trim().str();
}

Message messageOf(const llvm::DiagnosticInfo& info) {
    Message message{severityName(info.getSeverity()), textOf(info)};
    if (const auto* located = withLocation(info); located != nullptr && located->isLocationAvailable()) {
        llvm::StringRef file;
        located->getLocation(file, message.line, message.column);
        message.file = file.str();
        // A message about a whole function has the line where its body begins, which a front end may leave out.
        if (const llvm::DISubprogram* function = located->getFunction().getSubprogram(); message.line == 0 && function) {
            message.line = function->getLine();
        }
    } else if (const auto* instruction = instructionOf(info)) {
        if (const llvm::DebugLoc& place = instruction->getDebugLoc()) {
            message.file = place->getFilename().str();
            message.line = place.getLine();
            message.column = place.getCol();
        }
    }
    return message;
}

class MessageCollector final : public llvm::DiagnosticHandler {
public:
    MessageCollector(Messages& messages, SpillReport& spills) : messages(messages), spills(spills) {}

    bool handleDiagnostics(const llvm::DiagnosticInfo& info) override {
        if (!spills.take(info)) {
            messages.push_back(messageOf(info));
        }
        return true;
    }

    bool isMissedOptRemarkEnabled(llvm::StringRef pass) const override { return SpillReport::wants(pass); }
    bool isAnyRemarkEnabled() const override { return true; }

private:
    Messages& messages;
    SpillReport& spills;
};

}  // namespace

bool hasError(const Messages& messages) {
    return std::any_of(messages.begin(), messages.end(),
                       [](const Message& message) { return std::strcmp(message.severity, "error") == 0; });
}

void addError(Messages& messages, std::string text) { messages.push_back({"error", std::move(text)}); }

llvm::DiagnosticHandler* newMessageCollector(Messages& messages, SpillReport& spills) {
    return new MessageCollector(messages, spills);
}

}  // namespace soma::llvm_addon
