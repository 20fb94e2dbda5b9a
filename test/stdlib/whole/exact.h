// The mathematical functions of one argument in double precision, from the C library: exact enough to measure f32, whose
// unit in the last place is 2²⁹ of double precision's.
#pragma once

#include <cmath>

namespace exact {

/// sin(π·(x + quarters/2)) for x ≥ 0: the multiples of a half turn's half are taken off first, which is exact.
inline double half_turns(double x, int quarters) {
    if (!std::isfinite(x)) return NAN;
    const double turn = std::fmod(x, 2.0);
    const double quarter = std::floor(2 * turn + 0.5);
    const double angle = M_PI * (turn - quarter / 2);
    switch ((static_cast<int>(quarter) + quarters) & 3) {
        case 0: return std::sin(angle);
        case 1: return std::cos(angle);
        case 2: return -std::sin(angle);
        default: return -std::cos(angle);
    }
}

inline double acos(double x) { return std::acos(x); }
inline double acosh(double x) { return std::acosh(x); }
inline double asin(double x) { return std::asin(x); }
inline double asinh(double x) { return std::asinh(x); }
inline double atan(double x) { return std::atan(x); }
inline double atanh(double x) { return std::atanh(x); }
inline double cbrt(double x) { return std::cbrt(x); }
inline double cos(double x) { return std::cos(x); }
inline double cosh(double x) { return std::cosh(x); }
inline double cospi(double x) { return half_turns(std::fabs(x), 1); }
inline double erf(double x) { return std::erf(x); }
inline double erfc(double x) { return std::erfc(x); }
inline double exp(double x) { return std::exp(x); }
inline double exp10(double x) { return std::pow(10.0, x); }
inline double exp2(double x) { return std::exp2(x); }
inline double expm1(double x) { return std::expm1(x); }
inline double log(double x) { return std::log(x); }
inline double log10(double x) { return std::log10(x); }
inline double log1p(double x) { return std::log1p(x); }
inline double log2(double x) { return std::log2(x); }
inline double rsqrt(double x) { return 1 / std::sqrt(x); }
inline double sin(double x) { return std::sin(x); }
inline double sinh(double x) { return std::sinh(x); }
inline double sinpi(double x) { return std::signbit(x) ? -half_turns(std::fabs(x), 0) : half_turns(x, 0); }
inline double tan(double x) { return std::tan(x); }
inline double tanh(double x) { return std::tanh(x); }

}  // namespace exact
