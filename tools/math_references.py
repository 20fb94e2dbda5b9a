"""Writes test/stdlib/math-references.csv: values of the mathematical functions at doubles, from mpmath at 120 digits.

`high` is the value rounded to double, `low` what that rounding lost; y is empty for functions of one argument.
Usage: tools/math_references.py > test/stdlib/math-references.csv
"""
import random

from mpmath import acos, acosh, asin, asinh, atan, atan2, atanh, cbrt, cos, cosh, cospi, erf, erfc, exp, expm1, hypot
from mpmath import log, log1p, mp, mpf, power, sin, sinh, sinpi, sqrt, tan, tanh

mp.dps = 120
# Of all doubles this is the nearest to a multiple of pi/2 (Muller, Elementary Functions, 3rd ed., section 11.3.2).
NEAREST_TO_HALF_PI = float(6381956970095103 * 2**797)
MOST, LEAST = 1.7976931348623157e308, 2.2250738585072014e-308
rng = random.Random(1)


def between(a, b, count):
    return [rng.uniform(a, b) for _ in range(count)]


def powers(low, high, count):
    """Of both signs, evenly spread exponents."""
    return [rng.choice((-1, 1)) * 2 ** rng.uniform(low, high) for _ in range(count)]


def positive(values):
    return [abs(v) for v in values]


SMALL = powers(-40, 0, 12) + powers(-1000, -40, 4) + [5e-324, -LEAST]
ANGLES = between(-7, 7, 20) + powers(3, 20, 8) + powers(20, 1023, 16) + SMALL + [NEAREST_TO_HALF_PI, MOST]
UNIT = between(-1, 1, 24) + SMALL + [0.5, -0.5, 1 - 2**-53, -1 + 2**-53, 1.0]
ANY = between(-10, 10, 16) + powers(-1000, 1000, 16) + SMALL + [MOST]
LOGARITHM = between(0.5, 2, 16) + positive(powers(-1000, 1000, 16)) + [1 + 2**-52, 1 - 2**-53, 5e-324, LEAST, MOST]

ONE = {
    "exp": (exp, between(-708, 709, 24) + SMALL + [709.782712893384, -740.25]),
    "exp2": (lambda x: mpf(2) ** x, between(-1022, 1023, 24) + SMALL + [-1070.25]),
    "exp10": (lambda x: mpf(10) ** x, between(-307, 308, 24) + SMALL + [-320.5]),
    "expm1": (expm1, between(-40, 709, 24) + between(-1, 1, 12) + SMALL),
    "log": (log, LOGARITHM),
    "log2": (lambda x: log(x) / log(2), LOGARITHM),
    "log10": (lambda x: log(x) / log(10), LOGARITHM),
    "log1p": (log1p, between(-0.99, 3, 24) + positive(powers(0, 1000, 8)) + SMALL + [-1 + 2**-53]),
    "sin": (sin, ANGLES),
    "cos": (cos, ANGLES),
    "tan": (tan, ANGLES),
    "asin": (asin, UNIT),
    "acos": (acos, UNIT[:-1]),
    "atan": (atan, ANY),
    "sinh": (sinh, between(-710, 710, 16) + between(-2, 2, 12) + SMALL),
    "cosh": (cosh, between(-710, 710, 16) + between(-2, 2, 12)),
    "tanh": (tanh, between(-20, 20, 20) + between(-1, 1, 12) + SMALL),
    "cbrt": (lambda x: cbrt(x) if x > 0 else -cbrt(-x), ANY),
    "rsqrt": (lambda x: 1 / sqrt(x), positive(ANY)),
    "erf": (erf, between(-6.2, 6.2, 24) + between(-1.2, 1.2, 12) + SMALL),
    "erfc": (erfc, between(-6, 26.5, 24) + between(-1, 1, 12) + SMALL),
    "asinh": (asinh, ANY),
    "acosh": (acosh, [1 + abs(v) for v in between(-10, 10, 16)] + positive(powers(1, 1000, 12)) + [1 + 2**-52, MOST]),
    "atanh": (atanh, UNIT[:-1]),
    "sinpi": (sinpi, between(-7, 7, 20) + powers(3, 51, 8) + SMALL),
    "cospi": (cospi, between(-7, 7, 20) + powers(3, 51, 8) + SMALL),
}
BASES = between(0.5, 2, 24) + positive(powers(-30, 30, 8))
SIDES = powers(-20, 20, 20) + powers(-900, 900, 8) + [1.0]
TWO = {
    "pow": (power, [(x, rng.uniform(-1020, 1020) / float(log(x, 2))) for x in BASES] + [(1 + 1e-10, 1e12), (3.0, 40.0)]),
    "atan2": (lambda y, x: atan2(y, x), [(rng.choice(SIDES), rng.choice(SIDES)) for _ in range(32)]),
    "hypot": (hypot, [(rng.choice(SIDES), rng.choice(SIDES)) for _ in range(32)] + [(3e307, 4e307), (3e-320, 4e-320)]),
}


def split(value):
    high = float(value)
    return [high, float(value - mpf(high))]


if __name__ == "__main__":
    print("function,x,y,high,low")
    for name, (f, points) in ONE.items():
        for x in points:
            print(name, x, "", *split(f(mpf(x))), sep=",")
    for name, (f, points) in TWO.items():
        for x, y in points:
            print(name, x, y, *split(f(mpf(x), mpf(y))), sep=",")
