// Operand forms of scalar instructions.

#include "binder.h"

#include <array>
#include <optional>

namespace soma::vgpu {

bool bindScalar(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    const Signature& signature = semantics.signature;
    size_t next = 0;
    if (signature.result != ValueType::None) {
        if (assembly.operands.empty() || !binder.destination(assembly.operands[next++], op.dst)) {
            return false;
        }
    }
    for (unsigned i = 0; i < signature.sources; ++i) {
        // The carry-in of s_addc and the condition of s_cselect are SCC, which the text does not name.
        if (signature.source[i] == ValueType::Mask) {
            op.src[i].kind = Source::Kind::Scc;
            continue;
        }
        if (next >= assembly.operands.size() ||
            !binder.source(assembly.operands[next++], signature.source[i], op.src[i])) {
            return false;
        }
        if (op.src[i].kind == Source::Kind::Vgpr) {
            return false;
        }
    }
    return next == assembly.operands.size();
}

bool bindScalarImmediate(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    if (assembly.operands.size() != 2 || assembly.operands[1].kind != Operand::Kind::Integer) {
        return false;
    }
    Assembly full = assembly;
    // `aux`: the immediate is unsigned.
    Operand& immediate = full.operands[1];
    immediate.integer = semantics.aux != 0 ? immediate.integer & 0xffff
                                           : static_cast<uint64_t>(static_cast<int16_t>(immediate.integer));
    const Signature& signature = semantics.signature;
    unsigned registers = 0;
    for (unsigned i = 0; i < signature.sources; ++i) {
        registers += signature.source[i] != ValueType::Mask;
    }
    Operand target = full.operands[0];
    if (signature.result == ValueType::None) {
        return bindScalar(binder, full, semantics, op);
    }
    if (registers == 2) {
        full.operands.insert(full.operands.begin() + 1, target);
    }
    return bindScalar(binder, full, semantics, op);
}

bool bindScalarAccumulate(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    Assembly full = assembly;
    if (full.operands.empty()) {
        return false;
    }
    Operand last = full.operands[0];
    full.operands.push_back(last);
    return bindScalar(binder, full, semantics, op);
}

bool bindBranch(Binder& binder, const Assembly& assembly, const Semantics&, MicroOp& op) {
    if (assembly.operands.empty() || assembly.operands.back().kind != Operand::Kind::Integer) {
        return false;
    }
    const auto words = static_cast<int16_t>(assembly.operands.back().integer);
    op.imm = static_cast<int64_t>(binder.nextAddress) + int64_t(words) * 4;
    return true;
}

bool bindJump(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    const bool writes = semantics.signature.result != ValueType::None;
    if (assembly.operands.size() < 1 || (writes && !binder.destination(assembly.operands[0], op.dst))) {
        return false;
    }
    const size_t target = writes ? 1 : 0;
    if (target < assembly.operands.size()) {
        const Operand& operand = assembly.operands[target];
        if (operand.kind == Operand::Kind::Integer) {
            const auto words = static_cast<int16_t>(operand.integer);
            binder.constant(binder.nextAddress + static_cast<uint64_t>(int64_t(words) * 4), op.src[0]);
        } else if (!binder.source(operand, ValueType::U64, op.src[0])) {
            return false;
        }
    }
    binder.constant(binder.nextAddress, op.src[1]);
    return true;
}

bool bindHardwareRegister(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    // Numbers: LLVM's AMDGPU operand syntax, "hwreg"; those that mean something to a functional model.
    struct Named {
        std::string_view name;
        uint32_t id;
    };
    constexpr std::array kNamed = {
        Named{"HW_REG_MODE", 1},
        Named{"HW_REG_STATUS", 2},
        Named{"HW_REG_TRAPSTS", 3},
        Named{"HW_REG_HW_ID", 4},
        Named{"HW_REG_GPR_ALLOC", 5},
        Named{"HW_REG_LDS_ALLOC", 6},
        Named{"HW_REG_IB_STS", 7},
        Named{"HW_REG_SH_MEM_BASES", 15},
        Named{"HW_REG_FLAT_SCR_LO", 20},
        Named{"HW_REG_FLAT_SCR_HI", 21},
        Named{"HW_REG_HW_ID1", 23},
        Named{"HW_REG_HW_ID2", 24},
        Named{"HW_REG_SHADER_CYCLES", 29},
        Named{"HW_REG_SHADER_CYCLES_LO", 29},
        Named{"HW_REG_SHADER_CYCLES_HI", 30},
        Named{"HW_REG_WAVE_MODE", 1},
        Named{"HW_REG_XCC_ID", 20},
    };
    const bool set = semantics.signature.result == ValueType::None;
    if (assembly.operands.size() != 2) {
        return false;
    }
    const Operand& reg = assembly.operands[set ? 0 : 1];
    if (reg.kind != Operand::Kind::Text || !reg.text.starts_with("hwreg(") || !reg.text.ends_with(")")) {
        return false;
    }
    const std::string inner = "hwreg " + reg.text.substr(6, reg.text.size() - 7);
    const Assembly parts = parseAssembly(inner);
    if (parts.operands.empty()) {
        return false;
    }
    std::optional<uint32_t> id;
    if (parts.operands[0].kind == Operand::Kind::Integer) {
        id = static_cast<uint32_t>(parts.operands[0].integer);
    } else {
        for (const Named& named : kNamed) {
            if (parts.operands[0].text == named.name) {
                id = named.id;
            }
        }
    }
    const auto part = [&](size_t index, uint32_t otherwise) {
        return index < parts.operands.size() ? static_cast<uint32_t>(parts.operands[index].integer) : otherwise;
    };
    // Reserved numbers read as 0.
    if (!id) {
        return false;
    }
    op.aux = *id | part(1, 0) << 8 | part(2, 32) << 16;
    if (set) {
        return binder.source(assembly.operands[1], ValueType::U32, op.src[0]);
    }
    return binder.destination(assembly.operands[0], op.dst);
}

bool bindNone(Binder&, const Assembly& assembly, const Semantics&, MicroOp& op) {
    if (!assembly.operands.empty() && assembly.operands[0].kind == Operand::Kind::Integer) {
        op.imm = static_cast<int64_t>(assembly.operands[0].integer);
    }
    return true;
}

}  // namespace soma::vgpu
