r"""Moments with logarithms of a geometric law, as series: what Shannon entropy and its variance ask of a clone.

The size of a clone that is alive is geometric, $P(n) = e^{-nx}/B$ with $x = \ln(1 + 1/B)$. From the polylogarithm,

$$ \sum_n n^s e^{-nx} = \frac{\Gamma(1 + s)}{x^{1+s}} + \sum_{k \ge 0} \zeta(-s-k) \frac{(-x)^k}{k!} $$

for $0 < x < 2\pi$, and its derivatives in s,

$$ B\, E[n^s \ln n] = \frac{\Gamma(1+s)}{x^{1+s}} (\psi(1+s) - \ln x) - \sum_{k \ge 0} \zeta'(-s-k) \frac{(-x)^k}{k!} $$
$$ B\, E[n^2 \ln^2 n] = \frac{2}{x^3} \left[(\psi(3) - \ln x)^2 + \psi'(3)\right]
   + \sum_{k \ge 0} \zeta''(-2-k) \frac{(-x)^k}{k!} $$

For x above 1, where a mean size is below 1.6, the terms are added one by one. The functions are
fixed for good: others' compiled forms that hold them are kept on disk. Reference: `dlmf25`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.kernel import outer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# zeta'(-j) for j = 1, 2, ...; a test computes both rows anew by mpmath.
SLOPES = (
    -0.16542114370045093,
    -0.030448457058393271,
    0.0053785763577743011,
    0.0079838114502686243,
    -0.0005729859801986352,
    -0.0058997591435159375,
    -0.00072864268015924065,
    0.0083161619856022474,
    0.0031301453197885728,
    -0.018929926338140374,
    -0.012752984479966656,
    0.063270583341463001,
    0.06374987374457688,
    -0.29165772474387352,
    -0.40031930280772559,
    1.7730256608990964,
    3.1286453321241579,
    -13.742768250214054,
    -29.965529831392352,
    132.28099750421251,
    346.27079266344084,
    -1548.0306125288885,
    -4759.0233617796286,
)
# zeta''(-j) for j = 1, 2, ...
BENDS = (
    -0.25020442410960039,
    -0.065763516187425196,
    -0.014257862045242975,
    0.0057374158461037863,
    0.0089508661599742881,
    0.0003412858464718521,
    -0.0095900009479669565,
    -0.0050121719096517726,
    0.016598688624549269,
    0.019442195543391476,
    -0.042498237630353816,
    -0.087064452153984974,
    0.1506757140648085,
    0.48791325389553754,
    -0.70357032957231163,
    -3.4241769600742143,
    4.1556973613293679,
    29.68476487389549,
    -29.981297571707136,
    -312.88334261848958,
    255.38111117731712,
    3949.7085767342729,
    -2469.5898357046733,
)
_TERMS = 21  # for x of 1 the first one left out is below 1e-16 of the sum
_SIGNED = np.array([(-1) ** k / math.factorial(k) for k in range(_TERMS)])
# Coefficients of x^k in the series of n^s ln n for s = 1, 2, 3, and of n^2 ln^2 n.
_SERIES = np.array([-np.array(SLOPES[s : s + _TERMS]) * _SIGNED for s in range(3)])
_SERIES_SQUARE = np.array(BENDS[1 : 1 + _TERMS]) * _SIGNED
_PSI = np.array([1 - 0.57721566490153286, 1.5 - 0.57721566490153286, 11 / 6 - 0.57721566490153286])
_PSI_SLOPE = math.pi**2 / 6 - 1.25
_LN = np.log(np.arange(1.0, 60.0))  # direct sums: n^3 exp(-n) is below 1e-20 of the whole beyond


@outer
def _horner(coefficients: Floats, x: float) -> float:
    total = 0.0
    for k in range(len(coefficients) - 1, -1, -1):
        total = total * x + coefficients[k]
    return float(total)


@outer
def mean_n_ln_n(B: float) -> float:
    """E[n ln n] of a geometric law on 1, 2, ... with mean 1 + B."""
    return mean_power_ln(B, 1)


@outer
def mean_power_ln(B: float, s: int) -> float:
    """E[n^s ln n] for s of 1, 2 or 3."""
    if B <= 0.0:
        return 0.0
    x = math.log1p(1.0 / B)
    if x < 1.0:
        leading = (_PSI[s - 1] - math.log(x)) / (B * x)
        for j in range(1, s + 1):
            leading *= j / x
        return float(leading + _horner(_SERIES[s - 1], x) / B)
    ratio, total = math.exp(-x), 0.0
    for n in range(len(_LN), 0, -1):
        total = (total + n**s * _LN[n - 1]) * ratio
    return float(total / B)


@outer
def mean_square_ln_square(B: float) -> float:
    """E[n^2 ln^2 n]."""
    if B <= 0.0:
        return 0.0
    x = math.log1p(1.0 / B)
    if x < 1.0:
        near = _PSI[1] - math.log(x)
        leading = 2.0 / x / x / (B * x) * (near * near + _PSI_SLOPE)
        return float(leading + _horner(_SERIES_SQUARE, x) / B)
    ratio, total = math.exp(-x), 0.0
    for n in range(len(_LN), 0, -1):
        total = (total + (n * _LN[n - 1]) ** 2) * ratio
    return float(total / B)
