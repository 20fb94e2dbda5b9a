// Instructions that move values between lanes, or between lanes and scalar registers.
// Source: RDNA3 ISA, "V_READFIRSTLANE_B32", "V_READLANE_B32", "V_WRITELANE_B32", "V_PERMLANE16_B32",
// "V_PERMLANEX16_B32", "V_PERMLANE64_B32", "V_MBCNT_LO_U32_B32", "DS_BPERMUTE_B32", "DS_PERMUTE_B32", "DS_SWIZZLE_B32".

#include "access.h"
#include "families.h"
#include "vector.h"

#include <charconv>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;

u32 scalarWord(const Wave& wave, const Source& source) { return static_cast<u32>(scalarBits(wave, source, false)); }

/// One lane of a source, whatever kind it is.
u32 laneWord(const Wave& wave, const Source& source, unsigned lane) {
    return source.kind == Source::Kind::Vgpr ? wave.vgpr[source.reg + lane] : scalarWord(wave, source);
}

void runReadFirstLane(Wave& wave, const MicroOp& op) {
    const uint64_t exec = wave.exec();
    const unsigned lane = exec == 0 ? 0 : static_cast<unsigned>(std::countr_zero(exec));
    if (op.dst.kind == Destination::Kind::Sgpr) {
        wave.sgpr[op.dst.reg] = laneWord(wave, op.src[0], lane);
    }
}

void runReadLane(Wave& wave, const MicroOp& op) {
    const unsigned lane = laneWord(wave, op.src[1], 0) & (wave.lanes - 1);
    if (op.dst.kind == Destination::Kind::Sgpr) {
        wave.sgpr[op.dst.reg] = laneWord(wave, op.src[0], lane);
    }
}

void runWriteLane(Wave& wave, const MicroOp& op) {
    const unsigned lane = scalarWord(wave, op.src[1]) & (wave.lanes - 1);
    wave.vgpr[op.dst.reg + lane] = scalarWord(wave, op.src[0]);
}

/// Results for the whole wave, written where lanes are on and `write` allows it.
template <class Read>
void writeLanes(Wave& wave, const MicroOp& op, uint64_t write, Read read) {
    alignas(64) u32 results[64];
    for (unsigned lane = 0; lane < wave.lanes; ++lane) {
        results[lane] = read(lane);
    }
    const uint64_t enabled = wave.exec() & write;
    for (unsigned half = 0; half < wave.halves; ++half) {
        blend(wave.vgpr + op.dst.reg + half * kPart, results + half * kPart, static_cast<u32>(enabled >> half * kPart));
    }
}

/// v_permlane16 (Other false) and v_permlanex16 (the other row of the pair): sixteen 4-bit selectors in two scalars.
template <bool Other>
void runPermlane(Wave& wave, const MicroOp& op) {
    wave.countVector();
    const uint64_t selectors = uint64_t(scalarWord(wave, op.src[2])) << 32 | scalarWord(wave, op.src[1]);
    const bool fetchInactive = (op.aux & 1) != 0;
    const bool zeroFill = (op.aux & 2) != 0;
    const uint64_t exec = wave.exec();
    const auto from = [&](unsigned lane) {
        const unsigned row = (lane & ~15u) ^ (Other ? 16 : 0);
        return row + static_cast<unsigned>(selectors >> (lane % 16 * 4) & 15);
    };
    const auto readable = [&](unsigned lane) { return fetchInactive || (exec >> from(lane) & 1) != 0; };
    uint64_t write = 0;
    for (unsigned lane = 0; lane < wave.lanes; ++lane) {
        write |= uint64_t(readable(lane) || zeroFill) << lane;
    }
    writeLanes(wave, op, write,
               [&](unsigned lane) { return readable(lane) ? laneWord(wave, op.src[0], from(lane)) : 0; });
}

/// The same with each lane's own selector in a vector register (gfx12).
template <bool Other>
void runPermlaneVariable(Wave& wave, const MicroOp& op) {
    wave.countVector();
    const bool fetchInactive = (op.aux & 1) != 0;
    const bool zeroFill = (op.aux & 2) != 0;
    const uint64_t exec = wave.exec();
    const auto from = [&](unsigned lane) {
        return ((lane & ~15u) ^ (Other ? 16 : 0)) + (laneWord(wave, op.src[1], lane) & 15);
    };
    const auto readable = [&](unsigned lane) { return fetchInactive || (exec >> from(lane) & 1) != 0; };
    uint64_t write = 0;
    for (unsigned lane = 0; lane < wave.lanes; ++lane) {
        write |= uint64_t(readable(lane) || zeroFill) << lane;
    }
    writeLanes(wave, op, write,
               [&](unsigned lane) { return readable(lane) ? laneWord(wave, op.src[0], from(lane)) : 0; });
}

/// Swaps the halves of a wave of 64; on one of 32 there is nothing to swap.
void runPermlane64(Wave& wave, const MicroOp& op) {
    wave.countVector();
    writeLanes(wave, op, ~uint64_t(0),
               [&](unsigned lane) { return laneWord(wave, op.src[0], wave.lanes == 64 ? lane ^ 32 : lane); });
}

void runSwap(Wave& wave, const MicroOp& op) {
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const u32 exec = wave.exec32(half);
        u32* first = wave.vgpr + op.dst.reg + half * kPart;
        u32* second = wave.vgpr + op.src[0].reg + half * kPart;
        for (unsigned lane = 0; lane < kPart; ++lane) {
            if ((exec >> lane & 1) != 0) {
                std::swap(first[lane], second[lane]);
            }
        }
    }
}

/// Of a mask, the bits of lower lanes, counted and added. `High`: the mask's upper 32 lanes.
template <bool High>
void runMaskCount(Wave& wave, const MicroOp& op) {
    wave.countVector();
    writeLanes(wave, op, ~uint64_t(0), [&](unsigned lane) {
        const uint64_t below = (uint64_t(1) << lane) - 1;
        const u32 mask = static_cast<u32>(High ? below >> 32 : below);
        return static_cast<u32>(std::popcount(laneWord(wave, op.src[0], lane) & mask)) +
               laneWord(wave, op.src[1], lane);
    });
}

/// Lanes reach each other within 32 from gfx10 on, and across the wave before; `aux` 1 says the former.
bool bindPermute(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    if (!bindLds(binder, assembly, semantics, op)) {
        return false;
    }
    op.aux = binder.target().gfx10Plus() ? 1 : 0;
    return op.src[0].kind == Source::Kind::Vgpr;
}

unsigned permuteTarget(const Wave& wave, const MicroOp& op, unsigned lane) {
    const u32 address = wave.vgpr[op.src[0].reg + lane] + static_cast<u32>(op.imm);
    const unsigned width = op.aux != 0 ? 32 : wave.lanes;
    return (lane & ~(width - 1)) + (address / 4 & (width - 1));
}

/// `FetchInactive`: lanes that are off may be read.
template <bool FetchInactive>
void runBackwardPermute(Wave& wave, const MicroOp& op) {
    wave.countVector();
    const uint64_t exec = FetchInactive ? ~uint64_t(0) : wave.exec();
    writeLanes(wave, op, ~uint64_t(0), [&](unsigned lane) {
        const unsigned from = permuteTarget(wave, op, lane);
        return (exec >> from & 1) != 0 ? wave.vgpr[op.src[1].reg + from] : 0;
    });
}

void runForwardPermute(Wave& wave, const MicroOp& op) {
    wave.countVector();
    const uint64_t exec = wave.exec();
    std::array<u32, 64> moved{};
    for (unsigned lane = 0; lane < wave.lanes; ++lane) {
        if ((exec >> lane & 1) != 0) {
            moved[permuteTarget(wave, op, lane)] = wave.vgpr[op.src[1].reg + lane];
        }
    }
    writeLanes(wave, op, ~uint64_t(0), [&](unsigned lane) { return moved[lane]; });
}

/// And-, or- and xor-masks over the five bits of a lane's number, as the swizzle's offset encodes them.
u32 bitMasks(u32 andMask, u32 orMask, u32 xorMask) { return andMask | orMask << 5 | xorMask << 10; }

/// A swizzle's offset in words, as LLVM prints it (AMDGPU operand syntax, "swizzle pattern").
bool parseSwizzle(std::string_view text, u32& offset) {
    if (!text.starts_with("swizzle(")) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
        return error == std::errc{} && end == text.data() + text.size();
    }
    const std::string inner = "swizzle " + std::string(text.substr(8, text.size() - 9));
    const Assembly parts = parseAssembly(inner);
    if (parts.operands.empty()) {
        return false;
    }
    const auto number = [&](size_t i) {
        return i < parts.operands.size() ? static_cast<u32>(parts.operands[i].integer) : 0;
    };
    const std::string& kind = parts.operands[0].text;
    if (kind == "QUAD_PERM") {
        offset = 0x8000 | (number(1) & 3) | (number(2) & 3) << 2 | (number(3) & 3) << 4 | (number(4) & 3) << 6;
    } else if (kind == "BROADCAST") {
        offset = bitMasks((32 - number(1)) & 31, number(2) & 31, 0);
    } else if (kind == "SWAP") {
        offset = bitMasks(31, 0, number(1) & 31);
    } else if (kind == "REVERSE") {
        offset = bitMasks(31, 0, (number(1) - 1) & 31);
    } else if (kind == "BITMASK_PERM" && parts.operands.size() == 2 && parts.operands[1].text.size() == 7) {
        offset = 0;
        for (unsigned i = 0; i < 5; ++i) {
            const char c = parts.operands[1].text[i + 1];
            const u32 bit = 16u >> i;
            offset |= c == '1'   ? bitMasks(0, bit, 0)
                      : c == 'p' ? bitMasks(bit, 0, 0)
                      : c == 'i' ? bitMasks(bit, 0, bit)
                                 : 0;
        }
    } else {
        return false;
    }
    return true;
}

bool bindSwizzle(Binder& binder, const Assembly& assembly, const Semantics&, MicroOp& op) {
    u32 offset = 0;
    const Modifier* modifier = assembly.find("offset");
    if (assembly.operands.size() != 2 || (modifier != nullptr && !parseSwizzle(modifier->value, offset))) {
        return false;
    }
    op.aux = offset;
    return binder.destination(assembly.operands[0], op.dst) && op.dst.kind == Destination::Kind::Vgpr &&
           binder.source(assembly.operands[1], ValueType::U32, op.src[0]) && op.src[0].kind == Source::Kind::Vgpr;
}

void runSwizzle(Wave& wave, const MicroOp& op) {
    wave.countVector();
    const uint64_t exec = wave.exec();
    const u32 offset = op.aux;
    writeLanes(wave, op, ~uint64_t(0), [&](unsigned lane) {
        const unsigned masked = (((lane & 31) & offset) | (offset >> 5 & 31)) ^ (offset >> 10 & 31);
        const unsigned quad = (lane & ~3u) + (offset >> (lane % 4 * 2) & 3);
        const unsigned from = (offset & 0x8000) != 0 ? quad : (lane & ~31u) + (masked & 31);
        return (exec >> from & 1) != 0 ? wave.vgpr[op.src[0].reg + from] : 0;
    });
}

Semantics laneOperation(Handler run, unsigned sources, Bind bind = bindVector) {
    return Semantics{
        run,
        bind,
        InstructionClass::Valu,
        Signature{
            ValueType::U32, false, static_cast<uint8_t>(sources), {ValueType::U32, ValueType::U32, ValueType::U32}},
        nullptr,
        0};
}

}  // namespace

void addLaneOperations(Table& table) {
    table.add("v_readfirstlane_b32", laneOperation(runReadFirstLane, 1));
    table.add("v_readlane_b32", laneOperation(runReadLane, 2));
    table.add("v_writelane_b32", laneOperation(runWriteLane, 2));
    table.add("v_permlane16_b32", laneOperation(runPermlane<false>, 3, bindPermlane), kGfx10Plus);
    table.add("v_permlanex16_b32", laneOperation(runPermlane<true>, 3, bindPermlane), kGfx10Plus);
    table.add("v_permlane16_var_b32", laneOperation(runPermlaneVariable<false>, 2, bindPermlane), kGfx12Plus);
    table.add("v_permlanex16_var_b32", laneOperation(runPermlaneVariable<true>, 2, bindPermlane), kGfx12Plus);
    table.add("v_permlane64_b32", laneOperation(runPermlane64, 1), kGfx11Plus);
    table.add("v_swap_b32", laneOperation(runSwap, 1, bindSwap));
    table.add("v_mbcnt_lo_u32_b32", laneOperation(runMaskCount<false>, 2));
    table.add("v_mbcnt_hi_u32_b32", laneOperation(runMaskCount<true>, 2));
    const auto permute = [](Handler run) {
        return Semantics{run, bindPermute, InstructionClass::Lds, {}, nullptr, access::kAtomic};
    };
    table.add("ds_bpermute_b32", permute(runBackwardPermute<false>));
    table.add("ds_bpermute_fi_b32", permute(runBackwardPermute<true>), kGfx12Plus);
    table.add("ds_permute_b32", permute(runForwardPermute));
    table.add("ds_swizzle_b32", Semantics{runSwizzle, bindSwizzle, InstructionClass::Lds, {}, nullptr, 0});
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
