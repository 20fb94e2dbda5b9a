#include "code_image.h"

#include "../execute/wave.h"
#include "../format.h"
#include "aliases.h"

namespace soma::vgpu {

namespace {

void runUnknown(Wave& wave, const MicroOp& op) {
    raiseFault(wave, op, FaultKind::UnknownInstruction, -1, 0, "the virtual GPU does not implement this instruction");
}

void runUndecodable(Wave& wave, const MicroOp& op) {
    raiseFault(wave, op, FaultKind::UnknownInstruction, -1, 0, "these bytes are no instruction of the target");
}

void runPastEnd(Wave& wave, const MicroOp& op) {
    raiseFault(wave, op, FaultKind::InvalidCodeAddress, -1, 0, "the wave ran past the end of the code");
}

void runBadBranch(Wave& wave, const MicroOp& op) {
    raiseFault(wave, op, FaultKind::InvalidCodeAddress, -1, static_cast<uint64_t>(op.imm),
               format("it branches to {0:x}, where no instruction begins", static_cast<uint64_t>(op.imm)));
}

/// Adds M0's index to the vector registers that its mask names, while MODE asks for it (gfx9).
void runIndexed(Wave& wave, const MicroOp& op) {
    if ((wave.mode & mode::kRegisterIndexing) == 0) {
        op.indexed(wave, op);
        return;
    }
    const uint32_t m0 = wave.sgpr[sgpr::kM0];
    const uint32_t rows = (m0 & 0xff) * wave.lanes;
    MicroOp shifted = op;
    bool inside = true;
    const auto shift = [&](uint32_t& reg) {
        // Both files have 256 registers.
        inside = inside && (reg / wave.lanes & 0xff) + (m0 & 0xff) <= 0xff;
        reg += rows;
    };
    for (unsigned i = 0; i < 3; ++i) {
        if ((m0 >> (12 + i) & 1) != 0 && op.src[i].kind == Source::Kind::Vgpr) {
            shift(shifted.src[i].reg);
        }
    }
    if ((m0 >> 15 & 1) != 0 && op.dst.kind == Destination::Kind::Vgpr) {
        shift(shifted.dst.reg);
    }
    if (!inside) {
        raiseFault(wave, op, FaultKind::UnknownInstruction, -1, 0,
                   format("M0's index, {0}, leads to a register that does not exist", m0 & 0xff));
        return;
    }
    op.indexed(wave, shifted);
}

/// Of two halves of a dual-issue pair, whose operands are single registers.
bool readsResult(const MicroOp& reader, const MicroOp& writer) {
    return std::any_of(reader.src.begin(), reader.src.end(), [&](const Source& source) {
        return source.kind == Source::Kind::Vgpr && source.reg == writer.dst.reg;
    });
}

}  // namespace

CodeImage::CodeImage(const Target& target, unsigned waveSize, std::span<const std::byte> code, uint64_t base)
    : target_(target), waveSize_(waveSize), code_(code), base_(base), disassembler_(target, waveSize) {
    index_.assign(code.size() / 4 + 1, -1);
    for (uint64_t at = 0; at + 4 <= code.size();) {
        const Disassembler::Instruction instruction = disassembler_.decode(code.subspan(at), base + at);
        decode(base + at, instruction);
        at += instruction.size;
    }
    MicroOp end;
    end.run = runPastEnd;
    append(end, base + code.size() / 4 * 4);
    resolveBranches();
}

void CodeImage::append(const MicroOp& op, uint64_t address) {
    const auto word = static_cast<uint32_t>((address - base_) / 4);
    if (index_[word] < 0) {
        index_[word] = static_cast<int32_t>(ops_.size());
    }
    ops_.push_back(op);
    words_.push_back(word);
}

MicroOp CodeImage::bind(std::string_view text, Binder& binder) {
    MicroOp op;
    op.run = runUnknown;
    Assembly assembly = parseAssembly(text);
    // A dual-issue half has the name and the operands of the instruction that it stands for.
    if (assembly.mnemonic.starts_with("v_dual_")) {
        assembly.mnemonic.erase(2, 5);
        // Its mask, VCC, is not printed.
        if (assembly.mnemonic == "v_cndmask_b32" && assembly.operands.size() == 3) {
            Operand vcc;
            vcc.kind = Operand::Kind::Sgpr;
            vcc.reg = sgpr::kVcc;
            assembly.operands.push_back(vcc);
        }
    }
    const bool upperHalfStays = !target_.gfx9() || keepsUpperHalf(assembly.mnemonic);
    if (target_.gfx9() || target_.isa == IsaClass::Gfx10) {
        assembly.mnemonic = modernName(assembly.mnemonic);
    }
    // A load whose result goes to LDS is another instruction.
    if (assembly.has("lds")) {
        assembly.mnemonic += "_lds";
    }
    const Semantics* semantics = semanticsTable().find(assembly.mnemonic, target_.isa);
    if (semantics == nullptr) {
        return op;
    }
    op.run = semantics->run;
    op.cls = semantics->cls;
    if (!semantics->bind(binder, assembly, *semantics, op)) {
        op = MicroOp{};
        op.run = runUnknown;
        return op;
    }
    op.zeroHigh = op.zeroHigh && !upperHalfStays;
    if (assembly.mnemonic == "s_set_gpr_idx_on" || assembly.mnemonic == "s_set_gpr_idx_off") {
        indexing_ = assembly.mnemonic == "s_set_gpr_idx_on";
    } else if (indexing_ && (op.cls == InstructionClass::Valu || op.cls == InstructionClass::Transcendental)) {
        op.indexed = op.run;
        op.run = runIndexed;
    }
    if (semantics->bind == bindBranch) {
        branches_.push_back(static_cast<uint32_t>(ops_.size()));
    }
    return op;
}

void CodeImage::decode(uint64_t address, const Disassembler::Instruction& instruction) {
    Binder binder(target_, waveSize_, pool_);
    binder.nextAddress = address + instruction.size;
    if (instruction.text.empty()) {
        MicroOp op;
        op.run = runUndecodable;
        append(op, address);
        return;
    }
    const std::string_view text = instruction.text;
    const size_t pair = text.find(" :: ");
    if (pair == std::string_view::npos) {
        append(bind(text, binder), address);
        return;
    }
    // Both halves of a dual-issue pair read before either writes. One order of the two respects that nearly always;
    // where each reads what the other writes, the first result waits in a spare register.
    MicroOp first = bind(text.substr(0, pair), binder);
    MicroOp second = bind(text.substr(pair + 4), binder);
    if (!readsResult(second, first)) {
        second.cls = InstructionClass::Internal;
        append(first, address);
        append(second, address);
    } else if (!readsResult(first, second)) {
        first.cls = InstructionClass::Internal;
        append(second, address);
        append(first, address);
    } else {
        MicroOp move = bind("v_mov_b32_e32 v0, v0", binder);
        move.cls = InstructionClass::Internal;
        move.dst = first.dst;
        move.src[0].reg = binder.vgpr(kTemporaryVgpr);
        first.dst.reg = binder.vgpr(kTemporaryVgpr);
        second.cls = InstructionClass::Internal;
        append(first, address);
        append(second, address);
        append(move, address);
    }
}

void CodeImage::resolveBranches() {
    for (const uint32_t index : branches_) {
        MicroOp& op = ops_[index];
        const MicroOp* target = at(static_cast<uint64_t>(op.imm));
        if (target == nullptr) {
            op.run = runBadBranch;
        } else {
            op.imm = target - &op;
        }
    }
}

const MicroOp* CodeImage::at(uint64_t address) const {
    const uint64_t offset = address - base_;
    if (address < base_ || offset % 4 != 0 || offset / 4 >= index_.size() || index_[offset / 4] < 0) {
        return nullptr;
    }
    return &ops_[static_cast<size_t>(index_[offset / 4])];
}

uint64_t CodeImage::addressOf(const MicroOp& op) const {
    return base_ + uint64_t(words_[static_cast<size_t>(&op - ops_.data())]) * 4;
}

RegisterUse CodeImage::registersOf(uint64_t address) const {
    if (address < base_ || address - base_ >= code_.size()) {
        return {};
    }
    return disassembler_.registersOf(code_.subspan(address - base_), address);
}

bool CodeImage::implements(uint64_t address) const {
    const MicroOp* first = at(address);
    if (first == nullptr) {
        return false;
    }
    const auto begin = static_cast<size_t>(first - ops_.data());
    for (size_t i = begin; i < ops_.size() && words_[i] == words_[begin]; ++i) {
        if (ops_[i].run == runUnknown || ops_[i].run == runUndecodable) {
            return false;
        }
    }
    return true;
}

std::string CodeImage::text(uint64_t address) const {
    if (address < base_ || address - base_ >= code_.size()) {
        return {};
    }
    return disassembler_.decode(code_.subspan(address - base_), address).text;
}

}  // namespace soma::vgpu
