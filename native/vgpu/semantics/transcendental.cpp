// Reciprocals, roots, exponentials, logarithms, sine and cosine. The manual gives an error bound of about 1 ulp for
// these (RDNA3 ISA, "VOP1 Instructions", class transcendental); here they are computed in double precision and rounded
// once, so that every host gives the same bits.
//
// Exponentials, logarithms and sines are polynomials on reduced arguments rather than calls to the C library, which
// would differ between hosts and could not be vectorised. Their relative error in double is below 1e-11.

#include "families.h"
#include "float.h"
#include "scalar.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

constexpr double kLn2 = 0.693147180559945309417;
constexpr double kPi = 3.14159265358979323846;

/// 2^value. Taylor series of e^(f ln 2) on |f| <= 1/2: the first term left out is below 3e-14.
inline double exp2Double(double value) {
    const double clamped = value > 1100 ? 1100 : value < -1100 ? -1100 : value;
    const double whole = std::nearbyint(clamped);
    const double x = (clamped - whole) * kLn2;
    double sum = 1.0 / 39916800;
    sum = sum * x + 1.0 / 3628800;
    sum = sum * x + 1.0 / 362880;
    sum = sum * x + 1.0 / 40320;
    sum = sum * x + 1.0 / 5040;
    sum = sum * x + 1.0 / 720;
    sum = sum * x + 1.0 / 120;
    sum = sum * x + 1.0 / 24;
    sum = sum * x + 1.0 / 6;
    sum = sum * x + 0.5;
    sum = sum * x + 1;
    sum = sum * x + 1;
    // Two factors, each a normal number: 2^±1100 itself is none.
    const auto half = static_cast<int64_t>(whole * 0.5);
    const auto rest = static_cast<int64_t>(whole) - half;
    const double low = std::bit_cast<double>(static_cast<uint64_t>(half + 1023) << 52);
    const double high = std::bit_cast<double>(static_cast<uint64_t>(rest + 1023) << 52);
    return sum * low * high;
}

/// log2(value) of a positive finite number that is normal in double: 2 atanh(s) / ln 2 with s = (m - 1) / (m + 1),
/// m in [√½, √2).
inline double log2Double(double value) {
    const uint64_t bits = std::bit_cast<uint64_t>(value);
    const auto exponent = static_cast<int64_t>(bits >> 52) - 1023;
    double mantissa = std::bit_cast<double>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
    const bool large = mantissa > 1.41421356237309504880;
    mantissa = large ? mantissa * 0.5 : mantissa;
    const double s = (mantissa - 1) / (mantissa + 1);
    const double q = s * s;
    double sum = 1.0 / 17;
    sum = sum * q + 1.0 / 15;
    sum = sum * q + 1.0 / 13;
    sum = sum * q + 1.0 / 11;
    sum = sum * q + 1.0 / 9;
    sum = sum * q + 1.0 / 7;
    sum = sum * q + 1.0 / 5;
    sum = sum * q + 1.0 / 3;
    sum = sum * q + 1;
    return static_cast<double>(exponent + large) + 2 / kLn2 * s * sum;
}

/// sin(2π turns) for |turns| <= 1/2: folded to a quarter turn, then the Taylor series.
inline double sinTurns(double turns) {
    const double folded = turns > 0.25 ? 0.5 - turns : turns < -0.25 ? -0.5 - turns : turns;
    const double x = 2 * kPi * folded;
    const double q = x * x;
    double sum = 1.0 / 355687428096000.0;
    sum = sum * q - 1.0 / 1307674368000.0;
    sum = sum * q + 1.0 / 6227020800.0;
    sum = sum * q - 1.0 / 39916800;
    sum = sum * q + 1.0 / 362880;
    sum = sum * q - 1.0 / 5040;
    sum = sum * q + 1.0 / 120;
    sum = sum * q - 1.0 / 6;
    return x + x * q * sum;
}

inline float exponential(float value) { return isNan(value) ? value : static_cast<float>(exp2Double(value)); }

inline float logarithm(float value) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const float result = static_cast<float>(log2Double(value));
    return value == 0                          ? -kInfinity
           : !(value >= 0) /* negative, NaN */ ? std::numeric_limits<float>::quiet_NaN()
           : value == kInfinity                ? kInfinity
                                               : result;
}

/// Operands are in turns. Beyond ±256 turns the hardware has no phase left and answers as for 0.
inline float sine(float value) {
    const double turns = std::fabs(value) > 256 ? 0.0 : value;
    const double result = sinTurns(turns - std::nearbyint(turns));
    return std::isfinite(value) ? static_cast<float>(result) : std::numeric_limits<float>::quiet_NaN();
}
inline float cosine(float value) {
    const double turns = std::fabs(value) > 256 ? 0.0 : value;
    const double shifted = turns - std::nearbyint(turns) + 0.25;
    const double result = sinTurns(shifted - std::nearbyint(shifted));
    return std::isfinite(value) ? static_cast<float>(result) : std::numeric_limits<float>::quiet_NaN();
}

template <class F>
Semantics single(F function) {
    return vector(function, InstructionClass::Transcendental);
}
template <class F>
Semantics half(F) {
    return vector([](Half a) { return toHalf(F{}(toFloat(a))); }, InstructionClass::Transcendental);
}

template <class F>
Semantics scalarHalf(F) {
    return scalar([](Half a) { return toHalf(F{}(toFloat(a))); });
}

}  // namespace

void addTranscendental(Table& table) {
    const auto reciprocal = [](float a) { return 1.0f / a; };
    const auto rootReciprocal = [](float a) { return static_cast<float>(1.0 / std::sqrt(static_cast<double>(a))); };
    const auto root = [](float a) { return std::sqrt(a); };
    const auto exp = [](float a) { return exponential(a); };
    const auto log = [](float a) { return logarithm(a); };
    const auto sin = [](float a) { return sine(a); };
    const auto cos = [](float a) { return cosine(a); };
    table.add({"v_rcp_f32", "v_rcp_iflag_f32"}, single(reciprocal));
    table.add("v_rsq_f32", single(rootReciprocal));
    table.add("v_sqrt_f32", single(root));
    table.add("v_exp_f32", single(exp));
    table.add("v_log_f32", single(log));
    table.add("v_sin_f32", single(sin));
    table.add("v_cos_f32", single(cos));
    table.add("v_rcp_f16", half(reciprocal));
    table.add("v_rsq_f16", half(rootReciprocal));
    table.add("v_sqrt_f16", half(root));
    table.add("v_exp_f16", half(exp));
    table.add("v_log_f16", half(log));
    table.add("v_sin_f16", half(sin));
    table.add("v_cos_f16", half(cos));
    // On one scalar (gfx12).
    table.add("v_s_rcp_f32", scalar(reciprocal), kGfx12Plus);
    table.add("v_s_rsq_f32", scalar(rootReciprocal), kGfx12Plus);
    table.add("v_s_sqrt_f32", scalar(root), kGfx12Plus);
    table.add("v_s_exp_f32", scalar(exp), kGfx12Plus);
    table.add("v_s_log_f32", scalar(log), kGfx12Plus);
    table.add("v_s_rcp_f16", scalarHalf(reciprocal), kGfx12Plus);
    table.add("v_s_rsq_f16", scalarHalf(rootReciprocal), kGfx12Plus);
    table.add("v_s_sqrt_f16", scalarHalf(root), kGfx12Plus);
    table.add("v_s_exp_f16", scalarHalf(exp), kGfx12Plus);
    table.add("v_s_log_f16", scalarHalf(log), kGfx12Plus);
    table.add("v_rcp_f64", vector([](double a) { return 1.0 / a; }, InstructionClass::Transcendental));
    table.add("v_rsq_f64", vector([](double a) { return 1.0 / std::sqrt(a); }, InstructionClass::Transcendental));
    table.add("v_sqrt_f64", vector([](double a) { return std::sqrt(a); }, InstructionClass::Transcendental));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
