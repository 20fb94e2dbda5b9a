#include "aliases.h"

#include <algorithm>
#include <array>
#include <utility>

namespace soma::vgpu {

namespace {

using Name = std::pair<std::string_view, std::string_view>;

constexpr std::array kWhole = {
    Name{"ds_cmpst_b32", "ds_cmpst_old_b32"},
    Name{"ds_cmpst_rtn_b32", "ds_cmpst_old_rtn_b32"},
    Name{"ds_cmpst_b64", "ds_cmpst_old_b64"},
    Name{"ds_cmpst_rtn_b64", "ds_cmpst_old_rtn_b64"},
    Name{"ds_cmpst_f32", "ds_cmpst_old_f32"},
    Name{"ds_cmpst_rtn_f32", "ds_cmpst_old_rtn_f32"},
    Name{"ds_cmpst_f64", "ds_cmpst_old_f64"},
    Name{"ds_cmpst_rtn_f64", "ds_cmpst_old_rtn_f64"},
    Name{"ds_wrxchg2_rtn_b32", "ds_storexchg_2addr_rtn_b32"},
    Name{"ds_wrxchg2_rtn_b64", "ds_storexchg_2addr_rtn_b64"},
    Name{"ds_wrxchg2st64_rtn_b32", "ds_storexchg_2addr_stride64_rtn_b32"},
    Name{"ds_wrxchg2st64_rtn_b64", "ds_storexchg_2addr_stride64_rtn_b64"},
    Name{"global_load_dword_addtid", "global_load_addtid_b32"},
    Name{"global_store_dword_addtid", "global_store_addtid_b32"},
    Name{"ds_wrxchg_rtn_b32", "ds_storexchg_rtn_b32"},
    Name{"ds_wrxchg_rtn_b64", "ds_storexchg_rtn_b64"},
    Name{"s_andn2_b32", "s_and_not1_b32"},
    Name{"s_andn2_b64", "s_and_not1_b64"},
    Name{"s_orn2_b32", "s_or_not1_b32"},
    Name{"s_orn2_b64", "s_or_not1_b64"},
    Name{"s_andn2_saveexec_b32", "s_and_not1_saveexec_b32"},
    Name{"s_andn2_saveexec_b64", "s_and_not1_saveexec_b64"},
    Name{"s_orn2_saveexec_b32", "s_or_not1_saveexec_b32"},
    Name{"s_orn2_saveexec_b64", "s_or_not1_saveexec_b64"},
    Name{"s_andn1_saveexec_b64", "s_and_not0_saveexec_b64"},
    Name{"s_andn1_saveexec_b32", "s_and_not0_saveexec_b32"},
    Name{"s_orn1_saveexec_b64", "s_or_not0_saveexec_b64"},
    Name{"s_orn1_saveexec_b32", "s_or_not0_saveexec_b32"},
    Name{"s_andn1_wrexec_b64", "s_and_not0_wrexec_b64"},
    Name{"s_andn1_wrexec_b32", "s_and_not0_wrexec_b32"},
    Name{"s_andn2_wrexec_b64", "s_and_not1_wrexec_b64"},
    Name{"s_andn2_wrexec_b32", "s_and_not1_wrexec_b32"},
    Name{"s_ff1_i32_b32", "s_ctz_i32_b32"},
    Name{"s_ff1_i32_b64", "s_ctz_i32_b64"},
    Name{"s_flbit_i32_b32", "s_clz_i32_u32"},
    Name{"s_flbit_i32_b64", "s_clz_i32_u64"},
    Name{"s_flbit_i32", "s_cls_i32"},
    Name{"s_flbit_i32_i64", "s_cls_i32_i64"},
    Name{"v_ffbh_u32", "v_clz_i32_u32"},
    Name{"v_ffbl_b32", "v_ctz_i32_b32"},
    Name{"v_ffbh_i32", "v_cls_i32"},
    Name{"v_add_u16", "v_add_nc_u16"},
    Name{"v_sub_u16", "v_sub_nc_u16"},
    Name{"v_subrev_u16", "v_subrev_nc_u16"},
    Name{"v_add_i16", "v_add_nc_i16"},
    Name{"v_sub_i16", "v_sub_nc_i16"},
    Name{"v_add_u32", "v_add_nc_u32"},
    Name{"v_sub_u32", "v_sub_nc_u32"},
    Name{"v_subrev_u32", "v_subrev_nc_u32"},
    Name{"v_add_i32", "v_add_nc_i32"},
    Name{"v_sub_i32", "v_sub_nc_i32"},
    Name{"v_mad_legacy_u16", "v_mad_u16"},
    Name{"v_mad_legacy_i16", "v_mad_i16"},
    Name{"v_mad_legacy_f16", "v_mad_f16"},
    Name{"v_fma_legacy_f16", "v_fma_f16"},
    Name{"v_div_fixup_legacy_f16", "v_div_fixup_f16"},
    Name{"v_addc_co_u32", "v_add_co_ci_u32"},
    Name{"v_subb_co_u32", "v_sub_co_ci_u32"},
    Name{"v_subbrev_co_u32", "v_subrev_co_ci_u32"},
    Name{"v_cvt_pkrtz_f16_f32", "v_cvt_pk_rtz_f16_f32"},
    Name{"v_cvt_rpi_i32_f32", "v_cvt_nearest_i32_f32"},
    Name{"v_cvt_flr_i32_f32", "v_cvt_floor_i32_f32"},
    Name{"v_mul_legacy_f32", "v_mul_dx9_zero_f32"},
    Name{"v_cvt_pknorm_i16_f32", "v_cvt_pk_norm_i16_f32"},
    Name{"v_cvt_pknorm_u16_f32", "v_cvt_pk_norm_u16_f32"},
    Name{"v_cvt_pknorm_i16_f16", "v_cvt_pk_norm_i16_f16"},
    Name{"v_cvt_pknorm_u16_f16", "v_cvt_pk_norm_u16_f16"},
    Name{"v_exp_legacy_f32", "v_exp_f32"},
    Name{"v_log_legacy_f32", "v_log_f32"},
    Name{"v_mad_legacy_f32", "v_mad_dx9_zero_f32"},
};

/// Memory mnemonics: part of the name, and what RDNA3 calls it. Longer parts first.
constexpr std::array kParts = {
    Name{"_load_dwordx16", "_load_b512"},
    Name{"_load_dwordx2", "_load_b64"},
    Name{"_load_dwordx3", "_load_b96"},
    Name{"_load_dwordx4", "_load_b128"},
    Name{"_load_dwordx8", "_load_b256"},
    Name{"_load_dword", "_load_b32"},
    Name{"_store_dwordx2", "_store_b64"},
    Name{"_store_dwordx3", "_store_b96"},
    Name{"_store_dwordx4", "_store_b128"},
    Name{"_store_dword", "_store_b32"},
    Name{"_load_ubyte_d16_hi", "_load_d16_hi_u8"},
    Name{"_load_sbyte_d16_hi", "_load_d16_hi_i8"},
    Name{"_load_short_d16_hi", "_load_d16_hi_b16"},
    Name{"_load_ubyte_d16", "_load_d16_u8"},
    Name{"_load_sbyte_d16", "_load_d16_i8"},
    Name{"_load_short_d16", "_load_d16_b16"},
    Name{"_load_ubyte", "_load_u8"},
    Name{"_load_sbyte", "_load_i8"},
    Name{"_load_ushort", "_load_u16"},
    Name{"_load_sshort", "_load_i16"},
    Name{"_store_byte_d16_hi", "_store_d16_hi_b8"},
    Name{"_store_short_d16_hi", "_store_d16_hi_b16"},
    Name{"_store_byte", "_store_b8"},
    Name{"_store_short", "_store_b16"},
    Name{"_atomic_swap_x2", "_atomic_swap_b64"},
    Name{"_atomic_cmpswap_x2", "_atomic_cmpswap_b64"},
    Name{"_atomic_add_x2", "_atomic_add_u64"},
    Name{"_atomic_sub_x2", "_atomic_sub_u64"},
    Name{"_atomic_smin_x2", "_atomic_min_i64"},
    Name{"_atomic_umin_x2", "_atomic_min_u64"},
    Name{"_atomic_smax_x2", "_atomic_max_i64"},
    Name{"_atomic_umax_x2", "_atomic_max_u64"},
    Name{"_atomic_and_x2", "_atomic_and_b64"},
    Name{"_atomic_or_x2", "_atomic_or_b64"},
    Name{"_atomic_xor_x2", "_atomic_xor_b64"},
    Name{"_atomic_inc_x2", "_atomic_inc_u64"},
    Name{"_atomic_dec_x2", "_atomic_dec_u64"},
    Name{"_atomic_fcmpswap_x2", "_atomic_cmpswap_f64"},
    Name{"_atomic_fmin_x2", "_atomic_min_f64"},
    Name{"_atomic_fmax_x2", "_atomic_max_f64"},
};

/// 32-bit atomics: whole endings only, since `_atomic_add` is also how `_atomic_add_f32` begins.
constexpr std::array kAtomics = {
    Name{"_atomic_swap", "_atomic_swap_b32"}, Name{"_atomic_cmpswap", "_atomic_cmpswap_b32"},
    Name{"_atomic_add", "_atomic_add_u32"},   Name{"_atomic_sub", "_atomic_sub_u32"},
    Name{"_atomic_smin", "_atomic_min_i32"},  Name{"_atomic_umin", "_atomic_min_u32"},
    Name{"_atomic_smax", "_atomic_max_i32"},  Name{"_atomic_umax", "_atomic_max_u32"},
    Name{"_atomic_and", "_atomic_and_b32"},   Name{"_atomic_or", "_atomic_or_b32"},
    Name{"_atomic_xor", "_atomic_xor_b32"},   Name{"_atomic_inc", "_atomic_inc_u32"},
    Name{"_atomic_dec", "_atomic_dec_u32"},   Name{"_atomic_fmin", "_atomic_min_f32"},
    Name{"_atomic_fmax", "_atomic_max_f32"},  Name{"_atomic_fcmpswap", "_atomic_cmpswap_f32"},
    Name{"_atomic_csub", "_atomic_csub_u32"},
};

/// LDS reads and writes.
constexpr std::array kLds = {
    Name{"ds_read2st64_b", "ds_load_2addr_stride64_b"},
    Name{"ds_read2_b", "ds_load_2addr_b"},
    Name{"ds_write2st64_b", "ds_store_2addr_stride64_b"},
    Name{"ds_write2_b", "ds_store_2addr_b"},
    Name{"ds_read_addtid_b", "ds_load_addtid_b"},
    Name{"ds_write_addtid_b", "ds_store_addtid_b"},
    Name{"ds_read_b", "ds_load_b"},
    Name{"ds_read_u", "ds_load_u"},
    Name{"ds_read_i", "ds_load_i"},
    Name{"ds_write_b", "ds_store_b"},
};

/// What gfx9 brought, unlike all 16-bit instructions that it had before: LLVM's zeroesHigh16BitsOfDest; CDNA3 ISA.
constexpr std::array<std::string_view, 16> kKeepUpperHalf = {
    "v_mad_f16",  "v_mad_u16",  "v_mad_i16",  "v_fma_f16",  "v_div_fixup_f16", "v_add_i16",  "v_sub_i16", "v_min3_f16",
    "v_min3_u16", "v_min3_i16", "v_max3_f16", "v_max3_u16", "v_max3_i16",      "v_med3_f16", "v_med3_u16",
    "v_med3_i16",
};

}  // namespace

bool keepsUpperHalf(std::string_view mnemonic) {
    return std::find(kKeepUpperHalf.begin(), kKeepUpperHalf.end(), mnemonic) != kKeepUpperHalf.end();
}

std::string modernName(std::string_view mnemonic) {
    // A load straight to LDS is named as the load of that size, as with the modifier `lds`.
    constexpr std::string_view kToLds = "_load_lds_";
    if (const size_t at = mnemonic.find(kToLds); at != std::string_view::npos) {
        const std::string load = std::string(mnemonic.substr(0, at)) + "_load_";
        return modernName(load + std::string(mnemonic.substr(at + kToLds.size()))) + "_lds";
    }
    for (const auto& [old, modern] : kWhole) {
        if (mnemonic == old) {
            return std::string(modern);
        }
    }
    for (const auto& [old, modern] : kAtomics) {
        if (mnemonic.ends_with(old)) {
            return std::string(mnemonic.substr(0, mnemonic.size() - old.size())) + std::string(modern);
        }
    }
    for (const auto& [old, modern] : kParts) {
        const size_t at = mnemonic.find(old);
        if (at != std::string_view::npos && at + old.size() == mnemonic.size()) {
            return std::string(mnemonic.substr(0, at)) + std::string(modern);
        }
    }
    for (const auto& [old, modern] : kLds) {
        if (mnemonic.starts_with(old)) {
            return std::string(modern) + std::string(mnemonic.substr(old.size()));
        }
    }
    return std::string(mnemonic);
}

}  // namespace soma::vgpu
