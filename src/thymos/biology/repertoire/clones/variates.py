"""Random numbers of discrete laws inside compiled loops, at a cost that does not grow with the numbers drawn.

Exact methods on the words of xoshiro256++, so that a block needs no other state: transformed rejection for Poisson and
binomial laws, squeeze for gamma. The algorithms are fixed for good. References: `hormann1993poisson`,
`hormann1993binomial`, `marsaglia2000`.
"""

from __future__ import annotations

import math

import numpy as np

from thymos.biology.repertoire.kernel import outer
from thymos.biology.repertoire.xoshiro import Words, uniform

# ln k! less its Stirling form (k + 1/2) ln(k + 1) - (k + 1) + ln(2 pi)/2, for k of 0 to 9.
_TAIL = np.array(
    [
        math.lgamma(k + 1) - (k + 0.5) * math.log(k + 1) + (k + 1) - 0.5 * math.log(2 * math.pi)
        for k in range(10)
    ]
)
_HALF_LN_2PI = 0.5 * math.log(2 * math.pi)
_REJECTION = 10.0
"""Mean from which transformed rejection is used."""


@outer
def _tail(k: float) -> float:
    if k < 10.0:
        return float(_TAIL[int(k)])
    s = 1.0 / ((k + 1.0) * (k + 1.0))
    return (1.0 / 12.0 - s * (1.0 / 360.0 - s / 1260.0)) / (k + 1.0)


@outer
def geometric(state: Words, B: float) -> int:
    """Of 1, 2, ... with mean 1 + B."""
    if B <= 0.0:
        return 1
    return 1 + int(-math.log(uniform(state)) / math.log1p(1.0 / B))


@outer
def poisson(state: Words, mean: float) -> int:
    """Events of a given mean."""
    if mean < _REJECTION:
        left, k = math.exp(-mean), 0
        product = uniform(state)
        while product > left:
            product *= uniform(state)
            k += 1
        return k
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    quick = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        u = uniform(state) - 0.5
        v = uniform(state)
        us = 0.5 - abs(u)
        x = math.floor((2.0 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= quick:
            return int(x)
        if x < 0.0 or (us < 0.013 and v > us):
            continue
        over = mean - (x + 1.0)
        # ln of the probability of x, in a form that keeps its digits for means of 1e12.
        height = x * math.log1p(over / (x + 1.0)) - over - 0.5 * math.log(x + 1.0) - _HALF_LN_2PI - _tail(x)
        if math.log(v * inverse_alpha / (a / (us * us) + b)) <= height:
            return int(x)


@outer
def binomial(state: Words, n: int, p: float) -> int:
    """Successes in n trials."""
    if p <= 0.0 or n == 0:
        return 0
    if p >= 1.0:
        return n
    q = min(p, 1.0 - p)
    k = _waiting(state, n, q) if n * q < _REJECTION else _rejection(state, n, q)
    return k if p <= 0.5 else n - k


@outer
def _waiting(state: Words, n: int, p: float) -> int:
    """Successes, from one to the next."""
    rate = math.log1p(-p)
    at = math.floor(math.log(uniform(state)) / rate) + 1.0
    k = 0
    while at <= n:
        k += 1
        at += math.floor(math.log(uniform(state)) / rate) + 1.0
    return k


@outer
def _rejection(state: Words, n: int, p: float) -> int:
    sd = math.sqrt(n * p * (1.0 - p))
    b = 1.15 + 2.53 * sd
    a = -0.0873 + 0.0248 * b + 0.01 * p
    centre = n * p + 0.5
    quick = 0.92 - 4.2 / b
    odds = p / (1.0 - p)
    alpha = (2.83 + 5.1 / b) * sd
    m = math.floor((n + 1) * p)
    while True:
        u = uniform(state) - 0.5
        v = uniform(state)
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + centre)
        if us >= 0.07 and v <= quick:
            return int(k)
        if k < 0.0 or k > n:
            continue
        height = (
            (m + 0.5) * math.log((m + 1.0) / (odds * (n - m + 1.0)))
            + (n + 1.0) * math.log1p((k - m) / (n - k + 1.0))
            + (k + 0.5) * math.log(odds * (n - k + 1.0) / (k + 1.0))
            + _tail(m)
            + _tail(n - m)
            - _tail(k)
            - _tail(n - k)
        )
        if math.log(v * alpha / (a / (us * us) + b)) <= height:
            return int(k)


@outer
def gamma(state: Words, shape: float) -> float:
    """Of a shape of at least 1, scale 1."""
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = _normal(state)
        t = 1.0 + c * x
        if t <= 0.0:
            continue
        v = t * t * t
        if math.log(uniform(state)) < 0.5 * x * x + d - d * v + d * math.log(v):
            return d * v


@outer
def _normal(state: Words) -> float:
    """By the polar method; its second number is not kept."""
    while True:
        x = 2.0 * uniform(state) - 1.0
        y = 2.0 * uniform(state) - 1.0
        s = x * x + y * y
        if 0.0 < s < 1.0:
            return x * math.sqrt(-2.0 * math.log(s) / s)


@outer
def descendants(state: Words, alive: int, B: float) -> int:
    """Cells of so many clones that are alive, each geometric with mean 1 + B.

    Beyond the first cell of each, the sum of many is a Poisson number whose mean is a gamma number.
    """
    if alive == 0 or B <= 0.0:
        return alive
    if alive <= 3:
        cells = 0
        for _ in range(alive):
            cells += geometric(state, B)
        return cells
    return alive + poisson(state, gamma(state, float(alive)) * B)
