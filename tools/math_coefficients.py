"""Computes the polynomial coefficients of stdlib/math.soma (python3 with mpmath; not part of the build).

Each entry of the table is a polynomial P on [a, b] that makes weight(t) * (P(t) - g(t)) small: the least-squares
solution over Chebyshev nodes, whose largest error is within a factor of about two of the minimax polynomial's
(Trefethen, Approximation Theory and Approximation Practice, chapter 16) and which needs no exchange iteration.
The low coefficients are rounded to the format one after the other, each time solving again for the rest, so that
rounding them costs nothing. Printed are the coefficients, lowest first, and log2 of the largest weighted error of the
rounded polynomial.

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


def table(fmt):
    wide = fmt == "f64"
    return {
        # e^r = 1 + r + r^2 Q(r); the weight serves expm1 as well, whose result is about r.
        "exp": (lambda r: (exp(r) - 1 - r) / r**2 if r else mpf(1) / 2, lambda r: abs(r), -HALF_LN2, HALF_LN2, 10 if wide else 5),
        # b^r = 1 + r Q(r)
        "exp2": (lambda r: (mpf(2) ** r - 1) / r if r else log(2), lambda r: abs(r), -0.5001, 0.5001, 10 if wide else 5),
        "exp10": (lambda r: (mpf(10) ** r - 1) / r if r else log(10), lambda r: abs(r), -LOG10_2_HALF, LOG10_2_HALF, 10 if wide else 5),
        # log(1 + f) = f - f^2/2 + f^3 P(f)
        "log": (lambda f: (log(1 + f) - f + f * f / 2) / f**3 if f else mpf(1) / 3, lambda f: f * f, F_LOW, F_HIGH, 18 if wide else 8),
        # log((1 + s)/(1 - s)) = 2 s + s z R(z), z = s^2
        "log_s": (of_square(lambda s: (2 * atanh(s) / s - 2) / s**2 if s else mpf(2) / 3), lambda z: z / 2, mpf(0), S2, 6 if wide else 3),
        # ... = 2 s + s z (2/3 + z R(z))
        "log_s5": (of_square(lambda s: ((2 * atanh(s) / s - 2) / s**2 - mpf(2) / 3) / s**2 if s else mpf(2) / 5), lambda z: z * z / 2, mpf(0), S2, 7 if wide else 2),
        # sin r = r + r^3 S(z); cos r = 1 - z/2 + z^2 C(z)
        "sin": (of_square(lambda r: (sin(r) / r - 1) / r**2 if r else -mpf(1) / 6), lambda z: z, mpf(0), QUARTER_PI2, 5 if wide else 2),
        "cos": (of_square(lambda r: (cos(r) - 1 + r * r / 2) / r**4 if r else mpf(1) / 24), lambda z: z * z, mpf(0), QUARTER_PI2, 5 if wide else 2),
        # atan t = t + t^3 A(z)
        "atan": (of_square(lambda t: (atan(t) / t - 1) / t**2 if t else -mpf(1) / 3), lambda z: z, mpf(0), mpf("0.1717") if wide else mpf(1), 11 if wide else 8),
        # asin x = x + x^3 P(z)
        "asin": (of_square(lambda x: (asin(x) / x - 1) / x**2 if x else mpf(1) / 6), lambda z: z, mpf(0), mpf("0.2501"), 12 if wide else 4),
        # sinh x = x + x^3 S(z), |x| <= 1
        "sinh": (of_square(lambda x: (sinh(x) / x - 1) / x**2 if x else mpf(1) / 6), lambda z: z, mpf(0), mpf(1), 6 if wide else 3),
        # tanh x = x + x^3 T(z), |x| <= 0.625
        "tanh": (of_square(lambda x: (tanh(x) / x - 1) / x**2 if x else -mpf(1) / 3), lambda z: z, mpf(0), mpf("0.3907"), 10 if wide else 4),
        # erf x = x + x E(z), |x| <= 1
        "erf": (of_square(lambda x: erf(x) / x - 1 if x else 2 / sqrt(pi) - 1), lambda z: mpf(1), mpf(0), mpf(1), 13 if wide else 6),
        # log erfc x as a polynomial of x - centre
        "erfc": (lambda t: log(erfc(t + mpf("2.5"))), lambda t: erfc(t + mpf("2.5")), mpf("-1.5"), mpf("1.5"), 7)
        if not wide
        else (lambda t: log(erfc(t + mpf("1.75"))), lambda t: erfc(t + mpf("1.75")), mpf("-0.75"), mpf("0.75"), 17),
        "erfc_far": (lambda t: log(erfc(t + mpf("4.25"))), lambda t: erfc(t + mpf("4.25")), mpf("-1.75"), mpf("1.75"), 12),
    }


if __name__ == "__main__":
    for fmt in ("f32", "f64"):
        for name, (g, weight, a, b, degree) in table(fmt).items():
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            coefficients, worst = fit(g, weight, a, b, degree, BITS[fmt])
            print(f"{name}_{fmt}: degree {degree}, error 2^{float(log(worst, 2)):.1f}", flush=True)
            for c in coefficients:
                print("   ", mp.nstr(c, 9 if fmt == "f32" else 17))
