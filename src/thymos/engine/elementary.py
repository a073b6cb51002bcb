"""exp and log on vectors, to about one unit in the last place, without a call to any library.

Range reduction follows W. J. Cody and W. Waite, Software Manual for the Elementary Functions (Prentice-Hall,
1980); the series are Taylor's, cut where the next term is below 1e-17 of the result. No operation here may be
reassociated (the flags of `VectorFunction.add` and its like): the reductions live from their order.
"""

from __future__ import annotations

import math
import struct
from typing import Any

from thymos.engine.vector import VectorFunction

# ln 2 = LN2_HIGH + LN2_LOW; the high part ends in 21 zero bits, so that an exponent times it is exact.
LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")
LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
EXP_TERMS = 13
LOG_TERMS = 11
# Adding and subtracting it rounds to the nearest whole number and leaves that number in the low bits.
ROUNDER = 1.5 * 2.0**52
OVERFLOW, UNDERFLOW = 710.0, -746.0
SMALLEST_NORMAL = 2.0**-1022


def _bits(x: float) -> int:
    return int(struct.unpack("<q", struct.pack("<d", x))[0])


def exp(v: VectorFunction, x: Any) -> Any:
    """e to the x; inf above 709.8, 0 below -745.1, NaN for NaN.

    x = k ln 2 + r with |r| <= ln 2 / 2; 2**k is applied in two halves, so that neither leaves the range of
    normal numbers before the result does.
    """
    b = v.builder
    x = v.choose(v.less(x, v.number(UNDERFLOW)), v.number(UNDERFLOW), x)
    x = v.choose(v.less(v.number(OVERFLOW), x), v.number(OVERFLOW), x)
    rounded = v.fma(x, v.number(1 / math.log(2)), v.number(ROUNDER))
    k = b.fsub(rounded, v.number(ROUNDER))
    r = v.fma(k, v.number(-LN2_LOW), v.fma(k, v.number(-LN2_HIGH), x))
    square = b.fmul(r, r)
    tail = _polynomial(v, r, square, [1 / math.factorial(n) for n in range(2, EXP_TERMS + 1)])
    series = b.fadd(v.fma(square, tail, r), v.number(1.0))
    exponent = b.sub(b.bitcast(rounded, v.integers), v.whole(_bits(ROUNDER)))
    half = b.ashr(exponent, v.whole(1))
    return b.fmul(b.fmul(series, _power_of_two(v, half)), _power_of_two(v, b.sub(exponent, half)))


def _power_of_two(v: VectorFunction, k: Any) -> Any:
    biased = v.builder.add(k, v.whole(1023))
    return v.builder.bitcast(v.builder.shl(biased, v.whole(52)), v.vector)


def _polynomial(v: VectorFunction, x: Any, square: Any, coefficients: list[float]) -> Any:
    """Sum of coefficients[n] x^n by Estrin's scheme: pairs side by side, so that few operations wait for others.

    Horner's rule takes fewer operations, but each waits for the one before; `square` is x^2.
    """
    terms: list[Any] = [v.number(c) for c in coefficients]
    power = x
    while len(terms) > 1:
        pairs = [v.fma(high, power, low) for low, high in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + terms[2 * len(pairs) :]
        power = square if power is x else v.builder.fmul(power, power)
    return terms[0]


def log(v: VectorFunction, x: Any) -> Any:
    """Natural logarithm; -inf at 0, NaN below 0, inf at inf, NaN for NaN.

    x = 2**k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2); log(1+f) = 2 atanh(s), s = f/(2+f), written as
    f - s (f - rest) so that rounding of s is felt only at second order.
    """
    b = v.builder
    tiny = v.less(x, v.number(SMALLEST_NORMAL))
    scaled = b.bitcast(v.choose(tiny, b.fmul(x, v.number(2.0**54)), x), v.integers)
    k = b.ashr(b.sub(scaled, v.whole(_bits(math.sqrt(0.5)))), v.whole(52))
    f = b.fsub(b.bitcast(b.sub(scaled, b.shl(k, v.whole(52))), v.vector), v.number(1.0))
    k = b.sitofp(b.sub(k, b.select(tiny, v.whole(54), v.whole(0))), v.vector)
    s = b.fdiv(f, b.fadd(f, v.number(2.0)))
    square = b.fmul(s, s)
    terms = [2 / (2 * n + 1) for n in range(1, LOG_TERMS + 1)]
    series = _polynomial(v, square, b.fmul(square, square), terms)
    bent = b.fmul(s, b.fsub(f, b.fmul(square, series)))
    result = v.fma(k, v.number(LN2_HIGH), b.fsub(f, b.fsub(bent, b.fmul(k, v.number(LN2_LOW)))))
    result = v.choose(v.less(x, v.number(math.inf)), result, x)
    below = v.choose(b.fcmp_ordered("==", x, v.number(0.0)), v.number(-math.inf), v.number(math.nan))
    outside = b.fcmp_ordered("<=", x, v.number(0.0))
    return v.choose(outside, below, result)
