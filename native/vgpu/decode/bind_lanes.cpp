// DPP controls as lane tables. Manual: "Data Parallel Processing (DPP)" of the RDNA3 ISA; gfx9's wave and broadcast
// forms: the CDNA3 ISA, same section. A row is 16 lanes.

#include "binder.h"

namespace soma::vgpu {

namespace {

constexpr unsigned kRow = 16;

/// Fills `move.from` with `from(lane)`; false where the control is unknown.
bool controlTable(const Assembly& assembly, unsigned waveSize, LaneMove& move) {
    const auto fill = [&](auto from) {
        for (unsigned lane = 0; lane < 64; ++lane) {
            const int source = lane < waveSize ? from(static_cast<int>(lane)) : -1;
            move.from[lane] = source < 0 ? LaneMove::kNone : static_cast<uint8_t>(source);
        }
        return true;
    };
    const auto inRow = [](int lane, int source) {
        return source / int(kRow) == lane / int(kRow) && source >= 0 ? source : -1;
    };
    const auto amount = [&](const char* name) { return static_cast<int>(assembly.number(name)); };
    const int wave = static_cast<int>(waveSize);
    if (assembly.has("dpp8")) {
        return fill([&](int lane) { return (lane & ~7) + int(assembly.element("dpp8", lane & 7) & 7); });
    }
    if (assembly.has("quad_perm")) {
        return fill([&](int lane) { return (lane & ~3) + int(assembly.element("quad_perm", lane & 3) & 3); });
    }
    if (assembly.has("row_shl")) {
        return fill([&](int lane) { return inRow(lane, lane + amount("row_shl")); });
    }
    if (assembly.has("row_shr")) {
        return fill([&](int lane) { return inRow(lane, lane - amount("row_shr")); });
    }
    if (assembly.has("row_ror")) {
        return fill([&](int lane) { return (lane & ~15) + ((lane - amount("row_ror")) & 15); });
    }
    if (assembly.has("row_mirror")) {
        return fill([](int lane) { return (lane & ~15) + 15 - (lane & 15); });
    }
    if (assembly.has("row_half_mirror")) {
        return fill([](int lane) { return (lane & ~7) + 7 - (lane & 7); });
    }
    if (assembly.has("row_share") || assembly.has("row_newbcast")) {
        const int share = assembly.has("row_share") ? amount("row_share") : amount("row_newbcast");
        return fill([&](int lane) { return (lane & ~15) + share; });
    }
    if (assembly.has("row_xmask")) {
        return fill([&](int lane) { return lane ^ amount("row_xmask"); });
    }
    if (assembly.has("row_bcast")) {
        // 15: the last lane of each row to the next row. 31: lane 31 to the rows above it.
        const bool all = amount("row_bcast") == 31;
        return fill([&](int lane) { return all ? (lane >= 32 ? 31 : -1) : (lane >= 16 ? (lane & ~15) - 1 : -1); });
    }
    if (assembly.has("wave_shl") || assembly.has("wave_rol")) {
        const bool rotate = assembly.has("wave_rol");
        return fill([&](int lane) { return lane + 1 < wave ? lane + 1 : rotate ? 0 : -1; });
    }
    if (assembly.has("wave_shr") || assembly.has("wave_ror")) {
        const bool rotate = assembly.has("wave_ror");
        return fill([&](int lane) { return lane > 0 ? lane - 1 : rotate ? wave - 1 : -1; });
    }
    return false;
}

}  // namespace

bool Binder::laneMove(const Assembly& assembly, MicroOp& op) {
    LaneMove move;
    if (!controlTable(assembly, waveSize_, move)) {
        return true;
    }
    const auto rowMask = static_cast<uint64_t>(assembly.number("row_mask", 0xf));
    const auto bankMask = static_cast<uint64_t>(assembly.number("bank_mask", 0xf));
    move.rows = 0;
    for (unsigned lane = 0; lane < 64; ++lane) {
        if ((rowMask >> (lane / 16) & 1) != 0 && (bankMask >> (lane / 4 % 4) & 1) != 0) {
            move.rows |= uint64_t(1) << lane;
        }
    }
    move.zeroFill = assembly.has("bound_ctrl");
    // Eight-lane moves have no bounds; what they read from a lane that is off is 0 unless fi is set.
    move.zeroFill = move.zeroFill || assembly.has("dpp8");
    move.fetchInactive = assembly.number("fi") != 0;
    pool_.moves.push_back(move);
    op.move = &pool_.moves.back();
    op.simple = false;
    return true;
}

}  // namespace soma::vgpu
