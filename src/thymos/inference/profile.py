r"""Profile likelihood: how far one parameter may go while the others make the best of it.

$$ D(\theta_k) = 2 \, \{ \max_x \ell(x) - \max_{x_{-k}} \ell(\theta_k, x_{-k}) \} $$

The prior of the profiled parameter does not count, those of the others do. Where D stays below 3.84 (95 % of
$\chi^2_1$) as far as the parameter can go, the data set no limit on that side. References: Raue et al. 2009
(Bioinformatics 25:1923); Kreutz et al. 2013.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from thymos.inference.grouped import Grouped, Mode, mode
from thymos.lang.errors import SolveError

Floats = NDArray[np.float64]
Verdict = Literal["identified", "upper limit only", "lower limit only", "not identified"]
LIMIT = 3.84  # 95 % of chi-squared with one degree of freedom
BEYOND = np.log(10.0)  # how far past its plausible range a parameter is followed
STEPS = 5  # to each side at most
STRIDE, GROWTH = (
    1.2,
    1.5,
)  # in standard deviations of the posterior at first; then each step is so much longer
EVALUATIONS = 20  # at each point, from its neighbour


@dataclass(frozen=True)
class Profile:
    """One parameter.

    value : where it was held (point,), rising;  drop : D there (point,)
    low, high : ends of the 95 % interval; nan where the data set none
    """

    name: str
    value: Floats
    drop: Floats
    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        """In words."""
        if np.isfinite(self.low) and np.isfinite(self.high):
            return "identified"
        if np.isfinite(self.high):
            return "upper limit only"
        return "lower limit only" if np.isfinite(self.low) else "not identified"


def profile(
    posterior: Grouped,
    top: Mode,
    place: int,
    low: float,
    high: float,
    tick: Callable[[], None] = lambda: None,
) -> Profile:
    """The profile of shared parameter `place`, followed from the mode to a tenth of `low` and ten times `high`."""
    ends = np.log(low) - BEYOND, np.log(high) + BEYOND
    sd = float(np.sqrt(top.covariance[place, place]))
    # At the mode the prior pulls; without it the best value lies elsewhere, so D is taken from the best point met.
    here = mode(posterior, top.x, place, top, EVALUATIONS)
    points = [(float(top.x[place]), here.log_density)]
    for side, end in ((-1.0, ends[0]), (1.0, ends[1])):
        points += _march(posterior, here, place, side, end, sd, points[0][1], tick)
    points.sort()
    value, density = np.array(points).T
    drop = 2 * (density.max() - density)
    lower, upper = _crossings(value, drop)
    name = posterior.hierarchy.names[place]
    return Profile(name, np.exp(value), drop, float(np.exp(lower)), float(np.exp(upper)))


def _march(
    posterior: Grouped, here: Mode, place: int, side: float, end: float, sd: float, best: float,
    tick: Callable[[], None],
) -> list[tuple[float, float]]:  # fmt: skip
    """Points to one side until D is past its limit, or the end is reached."""
    found: list[tuple[float, float]] = []
    x, stride = here.x.copy(), STRIDE * sd
    ridge = here.covariance[:, place] / here.covariance[place, place]
    for step in range(STEPS):
        goal = x[place] + side * stride
        last = side * (goal - end) >= 0 or step == STEPS - 1
        # The others go along as the curvature at the mode has it, so that the climb starts on the ridge.
        moved = x + ridge * ((end if last else goal) - x[place])
        try:
            at = mode(posterior, moved, place, here, EVALUATIONS)
        except SolveError:
            break
        tick()
        best = max(best, at.log_density)
        found.append((float(at.x[place]), at.log_density))
        if 2 * (best - at.log_density) > 1.5 * LIMIT or last:
            break
        x, stride = at.x, GROWTH * stride
    return found


def _crossings(value: Floats, drop: Floats) -> tuple[float, float]:
    """Where D passes its limit on both sides of its least value, linear in its root between points."""
    root, least = np.sqrt(np.maximum(drop, 0.0)), int(np.argmin(drop))
    limit = np.sqrt(LIMIT)
    found = []
    for side in (slice(least, None, -1), slice(least, None)):
        v, r = value[side], root[side]
        past = np.flatnonzero(r > limit)
        if not past.size:
            found.append(np.nan)
            continue
        i = int(past[0])
        share = (limit - r[i - 1]) / (r[i] - r[i - 1])
        found.append(float(v[i - 1] + share * (v[i] - v[i - 1])))
    return found[0], found[1]
