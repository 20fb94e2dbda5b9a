// 64-bit integer vector arithmetic. Source: RDNA3 ISA, "VOP3 Instructions"; CDNA3 ISA, "V_LSHL_ADD_U64", "V_MOV_B64".

#include "families.h"
#include "vector.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;
using i32 = int32_t;
using u64 = uint64_t;
using i64 = int64_t;

}  // namespace

void addVectorInteger64(Table& table) {
    table.add({"v_mad_u64_u32", "v_mad_co_u64_u32"}, vector([](u32 a, u32 b, u64 c) {
                  const u64 sum = u64(a) * b + c;
                  return WithMask<u64>{sum, sum < c};
              }));
    // The carry of the signed one is the 65th bit of the exact sum.
    table.add({"v_mad_i64_i32", "v_mad_co_i64_i32"}, vector([](i32 a, i32 b, i64 c) {
                  const i64 product = i64(a) * b;
                  const u64 sum = u64(product) + u64(c);
                  return WithMask<u64>{sum, ((product < 0) != (c < 0)) != (sum < u64(product))};
              }));
    table.add("v_mad_nc_u64_u32", vector([](u32 a, u32 b, u64 c) { return u64(a) * b + c; }));
    table.add("v_mad_nc_i64_i32", vector([](i32 a, i32 b, u64 c) { return u64(i64(a) * b) + c; }));
    table.add("v_lshlrev_b64", vector([](u32 a, u64 b) { return b << (a & 63); }));
    table.add("v_lshrrev_b64", vector([](u32 a, u64 b) { return b >> (a & 63); }));
    table.add("v_ashrrev_i64", vector([](u32 a, i64 b) { return b >> (a & 63); }));
    table.add("v_lshl_add_u64", vector([](u64 a, u32 b, u64 c) { return (a << (b & 7)) + c; }));
    table.add("v_mov_b64", vector([](u64 a) { return a; }));
    table.add({"v_add_nc_u64", "v_add_u64"}, vector([](u64 a, u64 b) { return a + b; }));
    table.add({"v_sub_nc_u64", "v_sub_u64"}, vector([](u64 a, u64 b) { return a - b; }));
    table.add({"v_mul_u64", "v_mul_lo_u64"}, vector([](u64 a, u64 b) { return a * b; }));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
