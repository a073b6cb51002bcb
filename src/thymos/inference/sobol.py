r"""Sobol indices of independent inputs: what each explains alone, and with all its interactions.

$$ S_i = \frac{Var(E[y | x_i])}{Var(y)}, \qquad S_{Ti} = \frac{E[Var(y | x_{-i})]}{Var(y)} $$

Design and estimators are SALib's: Saltelli's scheme on a scrambled Sobol sequence. Inputs are places in the unit cube;
what a place stands for (a quantile, a choice, a patient) is the caller's. References: Saltelli et al. 2010; Herman
and Usher 2017; Owen 2020.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import InputError
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
RESAMPLES = 300
OTHERS = 2**16  # joint places of the inputs that are not kept


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
    points = _salib("sample").sample(
        _problem(inputs), base, calc_second_order=False, seed=stream(seed, "sobol.design")
    )
    return np.asarray(np.clip(points, 2.0**-53, 1 - 2.0**-53))


def indices(inputs: int, y: Floats, seed: int) -> Indices:
    """Indices of outputs y (row, output) at the points of `design`; of a constant output all are 0."""
    found = [_of(inputs, column, seed) for column in y.T]
    return Indices(*(np.stack([one[i] for one in found], axis=1) for i in range(6)))


@dataclass(frozen=True)
class Screened:
    """Inputs that were looked at one by one, and the rest as one.

    kept    : places of those inputs
    indices : of each of them, and of all others together (kept + 1, output)
    """

    kept: tuple[int, ...]
    indices: Indices


def screened(
    evaluate: Callable[[Floats], Floats],
    inputs: int,
    always: tuple[int, ...],
    most: int,
    bases: tuple[int, int],
    seed: int,
) -> Screened:
    """Indices of the inputs that matter, at a cost that does not grow with those that do not.

    evaluate : outputs (row, output) at points (row, input) of the unit cube
    always   : inputs that are kept whatever the first look says
    most     : inputs kept for the total index that a first, coarse design gives them in any output
    bases    : of the coarse and of the fine design; the cost is base x (inputs + 2) rows of each
    What the others do together is an index as well: it says what the first look may have missed.
    """
    coarse = indices(inputs, evaluate(design(inputs, bases[0], seed)), seed)
    # The lower end of its interval: what is large by chance alone in one output is not taken for large.
    strongest = np.argsort(-coarse.total_low.max(axis=1), kind="stable")
    kept = tuple(sorted({*always, *(int(i) for i in strongest[:most])}))
    rest = np.setdiff1d(np.arange(inputs), kept)
    # One place in the unit interval stands for places of all others, drawn beforehand.
    bank = stream(seed, "sobol.others").random((OTHERS, len(rest)))

    def fine(points: Floats) -> Floats:
        whole = np.empty((len(points), inputs))
        whole[:, kept] = points[:, :-1]
        whole[:, rest] = np.maximum(bank[(points[:, -1] * OTHERS).astype(np.intp)], 2.0**-53)
        return evaluate(whole)

    size = len(kept) + 1
    return Screened(kept, indices(size, fine(design(size, bases[1], seed + 1)), seed))


def base_for(rows: float, inputs: int) -> int:
    """The largest power of two whose design has at most so many rows, and at least 2."""
    return int(2 ** max(1, np.floor(np.log2(max(1.0, rows / (inputs + 2))))))


def _of(inputs: int, y: Floats, seed: int) -> tuple[Floats, ...]:
    if not np.ptp(y) > 0:
        return (np.zeros(inputs),) * 6
    # SALib takes a seed of 0 for none, and warns of what it handles: a resample in which nothing varies.
    resampling = 1 + int(stream(seed, "sobol.bootstrap").integers(2**31))
    how = {"calc_second_order": False, "num_resamples": RESAMPLES, "keep_resamples": True, "seed": resampling}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Constant values encountered")
        s = _salib("analyze").analyze(_problem(inputs), y, **how)
    ends = [np.quantile(s[f"{kind}_conf_all"], (0.025, 0.975), axis=0) for kind in ("S1", "ST")]
    return (np.asarray(s["S1"]), *ends[0], np.asarray(s["ST"]), *ends[1])


def _problem(inputs: int) -> dict[str, object]:
    names = [str(i) for i in range(inputs)]
    return {"num_vars": inputs, "names": names, "bounds": [[0.0, 1.0]] * inputs}


def _salib(part: str) -> Any:
    """SALib's module `sobol` of a part; raises `InputError` where the extra is not installed."""
    try:
        return import_module(f"SALib.{part}.sobol")
    except ImportError:
        raise InputError("sensitivity", "SALib", "no such package", "pip install 'thymos[fit]'") from None
