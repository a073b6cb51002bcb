"""Variance components of lots: what is not known, donors, and runs of one donor."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Components(NamedTuple):
    """Standard deviations, each of what its level adds; nan where a level has but one member.

    knowledge : between draws of what is not known
    donors    : between donors of one draw
    runs      : between lots of one donor
    """

    knowledge: float
    donors: float
    runs: float


def components(values: Floats, draw: Ints, donor: Ints) -> Components:
    r"""Nested analysis of variance by the method of moments, unequal sizes allowed.

    With $n_{ij}$ lots of donor j in draw i, sums of squares between draws, donors and runs are set equal to their
    means under $y_{ijk} = \mu + a_i + b_{ij} + e_{ijk}$; a component that comes out negative is 0.

    values : one number for each lot, on a scale on which effects add; not finite: left out
    draw, donor : whose lot it is; a donor belongs to one draw (lot,)
    """
    kept = np.isfinite(values)
    y, draw, donor = values[kept], draw[kept], donor[kept]
    if not len(y):
        return Components(np.nan, np.nan, np.nan)
    of_donor, of_draw = _group(donor), _group(draw)
    first = np.unique(of_donor, return_index=True)[1]
    parent = of_draw[first]  # draw of each donor
    n_donor, n_draw = np.bincount(of_donor), np.bincount(of_draw)
    donor_mean, draw_mean = np.bincount(of_donor, y) / n_donor, np.bincount(of_draw, y) / n_draw
    total, squares = len(y), np.bincount(parent, n_donor**2)
    run_df, donor_df, draw_df = total - len(n_donor), len(n_donor) - len(n_draw), len(n_draw) - 1
    runs = _over(np.sum((y - donor_mean[of_donor]) ** 2), run_df)
    between = _over(np.sum(n_donor * (donor_mean - draw_mean[parent]) ** 2), donor_df)
    within_draws = _over(total - np.sum(squares / n_draw), donor_df)
    donors = float(np.maximum((between - runs) / within_draws, 0))  # nan stays nan
    above = _over(np.sum(n_draw * (draw_mean - y.mean()) ** 2), draw_df)
    mixed = _over(np.sum(squares / n_draw) - np.sum(n_donor**2) / total, draw_df)
    size = _over(total - np.sum(n_draw**2) / total, draw_df)
    knowledge = float(np.maximum((above - runs - mixed * donors) / size, 0))
    return Components(*(float(np.sqrt(v)) for v in (knowledge, donors, runs)))


def _group(labels: Ints) -> Ints:
    """Labels as numbers from 0."""
    return np.unique(labels, return_inverse=True)[1]


def _over(total: float, df: int) -> float:
    return float(total / df) if df > 0 else np.nan
