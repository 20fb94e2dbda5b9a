#include "variables.h"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/DebugInfo/DWARF/DWARFCompileUnit.h>
#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/DebugInfo/DWARF/DWARFDie.h>
#include <llvm/DebugInfo/DWARF/LowLevel/DWARFExpression.h>

#include <algorithm>

namespace soma::vgpu {

namespace {

using namespace llvm::dwarf;

/// Numbers of the first scalar registers.
constexpr uint64_t kFirstSgpr = 32;
constexpr uint64_t kSgprs = 64;

/// The first operation of an attribute that is an expression.
std::optional<llvm::DWARFExpression::Operation> firstOperation(const llvm::DWARFDie& die, Attribute attribute) {
    const auto value = die.find(attribute);
    const auto block = value ? value->getAsBlock() : std::nullopt;
    if (!block || block->empty()) {
        return std::nullopt;
    }
    const llvm::DWARFUnit* const unit = die.getDwarfUnit();
    const llvm::DataExtractor data(llvm::toStringRef(*block), unit->isLittleEndian(), unit->getAddressByteSize());
    const llvm::DWARFExpression expression(data, unit->getAddressByteSize(), unit->getFormParams().Format);
    const auto first = expression.begin();
    return first == expression.end() || first->isError() ? std::nullopt : std::optional(*first);
}

/// The scalar register that holds where a function's frame begins.
std::optional<unsigned> frameOf(const llvm::DWARFDie& function) {
    const auto operation = firstOperation(function, DW_AT_frame_base);
    if (!operation || operation->getCode() != DW_OP_regx) {
        return std::nullopt;
    }
    const uint64_t number = operation->getRawOperand(0);
    return number >= kFirstSgpr && number < kFirstSgpr + kSgprs ? std::optional(static_cast<unsigned>(number - kFirstSgpr))
                                                                : std::nullopt;
}

/// Without names and qualifiers.
llvm::DWARFDie plainType(llvm::DWARFDie type) {
    // Damaged debug information may have a type that is its own.
    for (int depth = 0; type.isValid() && depth < 16; ++depth) {
        switch (type.getTag()) {
        case DW_TAG_typedef:
        case DW_TAG_const_type:
        case DW_TAG_volatile_type:
            type = type.getAttributeValueAsReferencedDie(DW_AT_type);
            break;
        default:
            return type;
        }
    }
    return {};
}

/// Fills in what the type says; false for those that are not shown.
bool readType(const llvm::DWARFDie& named, SourceVariable& variable) {
    constexpr uint64_t kMostElements = 64;
    llvm::DWARFDie type = plainType(named);
    llvm::DWARFDie element = named;
    if (type.isValid() && type.getTag() == DW_TAG_array_type) {
        for (const llvm::DWARFDie& range : type.children()) {
            variable.count = static_cast<unsigned>(std::min<uint64_t>(
                toUnsigned(range.find(DW_AT_count), 0) * variable.count, kMostElements));
        }
        element = type.getAttributeValueAsReferencedDie(DW_AT_type);
        type = plainType(element);
    }
    if (!type.isValid() || variable.count == 0) {
        return false;
    }
    if (type.getTag() == DW_TAG_pointer_type) {
        const llvm::DWARFDie target = type.getAttributeValueAsReferencedDie(DW_AT_type);
        variable.type = std::string(target.isValid() ? toStringRef(target.find(DW_AT_name), "void") : "void") + "*";
        variable.kind = SourceVariable::Kind::Pointer;
        variable.bytes = static_cast<unsigned>(toUnsigned(type.find(DW_AT_byte_size), 8));
        return variable.bytes == 4 || variable.bytes == 8;
    }
    if (type.getTag() != DW_TAG_base_type) {
        return false;
    }
    variable.type = toStringRef(element.find(DW_AT_name), toStringRef(type.find(DW_AT_name), "")).str();
    variable.bytes = static_cast<unsigned>(toUnsigned(type.find(DW_AT_byte_size), 0));
    switch (toUnsigned(type.find(DW_AT_encoding), 0)) {
    case DW_ATE_float:
        variable.kind = SourceVariable::Kind::Float;
        break;
    case DW_ATE_boolean:
        variable.kind = SourceVariable::Kind::Boolean;
        break;
    case DW_ATE_signed:
    case DW_ATE_signed_char:
        variable.kind = SourceVariable::Kind::Signed;
        break;
    default:
        variable.kind = SourceVariable::Kind::Unsigned;
        break;
    }
    return variable.bytes == 1 || variable.bytes == 2 || variable.bytes == 4 || variable.bytes == 8;
}

bool contains(const llvm::DWARFDie& block, uint64_t address) {
    auto ranges = block.getAddressRanges();
    if (!ranges) {
        llvm::consumeError(ranges.takeError());
        return false;
    }
    return std::any_of(ranges->begin(), ranges->end(), [&](const llvm::DWARFAddressRange& range) {
        return address >= range.LowPC && address < range.HighPC;
    });
}

void collect(const llvm::DWARFDie& scope, uint64_t address, uint64_t before, std::optional<unsigned> frame,
             std::vector<SourceVariable>& out) {
    for (const llvm::DWARFDie& die : scope.children()) {
        if (die.getTag() == DW_TAG_lexical_block && contains(die, address)) {
            collect(die, address, before, frame, out);
        }
        const bool parameter = die.getTag() == DW_TAG_formal_parameter;
        if (!parameter && die.getTag() != DW_TAG_variable) {
            continue;
        }
        const auto place = firstOperation(die, DW_AT_location);
        // An inlined function's names and types stand with the function itself.
        const auto name = die.findRecursively({DW_AT_name});
        const auto type = die.findRecursively({DW_AT_type});
        const auto line = die.findRecursively({DW_AT_decl_line});
        const bool declared = parameter || toUnsigned(line, 0) < before;
        if (!declared || !place || place->getCode() != DW_OP_fbreg || !name || !type) {
            continue;
        }
        SourceVariable variable;
        variable.name = toStringRef(name, "").str();
        variable.offset = place->getRawOperand(0);
        variable.frame = frame;
        if (!variable.name.empty() && readType(die.getAttributeValueAsReferencedDie(*type), variable)) {
            out.push_back(std::move(variable));
        }
    }
}

}  // namespace

std::vector<SourceVariable> variablesAt(llvm::DWARFContext& dwarf, uint64_t address, unsigned line) {
    std::vector<SourceVariable> all;
    llvm::DWARFCompileUnit* const unit = dwarf.getCompileUnitForCodeAddress(address);
    if (unit == nullptr) {
        return all;
    }
    llvm::SmallVector<llvm::DWARFDie, 4> chain;
    unit->getInlinedChainForAddress(address, chain);
    if (chain.empty()) {
        return all;
    }
    const auto frame = frameOf(chain.back());
    uint64_t before = line;
    for (const llvm::DWARFDie& scope : chain) {
        std::vector<SourceVariable> its;
        collect(scope, address, before, frame, its);
        all.insert(all.begin(), std::make_move_iterator(its.begin()), std::make_move_iterator(its.end()));
        before = toUnsigned(scope.find(DW_AT_call_line), 0);
    }
    return all;
}

}  // namespace soma::vgpu
