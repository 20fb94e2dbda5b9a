#include "facts.h"

#include "../decode/aliases.h"
#include "flops.h"

#include <algorithm>

namespace soma::vgpu {

namespace {

/// The last part such as `b64`, `u8` or `f16` of a memory mnemonic, in bytes; 0 where there is none.
unsigned elementBytes(std::string_view mnemonic) {
    unsigned bytes = 0;
    for (size_t at = 0; at < mnemonic.size();) {
        const size_t end = std::min(mnemonic.find('_', at), mnemonic.size());
        const std::string_view part = mnemonic.substr(at, end - at);
        at = end + 1;
        if (part.size() < 2 || std::string_view("bfuid").find(part[0]) == std::string_view::npos ||
            !std::all_of(part.begin() + 1, part.end(), [](char c) { return c >= '0' && c <= '9'; })) {
            continue;
        }
        const unsigned bits = static_cast<unsigned>(std::stoul(std::string(part.substr(1))));
        // d16 says where a smaller element goes.
        if (part[0] != 'd' && bits % 8 == 0 && bits <= 512) {
            bytes = bits / 8;
        }
    }
    return mnemonic.find("_pk_") != std::string_view::npos ? 4 : bytes;
}

bool isVectorMemory(const MicroOp& op, std::string_view mnemonic) {
    switch (op.cls) {
    case InstructionClass::VectorLoad:
    case InstructionClass::VectorStore:
    case InstructionClass::VectorAtomic:
    case InstructionClass::Scratch:
        return true;
    case InstructionClass::Lds:
        // These move values between lanes by way of LDS' network, not its memory.
        return mnemonic.find("permute") == std::string_view::npos && !mnemonic.starts_with("ds_swizzle");
    default:
        return false;
    }
}

void memoryFacts(OpFacts& facts) {
    const std::string_view name = facts.mnemonic;
    // Addresses from the lane's number and blocks of registers are not followed.
    const bool unusual = name.find("addtid") != std::string_view::npos || name.find("storexchg_2addr") != std::string_view::npos;
    facts.bytes = unusual ? uint8_t(0) : static_cast<uint8_t>(elementBytes(name));
    if (facts.bytes == 0) {
        return;
    }
    const bool exchanges = name.find("storexchg") != std::string_view::npos ||
                           name.find("cmpstore") != std::string_view::npos ||
                           name.find("atomic") != std::string_view::npos;
    const bool loads = name.find("_load_") != std::string_view::npos;
    const bool stores = !exchanges && name.find("_store_") != std::string_view::npos;
    facts.touch = loads ? Touch::Load : stores ? Touch::Store : Touch::Atomic;
    facts.signExtends = name.find("_i8") != std::string_view::npos || name.find("_i16") != std::string_view::npos;
    facts.half = name.find("d16") != std::string_view::npos;
    facts.upperHalf = name.find("d16_hi") != std::string_view::npos;
    facts.exchanges =
        name.find("_swap_") != std::string_view::npos || name.find("storexchg") != std::string_view::npos;
    facts.accesses = name.find("_2addr_") != std::string_view::npos ? 2 : 1;
    facts.unit = facts.accesses == 1                                        ? 1
                 : name.find("stride64") != std::string_view::npos ? static_cast<uint16_t>(facts.bytes * 64)
                                                                             : facts.bytes;
}

/// Two accesses that compilers make of one that is not aligned to all of its bytes.
bool areNeighbours(const MicroOp& op, const OpFacts& facts, unsigned lanes) {
    const bool loads = facts.touch == Touch::Load;
    return facts.accesses == 2 && (loads || facts.touch == Touch::Store) &&
           int64_t(op.aux) * facts.unit == op.imm * facts.unit + facts.bytes &&
           (loads || op.src[3].reg == op.src[1].reg + facts.bytes / 4 * lanes);
}

OpFacts joined(const OpFacts& facts) {
    OpFacts one;
    one.mnemonic = facts.mnemonic;
    one.touch = facts.touch;
    one.bytes = static_cast<uint8_t>(facts.bytes * 2);
    one.accesses = 1;
    one.unit = facts.unit;
    one.registers = facts.registers;
    return one;
}

/// Null for what is no load straight to LDS, where each lane writes at least a word.
std::unique_ptr<OpFacts> storedInLds(const OpFacts& facts) {
    if (facts.touch != Touch::Load || !facts.mnemonic.ends_with("_lds")) {
        return nullptr;
    }
    auto stored = std::make_unique<OpFacts>();
    stored->mnemonic = facts.mnemonic;
    stored->touch = Touch::Store;
    stored->accesses = 1;
    stored->bytes = std::max<uint8_t>(facts.bytes, 4);
    return stored;
}

bool writesExec(std::string_view mnemonic, const Assembly& assembly) {
    if (mnemonic.find("saveexec") != std::string_view::npos || mnemonic.find("wrexec") != std::string_view::npos ||
        mnemonic.starts_with("v_cmpx_")) {
        return true;
    }
    return mnemonic.starts_with("s_") && !assembly.operands.empty() &&
           assembly.operands[0].kind == Operand::Kind::Sgpr && assembly.operands[0].reg >= sgpr::kExec &&
           assembly.operands[0].reg < sgpr::kExec + 2;
}

/// Loads and stores that bypass the caches that other workgroups do not see. LLVM's AMDGPU user guide, "Memory Model":
/// glc (gfx90a, gfx10, gfx11), sc1 (gfx942), a scope of the device or wider (gfx12).
bool isCoherent(const Assembly& assembly) {
    const Modifier* scope = assembly.find("scope");
    return assembly.has("glc") || assembly.has("sc1") ||
           (scope != nullptr && (scope->value == "SCOPE_DEV" || scope->value == "SCOPE_SYS"));
}

/// Of a dual-issue half LLVM knows only the pair: its own registers are single ones, which the micro-operation names.
RegisterUse registersOfHalf(const MicroOp& op, unsigned lanes) {
    RegisterUse use;
    const auto vector = [&](uint32_t reg) { return RegisterRange{static_cast<uint16_t>(reg / lanes), 1}; };
    for (const Source& source : op.src) {
        if (source.kind == Source::Kind::Vgpr) {
            use.reads.push_back(vector(source.reg));
        } else if (source.kind == Source::Kind::Sgpr) {
            use.reads.push_back({static_cast<uint16_t>(registers::kScalar + source.reg), 1});
        }
    }
    // The spare register of a pair is nobody's.
    if (op.dst.kind == Destination::Kind::Vgpr && op.dst.reg / lanes < registers::kScalar) {
        use.writes.push_back(vector(op.dst.reg));
    }
    return use;
}

/// The text of a micro-operation: of a dual-issue pair, its half.
std::string_view textOf(std::string_view text, const MicroOp& op, unsigned lanes) {
    const size_t pair = text.find(" :: ");
    if (pair == std::string_view::npos) {
        return text;
    }
    const std::string_view first = text.substr(0, pair);
    const std::string_view second = text.substr(pair + 4);
    const Assembly assembly = parseAssembly(second);
    const bool isSecond = !assembly.operands.empty() && op.dst.kind == Destination::Kind::Vgpr &&
                          assembly.operands[0].reg * lanes == op.dst.reg;
    return isSecond ? second : first;
}

}  // namespace

CodeFacts::CodeFacts(const Target& target, const CodeImage& image) : image_(image) {
    const auto ops = image.operations();
    facts_.resize(ops.size());
    quick_.reserve(ops.size());
    uint64_t address = 0;
    std::string text;
    for (const MicroOp& op : ops) {
        OpFacts& facts = facts_[image.indexOf(op)];
        if (const uint64_t at = image.addressOf(op); at != address) {
            address = at;
            text = image.text(at);
        }
        const std::string half(textOf(text, op, image.waveSize()));
        const Assembly assembly = parseAssembly(half);
        facts.mnemonic = assembly.mnemonic;
        if (facts.mnemonic.starts_with("v_dual_")) {
            facts.mnemonic.erase(2, 5);
        }
        if (target.gfx9() || target.isa == IsaClass::Gfx10) {
            facts.mnemonic = modernName(facts.mnemonic);
        }
        if (assembly.has("lds")) {
            facts.mnemonic += "_lds";
        }
        if (isVectorMemory(op, facts.mnemonic)) {
            memoryFacts(facts);
        }
        if (op.cls == InstructionClass::ScalarMemory && facts.mnemonic.find("load") != std::string::npos) {
            facts.scalarBytes = static_cast<uint8_t>(elementBytes(facts.mnemonic));
        }
        facts.registers = text.find(" :: ") == std::string::npos ? image.registersOf(address)
                                                                 : registersOfHalf(op, image.waveSize());
        facts.waits = waitFacts(target, facts.mnemonic, half, assembly, op.cls);
        facts.shadow = shadowRule(facts.mnemonic);
        if (const Semantics* semantics = semanticsTable().find(facts.mnemonic, target.isa)) {
            facts.signature = semantics->signature;
        }
        facts.coherent = facts.touch == Touch::Atomic || (facts.touch != Touch::None && isCoherent(assembly));
        facts.arrives = facts.mnemonic == "s_barrier" || facts.mnemonic.starts_with("s_barrier_signal");
        facts.meets = facts.mnemonic == "s_barrier" || facts.mnemonic == "s_barrier_wait";
        facts.named = !assembly.operands.empty() && static_cast<int16_t>(assembly.operands[0].integer) >= 0;
        facts.globalWaveSync = facts.mnemonic.starts_with("ds_gws_");
        facts.ends = facts.mnemonic == "s_endpgm";
        facts.vector = facts.mnemonic.starts_with("v_");
        facts.laneFlops = laneFlops(facts.mnemonic);
        facts.waveFlops = op.cls == InstructionClass::Matrix ? matrixFlops(facts.mnemonic, assembly) : 0;
        facts.writesExec = writesExec(facts.mnemonic, assembly);
        facts.conditionalBranch = facts.mnemonic.starts_with("s_cbranch_");
        facts.toLds = storedInLds(facts);
        if (areNeighbours(op, facts, image.waveSize())) {
            facts.joined = std::make_unique<OpFacts>(joined(facts));
        }
        const bool plain = facts.touch == Touch::None && facts.scalarBytes == 0 && !facts.waits.issues() &&
                           op.cls != InstructionClass::Wait && !facts.arrives && !facts.meets &&
                           op.cls != InstructionClass::Barrier && !facts.ends;
        quick_.push_back({plain, RegisterMasks(facts.registers)});
    }
}

}  // namespace soma::vgpu
