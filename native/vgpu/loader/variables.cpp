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
        case DW_TAG_restrict_type:
            type = type.getAttributeValueAsReferencedDie(DW_AT_type);
            break;
        default:
            return type;
        }
    }
    return {};
}

/// Elements of an array that are shown, and parts of a variable.
constexpr unsigned kMostParts = 64;

/// How many elements the type has of another, which `element` becomes; 1 where it is no array.
unsigned elementsOf(llvm::DWARFDie& element) {
    const llvm::DWARFDie type = plainType(element);
    if (!type.isValid() || type.getTag() != DW_TAG_array_type) {
        return 1;
    }
    uint64_t count = 1;
    for (const llvm::DWARFDie& range : type.children()) {
        count = std::min<uint64_t>(toUnsigned(range.find(DW_AT_count), 0) * count, kMostParts);
    }
    element = type.getAttributeValueAsReferencedDie(DW_AT_type);
    return static_cast<unsigned>(count);
}

bool isAggregate(const llvm::DWARFDie& type) {
    return type.getTag() == DW_TAG_structure_type || type.getTag() == DW_TAG_class_type ||
           type.getTag() == DW_TAG_union_type;
}

/// Fills in what the type of one element says; false for those that are not shown.
bool readType(const llvm::DWARFDie& element, SourceVariable& variable) {
    llvm::DWARFDie type = plainType(element);
    if (type.isValid() && type.getTag() == DW_TAG_enumeration_type) {
        variable.type = toStringRef(element.find(DW_AT_name), "enum").str();
        type = plainType(type.getAttributeValueAsReferencedDie(DW_AT_type));
    }
    if (!type.isValid()) {
        return false;
    }
    if (type.getTag() == DW_TAG_pointer_type || type.getTag() == DW_TAG_reference_type) {
        const llvm::DWARFDie target = type.getAttributeValueAsReferencedDie(DW_AT_type);
        variable.type = std::string(target.isValid() ? toStringRef(target.find(DW_AT_name), "void") : "void") + "*";
        variable.kind = SourceVariable::Kind::Pointer;
        variable.bytes = static_cast<unsigned>(toUnsigned(type.find(DW_AT_byte_size), 8));
        return variable.bytes == 4 || variable.bytes == 8;
    }
    if (type.getTag() != DW_TAG_base_type) {
        return false;
    }
    if (variable.type.empty()) {
        variable.type = toStringRef(element.find(DW_AT_name), toStringRef(type.find(DW_AT_name), "")).str();
    }
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

/// Adds a variable of that type, of a structure each of its fields, with names as the source would say them. `whole` has its
/// place and its name so far; damaged debug information may nest without end.
void addParts(const llvm::DWARFDie& named, const SourceVariable& whole, unsigned depth, size_t most,
              std::vector<SourceVariable>& out) {
    constexpr unsigned kDeepest = 8;
    SourceVariable part = whole;
    llvm::DWARFDie element = named;
    part.count = elementsOf(element);
    const llvm::DWARFDie type = plainType(element);
    if (!type.isValid() || part.count == 0 || out.size() >= most || depth == kDeepest) {
        return;
    }
    if (!isAggregate(type)) {
        if (readType(element, part)) {
            out.push_back(std::move(part));
        }
        return;
    }
    const uint64_t size = toUnsigned(type.find(DW_AT_byte_size), 0);
    const bool several = plainType(named).getTag() == DW_TAG_array_type;
    for (unsigned at = 0; at < part.count; ++at) {
        for (const llvm::DWARFDie& member : type.children()) {
            // A base class, and what has no name, are parts of what has them.
            if (member.getTag() != DW_TAG_member && member.getTag() != DW_TAG_inheritance) {
                continue;
            }
            const std::string name = toStringRef(member.find(DW_AT_name), "").str();
            SourceVariable field = whole;
            field.offset += at * size + toUnsigned(member.find(DW_AT_data_member_location), 0);
            field.name += (several ? "[" + std::to_string(at) + "]" : "") + (name.empty() ? "" : "." + name);
            addParts(member.getAttributeValueAsReferencedDie(DW_AT_type), field, depth + 1, most, out);
        }
    }
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
        if (!variable.name.empty()) {
            addParts(die.getAttributeValueAsReferencedDie(*type), variable, 0, out.size() + kMostParts, out);
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
