// Operand forms of memory instructions. Manual: "Scalar Memory", "Flat, Global and Scratch", "LDS" of the RDNA3 ISA.

#include "../semantics/access.h"
#include "binder.h"

namespace soma::vgpu {

namespace {

/// A register operand, or none for `off`.
bool optionalSource(Binder& binder, const Operand& operand, ValueType type, Source& source) {
    if (operand.kind == Operand::Kind::Off || operand.kind == Operand::Kind::Null) {
        source.kind = Source::Kind::None;
        return true;
    }
    return binder.source(operand, type, source);
}

bool vectorSource(Binder& binder, const Operand& operand, Source& source) {
    return binder.source(operand, ValueType::U32, source) && source.kind == Source::Kind::Vgpr;
}

bool vectorDestination(Binder& binder, const Operand& operand, Destination& destination) {
    return binder.destination(operand, destination) && destination.kind == Destination::Kind::Vgpr;
}

/// Destination, address, data: the part that all vector memory instructions share. What is left starts at `next`.
bool bindAccess(Binder& binder, const Assembly& assembly, uint32_t flags, size_t trailing, MicroOp& op, size_t& next) {
    const auto& operands = assembly.operands;
    const unsigned data = (flags & access::kData2) != 0 ? 2 : (flags & (access::kStore | access::kAtomic)) != 0 ? 1 : 0;
    const bool returns =
        (flags & access::kLoad) != 0 || ((flags & access::kAtomic) != 0 && operands.size() == data + 2 + trailing);
    next = 0;
    if (operands.size() != size_t(returns) + 1 + data + trailing) {
        return false;
    }
    if (returns && !vectorDestination(binder, operands[next++], op.dst)) {
        return false;
    }
    const Operand& address = operands[next++];
    if (!optionalSource(binder, address, ValueType::U32, op.src[0]) ||
        (op.src[0].kind != Source::Kind::Vgpr && op.src[0].kind != Source::Kind::None)) {
        return false;
    }
    if (data > 0 && !vectorSource(binder, operands[next++], op.src[1])) {
        return false;
    }
    return data < 2 || vectorSource(binder, operands[next++], op.src[3]);
}

}  // namespace

bool bindScalarLoad(Binder& binder, const Assembly& assembly, const Semantics&, MicroOp& op) {
    if (assembly.operands.size() != 3 || !binder.destination(assembly.operands[0], op.dst) ||
        !binder.source(assembly.operands[1], ValueType::U64, op.src[0]) || op.src[0].kind != Source::Kind::Sgpr) {
        return false;
    }
    op.imm = assembly.number("offset");
    const Operand& offset = assembly.operands[2];
    if (offset.kind == Operand::Kind::Integer) {
        op.imm += static_cast<int64_t>(offset.integer);
        return true;
    }
    return optionalSource(binder, offset, ValueType::U32, op.src[2]);
}

namespace {

bool bindAddressed(Binder& binder, const Assembly& assembly, uint32_t flags, bool base, MicroOp& op) {
    size_t next = 0;
    if (!bindAccess(binder, assembly, flags, base ? 1 : 0, op, next)) {
        return false;
    }
    if (base && !optionalSource(binder, assembly.operands[next], ValueType::U64, op.src[2])) {
        return false;
    }
    op.imm = assembly.number("offset");
    return !assembly.has("lds");
}

}  // namespace

bool bindGlobal(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    op.space = Space::Global;
    return bindAddressed(binder, assembly, semantics.aux, true, op);
}

bool bindFlat(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    op.space = Space::Flat;
    // From gfx1250 on flat addresses may have a scalar base too.
    const bool base = !assembly.operands.empty() && assembly.operands.back().kind == Operand::Kind::Sgpr;
    return bindAddressed(binder, assembly, semantics.aux, base, op);
}

bool bindScratch(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    op.space = Space::Scratch;
    return bindAddressed(binder, assembly, semantics.aux, true, op);
}

bool bindLds(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    size_t next = 0;
    op.space = Space::Lds;
    if (assembly.has("gds") || !bindAccess(binder, assembly, semantics.aux, 0, op, next)) {
        return false;
    }
    if ((semantics.aux & access::kTwo) != 0) {
        op.imm = assembly.number("offset0");
        op.aux = static_cast<uint32_t>(assembly.number("offset1"));
    } else {
        op.imm = assembly.number("offset");
    }
    return true;
}

bool bindBuffer(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    const auto& operands = assembly.operands;
    op.space = Space::Buffer;
    const bool load = (semantics.aux & access::kLoad) != 0;
    const bool atomic = (semantics.aux & access::kAtomic) != 0;
    if (operands.size() != 4 || assembly.has("lds")) {
        return false;
    }
    const bool returns = load || (atomic && (assembly.has("glc") || assembly.has("sc0") || assembly.has("th")));
    if (returns && !vectorDestination(binder, operands[0], op.dst)) {
        return false;
    }
    if (!load && !vectorSource(binder, operands[0], op.src[1])) {
        return false;
    }
    op.aux = (assembly.has("offen") ? access::kOffsetEnable : 0) | (assembly.has("idxen") ? access::kIndexEnable : 0) |
             (binder.target().gfx9() ? access::kGfx9Descriptor : 0) |
             (binder.target().gfx11Plus() ? access::kGfx11Descriptor : 0);
    op.imm = assembly.number("offset");
    return optionalSource(binder, operands[1], ValueType::U32, op.src[0]) &&
           binder.source(operands[2], ValueType::U32, op.src[2]) && op.src[2].kind == Source::Kind::Sgpr &&
           binder.source(operands[3], ValueType::U32, op.src[3]);
}

}  // namespace soma::vgpu
