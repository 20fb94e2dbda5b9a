#include "flops.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace soma::vgpu {

namespace {

struct Counted {
    std::string_view prefix;
    uint8_t flops;
};

// Longer names before their beginnings.
constexpr std::array kLane = {
    Counted{"v_pk_fma_", 4},     Counted{"v_pk_fmac_", 4},  Counted{"v_pk_mul_f", 2},  Counted{"v_pk_add_f", 2},
    Counted{"v_pk_mul_bf", 2},   Counted{"v_pk_add_bf", 2}, Counted{"v_fma_mix", 2},   Counted{"v_mad_mix", 2},
    Counted{"v_div_fmas_", 2},   Counted{"v_fma_", 2},      Counted{"v_fmac_", 2},     Counted{"v_fmaak_", 2},
    Counted{"v_fmamk_", 2},      Counted{"v_mad_f", 2},     Counted{"v_mad_legacy_f", 2}, Counted{"v_mac_", 2},
    Counted{"v_madak_", 2},      Counted{"v_madmk_", 2},    Counted{"v_add_f", 1},     Counted{"v_sub_f", 1},
    Counted{"v_subrev_f", 1},    Counted{"v_mul_f", 1},     Counted{"v_mul_dx9", 1},   Counted{"v_mul_legacy_f", 1},
    Counted{"v_rcp_", 1},        Counted{"v_rsq_", 1},      Counted{"v_sqrt_", 1},     Counted{"v_exp_f", 1},
    Counted{"v_log_f", 1},       Counted{"v_sin_", 1},      Counted{"v_cos_", 1},      Counted{"v_dot2_f", 4},
    Counted{"v_dot2c_f", 4},     Counted{"v_dot2acc_f", 4}, Counted{"v_dot4_f32", 8},  Counted{"v_s_exp", 1},
};

unsigned number(std::string_view& text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    return value;
}

}  // namespace

uint8_t laneFlops(std::string_view mnemonic) {
    const auto found = std::find_if(kLane.begin(), kLane.end(),
                                    [&](const Counted& counted) { return mnemonic.starts_with(counted.prefix); });
    return found == kLane.end() ? 0 : found->flops;
}

uint32_t matrixFlops(std::string_view mnemonic, const Assembly& assembly) {
    // Such as v_mfma_f32_32x32x8_f16: the result's type, then m x n x k.
    const size_t cross = mnemonic.find('x');
    if (cross == std::string_view::npos || mnemonic.find("_i32_") != std::string_view::npos) {
        return 0;
    }
    std::string_view sizes = mnemonic.substr(mnemonic.rfind('_', cross) + 1);
    const unsigned m = number(sizes);
    sizes.remove_prefix(std::min<size_t>(1, sizes.size()));
    const unsigned n = number(sizes);
    sizes.remove_prefix(std::min<size_t>(1, sizes.size()));
    unsigned k = number(sizes);
    if (mnemonic.find("swmmac") != std::string_view::npos || mnemonic.find("smfmac") != std::string_view::npos) {
        k /= 2;
    }
    unsigned blocks = 1;
    if (mnemonic.find("mfma") != std::string_view::npos && !assembly.operands.empty() && m * n != 0) {
        // Some MFMA multiply several small matrices at once, which only the size of their result says.
        constexpr unsigned kLanes = 64;
        const unsigned words = mnemonic.find("_f64_") != std::string_view::npos ? 2 : 1;
        blocks = std::max(1u, assembly.operands[0].count * kLanes / words / (m * n));
    }
    return 2 * m * n * k * blocks;
}

}  // namespace soma::vgpu
