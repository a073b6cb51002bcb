r"""Sobol indices of independent inputs: what each explains alone, and with all its interactions.

$$ S_i = \frac{Var(E[y | x_i])}{Var(y)}, \qquad S_{Ti} = \frac{E[Var(y | x_{-i})]}{Var(y)} $$

Design and estimators are SALib's: Saltelli's scheme on a scrambled Sobol sequence. Inputs are places in the unit cube;
what a place stands for (a quantile, a choice, a patient) is the caller's. References: Saltelli et al. 2010; Herman
and Usher 2017; Owen 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.lang.streams import stream

Floats = NDArray[np.float64]
RESAMPLES = 300


@dataclass(frozen=True)
class Indices:
    """Shares of the variance with 95 % bootstrap intervals, each (input, output)."""

    first: Floats
    first_low: Floats
    first_high: Floats
    total: Floats
    total_low: Floats
    total_high: Floats


def design(inputs: int, base: int, seed: int) -> Floats:
    """Points (row, input) inside the unit cube, base x (inputs + 2) rows; `base` is a power of two."""
    from SALib.sample import sobol

    points = sobol.sample(_problem(inputs), base, calc_second_order=False, seed=stream(seed, "sobol.design"))
    return np.asarray(np.clip(points, 2.0**-53, 1 - 2.0**-53))


def indices(inputs: int, y: Floats, seed: int) -> Indices:
    """Indices of outputs y (row, output) at the points of `design`; of a constant output all are 0."""
    found = [_of(inputs, column, seed) for column in y.T]
    return Indices(*(np.stack([one[i] for one in found], axis=1) for i in range(6)))


def _of(inputs: int, y: Floats, seed: int) -> tuple[Floats, ...]:
    from SALib.analyze import sobol

    if not np.ptp(y) > 0:
        return (np.zeros(inputs),) * 6
    # SALib takes a seed of 0 for none.
    resampling = 1 + int(stream(seed, "sobol.bootstrap").integers(2**31))
    s = sobol.analyze(
        _problem(inputs),
        y,
        calc_second_order=False,
        num_resamples=RESAMPLES,
        keep_resamples=True,
        seed=resampling,
    )
    ends = [np.quantile(s[f"{kind}_conf_all"], (0.025, 0.975), axis=0) for kind in ("S1", "ST")]
    return (np.asarray(s["S1"]), *ends[0], np.asarray(s["ST"]), *ends[1])


def _problem(inputs: int) -> dict[str, object]:
    names = [str(i) for i in range(inputs)]
    return {"num_vars": inputs, "names": names, "bounds": [[0.0, 1.0]] * inputs}
