"""Computes the constants of stdlib/math (python3 with mpmath; not part of the build).

Each entry of the table is a polynomial P on [a, b] that makes weight(t) * (P(t) - g(t)) small: the least-squares
solution over Chebyshev nodes, whose largest error is within a factor of about two of the minimax polynomial's
(Trefethen, Approximation Theory and Approximation Practice, chapter 16) and which needs no exchange iteration.
The low coefficients are rounded to the format one after the other, each time solving again for the rest, so that
rounding them costs nothing. Printed are the coefficients, lowest first, and log2 of the largest weighted error of the
rounded polynomial.

Before them come the constants as sums of numbers of the format, largest first, and the words of 2/pi.

Usage: tools/math_coefficients.py [NAME ...]
"""
import sys

from mpmath import asin, atan, atanh, cos, erf, erfc, exp, log, lu_solve, matrix, mp, mpf, pi, sin, sinh, sqrt, tanh

mp.dps = 120
BITS = {"f32": 24, "f64": 53}
ROUNDED_ONE_BY_ONE = 4


def rounded(value, bits):
    """The nearest number with that many significant bits (normal range)."""
    mp.prec, saved = bits, mp.prec
    value = +value
    mp.prec = saved
    return value


def horner(coefficients, t):
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * t + c
    return total


def near_minimax(g, weight, a, b, first, count):
    """Coefficients of t**first ... t**(first + count - 1)."""
    n = 6 * count
    system = matrix(n, count)
    right = matrix(n, 1)
    for i in range(n):
        t = (a + b) / 2 - (b - a) / 2 * cos(pi * (2 * i + 1) / (2 * n))
        for k in range(count):
            system[i, k] = weight(t) * t ** (first + k)
        right[i] = weight(t) * g(t)
    solution = lu_solve(system.T * system, system.T * right)
    return [solution[k] for k in range(count)]


def fit(g, weight, a, b, degree, bits):
    # At 0 the weight vanishes and g is 0/0; a point very near does as well.
    a, b = mpf(a), mpf(b)
    apart = (b - a) * mpf("1e-20")
    near = lambda f: lambda t: f(t if abs(t) > apart else apart)
    g, weight = near(g), near(weight)
    known = []
    while len(known) <= degree:
        rest = lambda t: g(t) - horner(known, t)
        c = near_minimax(rest, weight, a, b, len(known), degree + 1 - len(known))
        known += [rounded(v, bits) for v in (c if len(known) >= ROUNDED_ONE_BY_ONE else c[:1])]
    steps = 2000
    worst = max(abs(weight(t) * (horner(known, t) - g(t))) for t in (a + (b - a) * i / steps for i in range(steps + 1)))
    return known, worst


def of_square(f):
    """f as a function of the argument's square."""
    return lambda z: f(sqrt(z))


HALF_LN2 = log(2) / 2 * mpf("1.0001")
SQRT_HALF = sqrt(mpf(1) / 2)
F_LOW, F_HIGH = SQRT_HALF * mpf("0.9999") - 1, sqrt(mpf(2)) * mpf("1.0001") - 1
S2 = (F_HIGH / (2 + F_HIGH)) ** 2
QUARTER_PI2 = (pi / 4) ** 2 * mpf("1.001")
LOG10_2_HALF = log(2) / log(10) / 2 * mpf("1.0001")


def at_0(value, f):
    """f, with its limit at 0."""
    return lambda t: f(t) if t else mpf(value)


def log_of(s):
    """log((1 + s) / (1 - s))"""
    return 2 * atanh(s)


def erfc_about(centre):
    """log erfc as a function of the distance from a point; its weight makes erf's error absolute."""
    centre = mpf(centre)
    return lambda t: log(erfc(t + centre)), lambda t: erfc(t + centre)


def scaled_erfc(low, high, middle):
    """(1 + 2 x) e^(x^2) erfc x in t = (x - middle)/(x + middle), as M. M. Shepherd and J. G. Laframboise do (1981)."""
    x = lambda t: middle * (1 + t) / (1 - t)
    g = lambda t: (1 + 2 * x(t)) * exp(x(t) ** 2) * erfc(x(t))
    t = lambda x: mpf(x - middle) / (x + middle)
    return g, lambda t: 1 / g(t), t(low), t(high)


R_EXP = at_0(0.5, lambda r: (exp(r) - 1 - r) / r**2), lambda r: abs(r), -HALF_LN2, HALF_LN2
R_EXP2 = at_0(log(2), lambda r: (mpf(2) ** r - 1) / r), lambda r: abs(r), -0.5001, 0.5001
R_EXP10 = at_0(log(10), lambda r: (mpf(10) ** r - 1) / r), lambda r: abs(r), -LOG10_2_HALF, LOG10_2_HALF
F_LOG = at_0(mpf(1) / 3, lambda f: (log(1 + f) - f + f * f / 2) / f**3), lambda f: f * f, F_LOW, F_HIGH
F_LOG2 = at_0(-1 / log(4), lambda f: (log(1 + f) - f) / log(2) / f**2), lambda f: abs(f), F_LOW, F_HIGH
Z_LOG = of_square(at_0(mpf(2) / 3, lambda s: (log_of(s) / s - 2) / s**2)), lambda z: z / 2, 0, S2
Z_LOG5 = of_square(at_0(0.4, lambda s: ((log_of(s) / s - 2) / s**2 - mpf(2) / 3) / s**2)), lambda z: z * z / 2, 0, S2
Z_SIN = of_square(at_0(-mpf(1) / 6, lambda r: (sin(r) / r - 1) / r**2)), lambda z: z, 0, QUARTER_PI2
Z_COS = of_square(at_0(mpf(1) / 24, lambda r: (cos(r) - 1 + r * r / 2) / r**4)), lambda z: z * z, 0, QUARTER_PI2
Z_ATAN = of_square(at_0(-mpf(1) / 3, lambda t: (atan(t) / t - 1) / t**2)), lambda z: z, 0
Z_ASIN = of_square(at_0(mpf(1) / 6, lambda x: (asin(x) / x - 1) / x**2)), lambda z: z, 0, 0.2501
Z_SINH = of_square(at_0(mpf(1) / 6, lambda x: (sinh(x) / x - 1) / x**2)), lambda z: z, 0, 1
Z_TANH = of_square(at_0(-mpf(1) / 3, lambda x: (tanh(x) / x - 1) / x**2)), lambda z: z, 0, 0.3907
Z_ERF = of_square(at_0(2 / sqrt(pi) - 1, lambda x: erf(x) / x - 1)), lambda z: mpf(1), 0, 1

# Name, what it is a polynomial in, and (g, weight, a, b, degree).
TABLE = {
    "f32": {
        # e^r = 1 + r + r^2 P(r); the weight serves expm1 as well, whose result is about r.
        "exp": (*R_EXP, 5),
        # 2^r = 1 + r P(r), 10^r = 1 + r P(r)
        "exp2": (*R_EXP2, 5),
        "exp10": (*R_EXP10, 5),
        # log(1 + f) = f - f^2/2 + f^3 P(f)
        "log": (*F_LOG, 8),
        # log2(1 + f) = f/ln 2 + f^2 P(f), which emission for NVIDIA's GPUs has
        "log2": (*F_LOG2, 8),
        # log((1 + s)/(1 - s)) = 2 s + s z P(z), z = s^2
        "log_s": (*Z_LOG, 3),
        # sin r = r + r z P(z), cos r = 1 - z/2 + z^2 P(z), z = r^2
        "sin": (*Z_SIN, 2),
        "cos": (*Z_COS, 2),
        # The odd functions: f(x) = x + x z P(z), z = x^2
        "atan": (*Z_ATAN, 1, 8),
        "asin": (*Z_ASIN, 4),
        "sinh": (*Z_SINH, 3),
        "tanh": (*Z_TANH, 4),
        # erf x = x + x P(z), z = x^2, |x| <= 1; erf x = 1 - e^P(x - 2.5), 1 <= x <= 4
        "erf": (*Z_ERF, 6),
        "erfc": (*erfc_about(2.5), -1.5, 1.5, 7),
        # erfc x = e^(-x^2) P((x - 2)/(x + 2)) / (1 + 2 x), from 1/2 on until it is 0
        "erfc_scaled": (*scaled_erfc(0.4999, 10.1, 2), 8),
    },
    "f64": {
        "exp": (*R_EXP, 10),
        "exp2": (*R_EXP2, 10),
        "exp10": (*R_EXP10, 10),
        "log_s": (*Z_LOG, 6),
        # log((1 + s)/(1 - s)) = 2 s + s z (2/3 + z P(z))
        "log_s5": (*Z_LOG5, 7),
        "sin": (*Z_SIN, 5),
        "cos": (*Z_COS, 5),
        "atan": (*Z_ATAN, 0.1717, 11),
        "asin": (*Z_ASIN, 12),
        "sinh": (*Z_SINH, 6),
        "tanh": (*Z_TANH, 10),
        "erf": (*Z_ERF, 13),
        # erf x = 1 - e^P(x - 1.75), 1 <= x <= 2.5; erf x = 1 - e^P(x - 4.25), 2.5 <= x <= 6
        "erfc": (*erfc_about(1.75), -0.75, 0.75, 17),
        "erfc_far": (*erfc_about(4.25), -1.75, 1.75, 12),
        "erfc_scaled": (*scaled_erfc(0.4999, 27.3, 2.5), 22),
    },
}


CONSTANTS = {
    "LN2": log(2),
    "LOG2_E": 1 / log(2),
    "LOG2_10": log(10) / log(2),
    "LOG10_2": log(2) / log(10),
    "LOG10_E": 1 / log(10),
    "PI": pi,
    "PI_2": pi / 2,
    "PI_4": pi / 4,
    "TWO_OVER_PI": 2 / pi,
    "TWO_THIRDS": mpf(2) / 3,
}
WORDS_OF_TWO_OVER_PI = 19


def parts(value, bits):
    for _ in range(3):
        part = rounded(value, bits)
        value -= part
        yield part


def print_constants():
    for name, value in CONSTANTS.items():
        for fmt, bits in BITS.items():
            print(f"{name}_{fmt}:", *(mp.nstr(part, 9 if fmt == "f32" else 17) for part in parts(value, bits)))
    with mp.workprec(64 * WORDS_OF_TWO_OVER_PI + 64):
        digits = f"{int(2 / pi * 2 ** (64 * WORDS_OF_TWO_OVER_PI)):0{16 * WORDS_OF_TWO_OVER_PI}x}"
    print("2/pi:", *(f"0x{digits[i : i + 16]}" for i in range(0, len(digits), 16)))


if __name__ == "__main__":
    print_constants()
    for fmt, entries in TABLE.items():
        for name, (g, weight, a, b, degree) in entries.items():
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            coefficients, worst = fit(g, weight, a, b, degree, BITS[fmt])
            print(f"{name}_{fmt}: degree {degree}, error 2^{float(log(worst, 2)):.1f}", flush=True)
            for c in coefficients:
                print("   ", mp.nstr(c, 9 if fmt == "f32" else 17))
