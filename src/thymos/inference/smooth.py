r"""What draws of inputs or of data say of a quantity: a smooth regression that predicts each draw from all others.

$$ \hat y = B w, \qquad w = \arg\min |y - B w|^2 + \lambda |w|^2, \qquad
   y_i - \hat y_{-i} = \frac{y_i - \hat y_i}{1 - h_{ii}} $$

B holds cubic splines of each feature and products of two features' polynomials, in ranks turned into a standard
normal, so that no scale or tail matters. The products are Hermite's in those scores (for what multiplies) or
Legendre's in the ranks (for what saturates), whichever predicts better. The mean square of the left-out residuals is
an honest $E[Var(y | features)]$: pure noise explains nothing. References: Eilers and Marx 1996 (splines with a
penalty); Golub, Heath and Wahba 1979 (leaving one out in closed form); Strong, Oakley and Brennan 2014 (its use for
the value of information).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import DataError

Floats = NDArray[np.float64]
KNOTS = (
    9  # inner knots of each spline: enough for two periods of a sine, see the Ishigami function in the tests
)
DEGREE = 3
FEWEST = 32
# Penalties as a share of the draws; the largest leaves the mean alone, the smallest nearly interpolates.
PENALTIES = np.geomspace(1e-5, 1e3, 13)


@dataclass(frozen=True)
class Smooth:
    """Regression of outputs on features, each (draw, output).

    fitted   : E[y | features];  residual : what is left of a draw when all others predict it
    """

    fitted: Floats
    residual: Floats

    def explained(self, y: Floats) -> Floats:
        """Share of the variance of y that is not left, at least 0 (output,); 0 where y does not vary."""
        total, left = (constant(y) ** 2).mean(axis=0), (self.residual**2).mean(axis=0)
        share = np.divide(left, total, out=np.ones_like(total), where=total > 0)
        return np.asarray(np.maximum(0.0, 1 - share))


def smooth(features: Floats, y: Floats) -> Smooth:
    """The regression that predicts left-out draws best.

    features : (draw, feature);  y : (draw, output)
    For each output the penalty and the products of features, if any, are those that predict left-out draws best.
    Raises `DataError` for fewer than 32 draws or for what is not finite.
    """
    if len(y) < FEWEST or not (np.isfinite(features).all() and np.isfinite(y).all()):
        raise DataError("regression on draws", f"{FEWEST} finite draws or more", f"{len(y)} draws")
    fitted, best = np.tile(y.mean(axis=0), (len(y), 1)), constant(y)
    scores = normal_scores(features[:, np.ptp(features, axis=0) > 0])
    if not scores.shape[1]:
        return Smooth(fitted, best)
    alone = _splines(scores)
    kinds = (_none, _hermite, _legendre) if scores.shape[1] > 1 else (_none,)
    for products in (_products(scores, kind) for kind in kinds):
        for one in _ridge(np.hstack([alone, products]), y):
            better = (one.residual**2).mean(axis=0) < (best**2).mean(axis=0)
            fitted, best = np.where(better, one.fitted, fitted), np.where(better, one.residual, best)
    return Smooth(fitted, best)


def constant(y: Floats) -> Floats:
    """Residuals (draw, output) when the mean of all others predicts."""
    return np.asarray((y - y.mean(axis=0)) * len(y) / (len(y) - 1))


def normal_scores(x: Floats) -> Floats:
    """Ranks of each column as quantiles of a standard normal; ties share their mean rank."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    return np.asarray(ndtri((rankdata(x, axis=0) - 0.5) / len(x)))


def _splines(scores: Floats) -> Floats:
    from scipy.interpolate import BSpline

    columns = []
    for z in scores.T:
        inner = np.quantile(z, np.linspace(0, 1, KNOTS + 2)[1:-1])
        # Two values, as of a switch, need no more than a line.
        if len(np.unique(z)) <= 2:
            columns.append(z[:, None])
            continue
        inner = np.unique(inner[(inner > z.min()) & (inner < z.max())])
        knots = np.concatenate([[z.min()] * (DEGREE + 1), inner, [z.max()] * (DEGREE + 1)])
        columns.append(np.hstack([z[:, None], BSpline.design_matrix(z, knots, DEGREE).toarray()]))
    return np.hstack(columns)


def _products(scores: Floats, polynomials: Callable[[Floats], Floats]) -> Floats:
    """Products of the polynomials of every two features (draw, term)."""
    made = [polynomials(z) for z in scores.T]
    terms = [(a[:, :, None] * b[:, None, :]).reshape(len(scores), -1) for a, b in combinations(made, 2)]
    return np.hstack(terms) if terms else np.empty((len(scores), 0))


def _none(z: Floats) -> Floats:
    return np.empty((len(z), 0))


def _hermite(z: Floats) -> Floats:
    return np.stack([z, z**2 - 1, z**3 - 3 * z], axis=1)


def _legendre(z: Floats) -> Floats:
    from scipy.special import ndtr

    r = 2 * ndtr(z) - 1
    return np.stack([r, (3 * r**2 - 1) / 2, (5 * r**3 - 3 * r) / 2], axis=1)


def _ridge(basis: Floats, y: Floats) -> Iterator[Smooth]:
    """The regression at each penalty."""
    n = len(y)
    b = basis - basis.mean(axis=0)
    size = np.sqrt((b**2).mean(axis=0))
    b = b[:, size > 1e-12] / size[size > 1e-12]
    spread, turned = np.linalg.eigh(b.T @ b / n)
    directions = b @ turned[:, spread > 1e-10 * spread[-1]]
    spread = spread[spread > 1e-10 * spread[-1]]
    centred = y - y.mean(axis=0)
    aligned, squares = directions.T @ centred, directions**2
    for penalty in PENALTIES:
        shrunk = 1 / (n * (spread + penalty))
        kept = 1 - (1 / n + squares @ shrunk)
        fitted = directions @ (shrunk[:, None] * aligned)
        yield Smooth(y.mean(axis=0) + fitted, (centred - fitted) / np.maximum(kept, 1e-6)[:, None])
