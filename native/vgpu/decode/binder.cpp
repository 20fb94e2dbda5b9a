#include "binder.h"

#include "../execute/half.h"

#include <bit>
#include <new>

namespace soma::vgpu {

uint64_t constantBits(const Operand& operand, ValueType type) {
    if (operand.kind == Operand::Kind::Real) {
        const float single = static_cast<float>(operand.real);
        if (isWide(type)) {
            return std::bit_cast<uint64_t>(operand.real);
        }
        if (type == ValueType::BF16) {
            return floatToBfloat(single);
        }
        return isSmall(type) ? floatToHalf(single) : std::bit_cast<uint32_t>(single);
    }
    const uint64_t value = operand.integer;
    if (isWide(type)) {
        if (operand.literal && type == ValueType::F64 && value <= 0xffffffff) {
            return value << 32;
        }
        if (operand.literal && type == ValueType::I64 && value <= 0xffffffff) {
            return static_cast<uint64_t>(static_cast<int32_t>(value));
        }
        return value;
    }
    if (type == ValueType::Mask) {
        return value;
    }
    return isSmall(type) ? value & 0xffff : value & 0xffffffff;
}

void Binder::constant(uint64_t bits, Source& source) {
    source.kind = Source::Kind::Constant;
    source.value = bits;
    auto& lines = pool_.rows[bits];
    if (!lines) {
        lines = cacheLines(uint64_t(waveSize_) * 2 * sizeof(uint32_t));
        if (!lines) {
            throw std::bad_alloc();
        }
        auto* rows = reinterpret_cast<uint32_t*>(lines.get());
        std::fill_n(rows, waveSize_, static_cast<uint32_t>(bits));
        std::fill_n(rows + waveSize_, waveSize_, static_cast<uint32_t>(bits >> 32));
    }
    source.rows = reinterpret_cast<const uint32_t*>(lines.get());
}

bool Binder::source(const Operand& operand, ValueType type, Source& source) {
    source.negate = operand.negate;
    source.absolute = operand.absolute;
    source.signExtend = operand.signExtend;
    if (operand.half == Operand::Half::High) {
        source.select = Select::Word1;
    }
    switch (operand.kind) {
    case Operand::Kind::Vgpr:
    case Operand::Kind::Agpr:
        if (operand.reg + operand.count > kAccumulationBase || type == ValueType::Mask) {
            return false;
        }
        source.kind = Source::Kind::Vgpr;
        source.reg = vgpr(operand.reg + (operand.kind == Operand::Kind::Agpr ? kAccumulationBase : 0));
        return true;
    case Operand::Kind::Sgpr:
        if (operand.reg + operand.count > sgpr::kCount) {
            return false;
        }
        source.kind = Source::Kind::Sgpr;
        source.reg = operand.reg;
        return true;
    case Operand::Kind::Scc:
        source.kind = Source::Kind::Scc;
        return true;
    case Operand::Kind::Vccz:
        source.kind = Source::Kind::Vccz;
        return true;
    case Operand::Kind::Execz:
        source.kind = Source::Kind::Execz;
        return true;
    case Operand::Kind::Null:
        constant(0, source);
        return true;
    case Operand::Kind::Aperture: {
        const bool shared = operand.text.find("shared") != std::string::npos;
        const bool limit = operand.text.ends_with("limit");
        constant((shared ? Device::kSharedBase : Device::kPrivateBase) + (limit ? 0xffffffff : 0), source);
        return true;
    }
    case Operand::Kind::Integer:
    case Operand::Kind::Real:
        constant(constantBits(operand, type), source);
        return true;
    case Operand::Kind::Off:
    case Operand::Kind::Text:
        return false;
    }
    return false;
}

bool Binder::destination(const Operand& operand, Destination& destination) const {
    switch (operand.kind) {
    case Operand::Kind::Vgpr:
    case Operand::Kind::Agpr:
        if (operand.reg + operand.count > kAccumulationBase) {
            return false;
        }
        destination.kind = Destination::Kind::Vgpr;
        destination.reg = (operand.reg + (operand.kind == Operand::Kind::Agpr ? kAccumulationBase : 0)) * waveSize_;
        if (operand.half == Operand::Half::High) {
            destination.select = Select::Word1;
        }
        return true;
    case Operand::Kind::Sgpr:
        if (operand.reg + operand.count > sgpr::kCount) {
            return false;
        }
        destination.kind = Destination::Kind::Sgpr;
        destination.reg = operand.reg;
        return true;
    case Operand::Kind::Null:
        destination.kind = Destination::Kind::None;
        return true;
    default:
        return false;
    }
}

namespace {

Select selectOf(std::string_view text) {
    constexpr std::pair<std::string_view, Select> kNames[] = {
        {"BYTE_0", Select::Byte0}, {"BYTE_1", Select::Byte1}, {"BYTE_2", Select::Byte2},
        {"BYTE_3", Select::Byte3}, {"WORD_0", Select::Word0}, {"WORD_1", Select::Word1},
    };
    for (const auto& [name, select] : kNames) {
        if (text == name) {
            return select;
        }
    }
    return Select::All;
}

bool isPlain(const Source& source) {
    using Kind = Source::Kind;
    return (source.kind == Kind::Vgpr || source.kind == Kind::Sgpr || source.kind == Kind::Constant) &&
           source.select == Select::All && !source.negate && !source.absolute && !source.signExtend;
}

}  // namespace

bool Binder::vectorModifiers(const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    op.zeroHigh = target_.gfx9();
    const Signature& signature = semantics.signature;
    if (assembly.has("op_sel")) {
        for (unsigned i = 0; i < signature.sources; ++i) {
            if (isSmall(signature.source[i]) && assembly.element("op_sel", i) != 0) {
                op.src[i].select = Select::Word1;
            }
        }
        if (isSmall(signature.result) && assembly.element("op_sel", signature.sources) != 0) {
            op.dst.select = Select::Word1;
        }
    }
    if (assembly.has("clamp")) {
        if (semantics.clamped != nullptr) {
            op.run = semantics.clamped;
        } else {
            op.clamp = true;
            op.simple = false;
        }
    }
    if (assembly.has("mul") || assembly.has("div")) {
        op.outputScale = assembly.has("div") ? 3 : assembly.number("mul") == 2 ? 1 : 2;
        op.simple = false;
    }
    if (assembly.has("src0_sel") || assembly.has("src1_sel") || assembly.has("dst_sel")) {
        const auto select = [&](std::string_view name, Select& out) {
            if (const Modifier* modifier = assembly.find(name)) {
                out = selectOf(modifier->value);
            }
        };
        select("src0_sel", op.src[0].select);
        select("src1_sel", op.src[1].select);
        select("dst_sel", op.dst.select);
        if (const Modifier* unused = assembly.find("dst_unused")) {
            op.dst.unused = unused->value == "UNUSED_PAD" ? 0 : unused->value == "UNUSED_SEXT" ? 1 : 2;
        }
        op.simple = false;
    }
    if (!laneMove(assembly, op)) {
        return false;
    }
    for (unsigned i = 0; i < signature.sources; ++i) {
        op.simple = op.simple && isPlain(op.src[i]);
    }
    return true;
}

bool bindVector(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    const Signature& signature = semantics.signature;
    size_t next = 0;
    const auto take = [&]() -> const Operand* {
        return next < assembly.operands.size() ? &assembly.operands[next++] : nullptr;
    };
    if (signature.result != ValueType::None || signature.mask) {
        const Operand* operand = take();
        if (operand == nullptr || !binder.destination(*operand, op.dst)) {
            return false;
        }
    }
    if (signature.result != ValueType::None && signature.mask) {
        const Operand* operand = take();
        if (operand == nullptr || !binder.destination(*operand, op.dst2)) {
            return false;
        }
    }
    for (unsigned i = 0; i < signature.sources; ++i) {
        const Operand* operand = take();
        if (operand == nullptr || !binder.source(*operand, signature.source[i], op.src[i])) {
            return false;
        }
    }
    return next == assembly.operands.size() && binder.vectorModifiers(assembly, semantics, op);
}

bool bindTruthTable(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    Assembly full = assembly;
    std::erase_if(full.modifiers, [](const Modifier& modifier) { return modifier.name == "bitop3"; });
    Operand table;
    table.kind = Operand::Kind::Integer;
    table.integer = assembly.number("bitop3");
    full.operands.push_back(table);
    return bindVector(binder, full, semantics, op);
}

bool bindVectorAccumulate(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    Assembly full = assembly;
    if (full.operands.empty()) {
        return false;
    }
    Operand last = full.operands[0];
    full.operands.push_back(last);
    return bindVector(binder, full, semantics, op);
}

bool bindVectorCompareExec(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    // gfx9's v_cmpx names a destination and writes it as well as EXEC; from gfx10 on there is only EXEC.
    Assembly full = assembly;
    if (binder.target().gfx10Plus()) {
        Operand exec;
        exec.kind = Operand::Kind::Sgpr;
        exec.reg = sgpr::kExec;
        full.operands.insert(full.operands.begin(), exec);
    }
    if (!bindVector(binder, full, semantics, op)) {
        return false;
    }
    op.dst2 = op.dst;
    op.dst.kind = Destination::Kind::Sgpr;
    op.dst.reg = sgpr::kExec;
    return true;
}

bool bindVectorVcc(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    Assembly full = assembly;
    Operand vcc;
    vcc.kind = Operand::Kind::Sgpr;
    vcc.reg = sgpr::kVcc;
    full.operands.push_back(vcc);
    return bindVector(binder, full, semantics, op);
}

bool bindPacked(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    const Signature& signature = semantics.signature;
    if (assembly.operands.size() != signature.sources + 1u || !binder.destination(assembly.operands[0], op.dst)) {
        return false;
    }
    for (unsigned i = 0; i < signature.sources; ++i) {
        const Operand& operand = assembly.operands[i + 1];
        const bool constant = operand.kind == Operand::Kind::Integer || operand.kind == Operand::Kind::Real;
        // Literals fill both halves. A floating-point inline constant is a half in the low half for floating-point
        // instructions, and single precision for those of integers (LLVM's AMDGPUBaseInfo.cpp, getInlineEncodingV216:
        // the manuals don't say so).
        const bool real = operand.kind == Operand::Kind::Real;
        const bool mixed = semantics.aux != 0;
        const ValueType own = signature.source[i];
        const bool small = mixed ? assembly.element("op_sel_hi", i, 0) != 0
                                 : own == ValueType::F16 || own == ValueType::BF16;
        const ValueType type = real && small ? ValueType::F16 : isWide(own) ? ValueType::U64 : ValueType::U32;
        if (constant) {
            binder.constant(constantBits(operand, type), op.src[i]);
            op.src[i].negate = operand.negate;
            op.src[i].absolute = operand.absolute;
        } else if (!binder.source(operand, type, op.src[i])) {
            return false;
        }
        // A packed instruction without op_sel_hi reads the upper halves; a mixed one single precision.
        const auto bit = [&](const char* name, int64_t otherwise, unsigned at) {
            op.aux |= static_cast<uint32_t>(assembly.element(name, i, otherwise) & 1) << (i * 4 + at);
        };
        bit("op_sel", 0, 0);
        bit("op_sel_hi", mixed ? 0 : 1, 1);
        bit("neg_lo", 0, 2);
        bit("neg_hi", 0, 3);
    }
    op.clamp = assembly.has("clamp");
    if (op.clamp && semantics.clamped != nullptr) {
        op.clamp = false;
        op.run = semantics.clamped;
    }
    op.zeroHigh = binder.target().gfx9();
    return true;
}

bool bindPackedAccumulate(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    Assembly full = assembly;
    if (full.operands.empty()) {
        return false;
    }
    Operand last = full.operands[0];
    full.operands.push_back(last);
    return bindPacked(binder, full, semantics, op);
}

bool bindSwap(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    return bindVector(binder, assembly, semantics, op) && op.src[0].kind == Source::Kind::Vgpr &&
           op.dst.kind == Destination::Kind::Vgpr;
}

bool bindPermlane(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    Assembly plain = assembly;
    std::erase_if(plain.modifiers, [](const Modifier& modifier) { return modifier.name == "op_sel"; });
    op.aux = static_cast<uint32_t>(assembly.element("op_sel", 0) | assembly.element("op_sel", 1) << 1);
    return bindVector(binder, plain, semantics, op);
}

}  // namespace soma::vgpu
