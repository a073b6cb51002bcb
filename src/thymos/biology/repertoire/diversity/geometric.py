r"""Moments with logarithms of a geometric law, as series: what Shannon entropy asks of a clone of Kendall's law.

The size of a clone that is alive is geometric, $P(n) = e^{-nx}/B$ with $x = \ln(1 + 1/B)$. From the polylogarithm,

$$ \sum_n n^s e^{-nx} = \Gamma(1 + s)\, x^{-1-s} + \sum_{k \ge 0} \zeta(-s-k) \frac{(-x)^k}{k!}, \qquad 0 < x < 2\pi $$

and its derivative at s = 1,

$$ B\, E[n \ln n] = \frac{1 - \gamma - \ln x}{x^2} - \sum_{k \ge 0} \zeta'(-1-k) \frac{(-x)^k}{k!} $$

For x above 1, where a mean size is below 1.6, the terms are added one by one. Reference: `dlmf25`.
"""

from __future__ import annotations

import math

import numpy as np

from thymos.biology.repertoire.kernel import outer

GAMMA = 0.5772156649015329
# zeta'(-1 - k), k = 0, 1, ...; a test computes them anew by mpmath.
SLOPES = (
    -0.1654211437004509292,
    -0.03044845705839327078,
    0.005378576357774301144,
    0.007983811450268624281,
    -0.0005729859801986352050,
    -0.005899759143515937451,
    -0.0007286426801592406525,
    0.008316161985602247360,
    0.003130145319788572755,
    -0.01892992633814037422,
    -0.01275298447996665611,
    0.06327058334146300060,
    0.06374987374457688029,
    -0.2916577247438735203,
    -0.4003193028077255938,
    1.773025660899096396,
    3.128645332124157876,
    -13.74276825021405444,
    -29.96552983139235194,
    132.2809975042125145,
    346.2707926634408398,
)
# For x of 1 the first term left out is below 1e-17.
_TERMS = np.array([slope * (-1) ** k / math.factorial(k) for k, slope in enumerate(SLOPES)])
_DIRECT = 45
_N_LN_N = np.array([n * math.log(n) for n in range(1, _DIRECT)])


@outer
def mean_n_ln_n(B: float) -> float:
    """E[n ln n] of a geometric law on 1, 2, ... with mean 1 + B."""
    if B <= 0.0:
        return 0.0
    x = math.log1p(1.0 / B)
    total = 0.0
    if x < 1.0:
        for k in range(len(_TERMS) - 1, -1, -1):
            total = total * x + _TERMS[k]
        return ((1.0 - GAMMA - math.log(x)) / x / (B * x)) - total / B
    ratio = math.exp(-x)
    for n in range(len(_N_LN_N) - 1, -1, -1):
        total = (total + _N_LN_N[n]) * ratio
    return total / B
