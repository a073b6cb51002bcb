"""A polynomial in place of a slow function: fitted on points around a mode, cheap, and only as good as it says.

It is a polynomial in the parameters themselves, given their logarithms: a logarithm of a count is close to linear in
a rate. What is drawn with it is corrected with the function itself (`inference/importance.py`), so that an error of
the polynomial costs draws and does not bias them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import comb

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import SolveError

Floats = NDArray[np.float64]
# The fourth degree where it has no more than 500 terms (up to 7 parameters), else the third.
DEGREES, MOST_TERMS = (4, 3), 500
POINTS_PER_TERM = 4
WIDER = 1.33  # the points lie so much wider than the region of interest
HELD_OUT = 10  # every tenth point is kept out of the fit and says how wrong it is


@dataclass(frozen=True)
class Emulator:
    """Polynomials in whitened parameters.

    middle, root : parameters = middle + root u, with u of unit size in the region of interest
    degree       : of the polynomials
    weights      : (term, output)
    reach        : length of u up to which it was fitted; NaN beyond
    error        : root mean square of prediction minus function at points kept out, the worst output
    """

    middle: Floats
    root: Floats
    degree: int
    weights: Floats
    reach: float
    error: float

    def __call__(self, logs: Floats) -> Floats:
        """Outputs (vector, output) at logarithms of parameters (vector, parameter)."""
        with np.errstate(over="ignore", invalid="ignore"):
            u = self._white(np.exp(logs))
            far = ~((u**2).sum(axis=1) <= self.reach**2)
            found = _terms(np.where(far[:, None], 0.0, u), self.degree) @ self.weights
        found[far] = np.nan
        return np.asarray(found)

    def _white(self, values: Floats) -> Floats:
        return np.asarray(np.linalg.solve(self.root, (values - self.middle).T).T)


def emulate(
    function: Callable[[Floats], Floats], middle: Floats, covariance: Floats, rng: np.random.Generator
) -> Emulator:
    """The polynomials that fit `function` of logarithms on points that are normal around `middle`.

    Raises `SolveError` where the function fails at more than half of the points.
    """
    size = len(middle)
    degree = next((d for d in DEGREES if comb(size + d, d) <= MOST_TERMS), DEGREES[-1])
    count = POINTS_PER_TERM * comb(size + degree, degree) + 100
    logs = middle + WIDER * rng.standard_normal((count, size)) @ np.linalg.cholesky(covariance).T
    y = function(logs)
    good = np.isfinite(y).all(axis=1)
    if good.mean() < 0.5:
        raise SolveError(
            "emulator", "a function that is defined around its mode", f"{good.mean():.0%} of points"
        )
    values, y = np.exp(logs[good]), y[good]
    white = Emulator(values.mean(axis=0), _root(values), degree, np.empty(0), np.inf, 0.0)
    u = white._white(values)
    terms = _terms(u, degree)
    kept = np.arange(len(y)) % HELD_OUT == 0
    weights = np.linalg.lstsq(terms[~kept], y[~kept], rcond=None)[0]
    wrong = terms[kept] @ weights - y[kept]
    error = float(np.sqrt((wrong**2).mean(axis=0)).max())
    reach = float(np.sqrt((u**2).sum(axis=1)).max())
    return Emulator(white.middle, white.root, degree, weights, reach, error)


def _root(values: Floats) -> Floats:
    return np.asarray(np.linalg.cholesky(np.atleast_2d(np.cov(values.T))))


def _terms(u: Floats, degree: int) -> Floats:
    """Every product of up to `degree` coordinates (vector, term)."""
    made: dict[tuple[int, ...], Floats] = {(): np.ones(len(u))}
    for power in range(1, degree + 1):
        for which in combinations_with_replacement(range(u.shape[1]), power):
            made[which] = made[which[:-1]] * u[:, which[-1]]
    return np.stack(list(made.values()), axis=1)
