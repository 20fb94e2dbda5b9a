// Double-precision vector arithmetic. Source: RDNA3 ISA, "VOP1", "VOP2", "VOP3 Instructions"; CDNA3 ISA for the names
// of gfx9 (v_fmac_f64, v_pk_fma_f32 is with the packed ones).

#include "families.h"
#include "float.h"

namespace soma::vgpu::SOMA_HOST_ISA {

void addVectorFloat64(Table& table) {
    table.add("v_add_f64", vector([](double a, double b) { return a + b; }));
    table.add("v_mul_f64", vector([](double a, double b) { return a * b; }));
    table.add("v_fma_f64", vector([](double a, double b, double c) { return std::fma(a, b, c); }));
    table.add("v_fmac_f64", vectorAccumulate([](double a, double b, double c) { return std::fma(a, b, c); }));
    table.add("v_min_f64",
              ordered([]<class O>(O) { return vector([](double a, double b) { return O::min(a, b); }); }));
    table.add("v_max_f64",
              ordered([]<class O>(O) { return vector([](double a, double b) { return O::max(a, b); }); }));
    table.add("v_min_num_f64", vector([](double a, double b) { return minimumNumber(a, b); }));
    table.add("v_max_num_f64", vector([](double a, double b) { return maximumNumber(a, b); }));
    table.add("v_minimum_f64", vector([](double a, double b) { return minimum(a, b); }));
    table.add("v_maximum_f64", vector([](double a, double b) { return maximum(a, b); }));
    table.add("v_trunc_f64", vector([](double a) { return std::trunc(a); }));
    table.add("v_ceil_f64", vector([](double a) { return std::ceil(a); }));
    table.add("v_floor_f64", vector([](double a) { return std::floor(a); }));
    table.add("v_rndne_f64", vector([](double a) { return __builtin_roundeven(a); }));
    table.add("v_fract_f64", vector([](double a) { return fraction(a); }));
    table.add("v_ldexp_f64", vector([](double a, int32_t b) { return std::ldexp(a, b); }));
    table.add("v_frexp_exp_i32_f64", vector([](double a) {
                  int exponent = 0;
                  if (a != 0 && std::isfinite(a)) {
                      std::frexp(a, &exponent);
                  }
                  return static_cast<int32_t>(exponent);
              }));
    table.add("v_frexp_mant_f64", vector([](double a) {
                  int exponent = 0;
                  return std::isfinite(a) ? std::frexp(a, &exponent) : a;
              }));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
