r"""How far chance moves the diversity of one repertoire: standard deviations by the delta method, in closed form.

Clones are independent and their founders a Poisson number, so that sums over clones have covariances
$C_{ab} = \sum w\, E[g_a(n)\, g_b(n)]$, with g the six functions behind `expected`: n, 1, [n = 1], [n = 2], n (n - 1)
and n ln n. An index is a function of these sums; with its gradient, $\mathrm{Var} = \nabla^T C\, \nabla$: too small
where a dozen clones hold most of the cells. The uncertainty of rates and of patients comes on top. TRB clones of one
lineage are not independent: theirs is a lower bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.diversity.expected import as_rows, over_rows, sums
from thymos.biology.repertoire.diversity.geometric import mean_power_ln, mean_square_ln_square
from thymos.biology.repertoire.diversity.indices import Indices
from thymos.biology.repertoire.kernel import outer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from thymos.biology.repertoire.clones.clones import Clones

    Floats = NDArray[np.float64]

_LN2 = 0.6931471805599453


@outer
def _moments(number: Floats, m: Floats, B: Floats, out: Floats) -> None:
    """Expected sums over clones of the functions in `_covariance`, of each row (row, 12)."""
    for i in range(number.shape[0]):
        out[i] = 0.0
        for j in range(number.shape[1]):
            w = number[i, j] * m[i, j]
            if w > 0.0:
                b = B[i, j]
                alive = w / (1.0 + b)
                out[i, 0] += w
                out[i, 1] += alive
                out[i, 2] += alive / (1.0 + b)
                out[i, 3] += alive / (1.0 + b) * (b / (1.0 + b))
                # Falling factorials of a geometric law have the means k! W B^(k-1).
                out[i, 4] += 2.0 * w * b
                out[i, 5] += w * (2.0 * b + 1.0)
                out[i, 6] += w * b * (6.0 * b + 4.0)
                out[i, 7] += w * b * (24.0 * b * b + 24.0 * b + 4.0)
                for s in range(1, 4):
                    out[i, 7 + s] += alive * mean_power_ln(b, s)
                out[i, 11] += alive * mean_square_ln_square(b)


def _covariance(sums: Floats) -> Floats:
    """Of n, 1, [n = 1], [n = 2], n (n - 1) and n ln n (..., 6, 6)."""
    n, one, f1, f2, pairs, nn, n_pairs, pairs_pairs, ln, n_ln, nn_ln, ln_ln = np.moveaxis(sums, -1, 0)
    none = np.zeros_like(n)
    table = (
        (nn, n, f1, 2 * f2, n_pairs, n_ln),
        (n, one, f1, f2, pairs, ln),
        (f1, f1, f1, none, none, none),
        (2 * f2, f2, none, f2, 2 * f2, 2 * _LN2 * f2),
        (n_pairs, pairs, none, 2 * f2, pairs_pairs, nn_ln - n_ln),
        (n_ln, ln, none, 2 * _LN2 * f2, nn_ln - n_ln, ln_ln),
    )
    return np.moveaxis(np.array(table), (0, 1), (-2, -1))


def standard_deviations(clones: Clones, share: ArrayLike = 1.0, workers: int = 1) -> Indices:
    """Standard deviation of each index of a sample between repertoires that differ by chance alone, arrays (...)."""
    rows, lead = as_rows(clones, share)
    covariance = _covariance(over_rows(_moments, rows, 12, workers).reshape(*lead, 12))
    slopes = _slopes(*sums(rows, workers).T.reshape(6, *lead))
    variance = {name: np.einsum("...a,...ab,...b->...", g, covariance, g) for name, g in slopes.items()}
    return Indices(**{name: np.sqrt(np.maximum(v, 0)) for name, v in variance.items()})


def _slopes(
    cells: Floats, richness: Floats, ones: Floats, twos: Floats, pairs: Floats, logs: Floats
) -> dict[str, Floats]:
    """Gradient of each index in cells, richness, singletons, doubletons, pairs and sum n ln n (..., 6)."""
    N, Q = np.where(cells > 0, cells, np.nan), np.where(cells > 0, pairs + cells, np.nan)
    most = np.log(np.where(richness > 1, richness, np.nan))
    H = np.log(N) - logs / N
    ratio = np.divide(ones, twos, out=np.full_like(ones, np.nan), where=twos > 0)

    def gradient(
        n: ArrayLike = 0,
        r: ArrayLike = 0,
        f1: ArrayLike = 0,
        f2: ArrayLike = 0,
        p: ArrayLike = 0,
        x: ArrayLike = 0,
    ) -> Floats:
        parts = np.broadcast_arrays(N, n, r, f1, f2, p, x)
        return np.stack([np.asarray(part, dtype=np.float64) for part in parts[1:]], axis=-1)

    shannon = gradient(n=1 / N + logs / N**2, x=-1 / N)
    return {
        "cells": gradient(n=1),
        "richness": gradient(r=1),
        "singletons": gradient(f1=1),
        "doubletons": gradient(f2=1),
        "shannon": shannon,
        "hill1": np.exp(H)[..., None] * shannon,
        "hill2": gradient(n=2 * N / Q - N**2 / Q**2, p=-(N**2) / Q**2),
        "clonality": -shannon / most[..., None] + gradient(r=H / most**2 / richness),
        "simpson": gradient(n=-2 * pairs / N**3, p=1 / N**2),
        "chao1": gradient(r=1, f1=ratio, f2=-(ratio**2) / 2),
    }
