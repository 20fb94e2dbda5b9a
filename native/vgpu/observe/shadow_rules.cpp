#include "shadow_rules.h"

#include <algorithm>
#include <array>

namespace soma::vgpu {

namespace {

struct Named {
    std::string_view prefix;
    ShadowRule rule;
};

constexpr uint8_t kFirst = 1;
constexpr uint8_t kSecond = 2;
constexpr uint8_t kBoth = 3;
constexpr uint8_t kFirstAndThird = 5;

using enum Spread;

// Longer names before their beginnings.
constexpr std::array kRules = {
    Named{"v_mov_", {Move, kFirst}},
    Named{"v_accvgpr_", {Move, kFirst}},
    Named{"v_readfirstlane", {Move, kFirst}},
    Named{"v_readlane", {Move, kFirst}},
    Named{"v_writelane", {Move, kFirst}},
    Named{"v_permlane", {Move, kFirst}},
    Named{"v_perm_b32", {Move, kBoth}},
    Named{"v_alignbit", {Move, kBoth}},
    Named{"v_alignbyte", {Move, kBoth}},
    Named{"v_pack_b32_f16", {Move, kBoth}},
    Named{"v_lshlrev_", {Move, kSecond}},
    Named{"v_lshrrev_", {Move, kSecond}},
    Named{"v_ashrrev_", {Move, kSecond}},
    Named{"v_bfe_", {Move, kFirst}},
    Named{"v_bfrev_", {Move, kFirst}},
    Named{"v_not_", {Union}},
    Named{"v_lshl_or_", {Move, kFirstAndThird}},
    Named{"v_cndmask_", {Move, kBoth}},
    Named{"ds_bpermute", {Move, kSecond}},
    Named{"ds_permute", {Move, kSecond}},
    Named{"ds_swizzle", {Move, kFirst}},
    Named{"s_mov_", {Move, kFirst}},
    Named{"s_cmov_", {Move, kFirst}},
    Named{"s_lshl_b", {Move, kFirst}},
    Named{"s_lshr_b", {Move, kFirst}},
    Named{"s_ashr_i", {Move, kFirst}},
    Named{"s_bfe_", {Move, kFirst}},
    Named{"s_brev_", {Move, kFirst}},
    Named{"s_sext_", {Move, kFirst}},
    Named{"s_pack_", {Move, kBoth}},
    Named{"s_cselect_", {Move, kBoth}},
    Named{"v_and_b", {And}},
    Named{"s_and_not1_b", {And, 0, true}},
    Named{"s_and_b", {And}},
    Named{"v_or_b", {Or}},
    Named{"s_or_not1_b", {Or, 0, true}},
    Named{"s_or_b", {Or}},
    Named{"v_or3_", {Union}},
    Named{"v_xor_b", {Union}},
    Named{"v_xor3_", {Union}},
    Named{"v_xnor_", {Union}},
    Named{"s_xor_", {Union}},
    Named{"s_xnor_", {Union}},
    Named{"s_not_", {Union}},
    Named{"v_add_nc_", {Up}},
    Named{"v_sub_nc_", {Up}},
    Named{"v_subrev_nc_", {Up}},
    Named{"v_add3_", {Up}},
    Named{"v_lshl_add_", {Up}},
    Named{"v_mul_lo_", {Up}},
    Named{"s_add_", {Up}},
    Named{"s_sub_", {Up}},
    Named{"s_addk_", {Up}},
    Named{"s_mul_i32", {Up}},
    Named{"v_wmma_", {None}},
    Named{"v_swmmac_", {None}},
    Named{"v_mfma_", {None}},
    Named{"v_smfmac_", {None}},
    Named{"s_getpc", {None}},
    Named{"s_get_pc", {None}},
    Named{"s_swappc", {None}},
    Named{"s_swap_pc", {None}},
    Named{"s_getreg", {None}},
    Named{"s_memtime", {None}},
    Named{"s_memrealtime", {None}},
};

}  // namespace

ShadowRule shadowRule(std::string_view mnemonic) {
    // These save EXEC; what they make of it is checked where they run.
    if (mnemonic.find("saveexec") != std::string_view::npos || mnemonic.find("wrexec") != std::string_view::npos) {
        return {None};
    }
    const auto found = std::find_if(kRules.begin(), kRules.end(),
                                    [&](const Named& named) { return mnemonic.starts_with(named.prefix); });
    return found == kRules.end() ? ShadowRule{} : found->rule;
}

}  // namespace soma::vgpu
