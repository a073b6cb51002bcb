"""The posterior of a hierarchy given readings on a logarithmic scale, and its mode."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from thymos.inference.hierarchy import Hierarchy
from thymos.inference.intercepts import Intercepts, Spread, numbered
from thymos.lang.errors import SolveError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Curve = Callable[[Floats], Floats]
# Scales of the half-normal priors of standard deviations of logarithms.
EFFECT_SCALE, NOISE_SCALE = 0.2, 0.3
PRIOR_SCALES = {"donor_sd": 0.5, "plate_sd": 0.2, "well_sd": 0.3}
FARTHEST = 40.0  # beyond it no logarithm of a rate or a dose means anything
# ln of standard deviations: no count is known to 0.005 % or scatters by e^10, and beyond, matrices lose their digits.
SPREADS = (-10.0, float(np.log(10.0)))
ROUNDS = 3  # of curvature and climb, at most
FAILED = 1e10  # minus the log-density where a lot fails
EPS = 1e-4  # step of differences in logarithms of standard deviations, where a value costs no simulation


class Predictor(Protocol):
    """Logarithms of what is read, for logarithms of parameters; NaN where there is none."""

    def values(self, logs: Floats) -> Floats:
        """(vector, parameter) to (vector, cell)."""

    def slopes(self, logs: Floats) -> tuple[Floats, Floats]:
        """(vector, parameter) to values (vector, cell) and slopes (vector, cell, parameter)."""


@dataclass(frozen=True)
class Readings:
    """Logarithms of what was read, and who shares what.

    value    : (reading,);  group, cell : number of its donor, and of its prediction (reading,)
    seen     : whether a reading enters the likelihood (reading,); the others are predicted alone
    sharing  : columns, wells and kinds of all readings
    columns  : standard deviation of each column, or the name of an unknown one
    noise    : name of the unknown standard deviation of each kind
    well     : name of that of the wells; empty where no well is read twice
    """

    value: Floats
    group: Whole
    cell: Whole
    seen: NDArray[np.bool_]
    sharing: Intercepts
    columns: tuple[float | str, ...]
    noise: tuple[str, ...]
    well: str

    def spread(self, h: Hierarchy, x: Floats) -> Spread:
        """Every standard deviation at each x (vector, size)."""
        known = {name: h.spread(x, name) for name in h.spreads}
        columns = [known[c] if isinstance(c, str) else np.full(len(x), c) for c in self.columns]
        well = known[self.well] if self.well else np.zeros(len(x))
        return Spread(np.stack(columns, axis=1), well, np.stack([known[n] for n in self.noise], axis=1))

    @cached_property
    def seen_sharing(self) -> Intercepts:
        """The sharing of the readings that are seen; columns keep their numbers."""
        s, k = self.sharing, self.seen
        return Intercepts(s.columns[k], s.width, s.well[k], s.kind[k])


@dataclass(frozen=True)
class Grouped:
    """Log-posterior of x, to a constant."""

    hierarchy: Hierarchy
    readings: Readings
    predictor: Predictor

    def predicted(self, x: Floats, curve: Curve | None = None) -> Floats:
        """Logarithm of every reading without its intercept (vector, reading)."""
        logs = self.hierarchy.logs(x)
        flat = (curve or self.predictor.values)(logs.reshape(-1, logs.shape[2]))
        cells = flat.reshape(len(x), len(self.hierarchy.groups), -1)
        return np.asarray(cells[:, self.readings.group, self.readings.cell])

    def log_density(self, x: Floats, curve: Curve | None = None) -> Floats:
        """Of each x (vector,); -inf where the prediction fails. `curve` stands in for the predictor's values."""
        d, k = self.readings, self.readings.seen
        r = d.value[k] - self.predicted(x, curve)[:, k]
        good = np.isfinite(r).all(axis=1) & self._possible(x)
        found = np.full(len(x), -np.inf)
        if good.any():
            s = d.spread(self.hierarchy, x[good])
            found[good] = d.seen_sharing.log_density(r[good], s) + self.hierarchy.log_prior(x[good])
        return np.where(np.isnan(found), -np.inf, found)

    def _possible(self, x: Floats) -> NDArray[np.bool_]:
        """Whether each x (vector, size) lies where its numbers mean something (vector,)."""
        spreads = x[:, x.shape[1] - len(self.hierarchy.spreads) :]
        inside = (spreads > SPREADS[0]) & (spreads < SPREADS[1])
        return np.asarray((np.abs(x) < FARTHEST).all(axis=1) & inside.all(axis=1))

    def value_and_grad(self, x: Floats, free: int | None = None) -> tuple[float, Floats]:
        """Minus the log-posterior at one x, and its gradient; without the prior of shared parameter `free`."""
        h, d, k = self.hierarchy, self.readings, self.readings.seen
        if not self._possible(x[None])[0]:
            raise SolveError("fit", "numbers that mean something", h.said(x))
        r, slopes = self._distances(x)
        s = d.spread(h, x[None])
        density = d.seen_sharing.log_density(r[None], s)[0] + h.log_prior(x[None], free)[0]
        weight = d.seen_sharing.solve(r[None], s)[0]
        gradient = h.jacobian(x, d.group[k], slopes).T @ weight + h.log_prior_slope(x, free)
        m = len(h.spreads)
        gradient[len(x) - m :] += self._spread_slopes(x, r)
        return -float(density), -gradient

    def _distances(self, x: Floats) -> tuple[Floats, Floats]:
        """Distances (reading,) of what is seen, and slopes (reading, parameter) of its predictions."""
        h, d, k = self.hierarchy, self.readings, self.readings.seen
        values, slopes = self.predictor.slopes(h.logs(x[None])[0])
        at = d.group[k], d.cell[k]
        if not (np.isfinite(values[at]).all() and np.isfinite(slopes[at]).all()):
            raise SolveError("fit", "a prediction of every reading", f"none at {h.said(x)}")
        return d.value[k] - values[at], slopes[at]

    def _moved(self, x: Floats) -> tuple[Floats, Floats]:
        m = len(self.hierarchy.spreads)
        steps = EPS * np.eye(len(x))[len(x) - m :]
        return x + steps, x - steps

    def _spread_slopes(self, x: Floats, r: Floats) -> Floats:
        """Slopes of the likelihood in the logarithms of the standard deviations, predictions held."""
        h, d = self.hierarchy, self.readings
        both = np.concatenate(self._moved(x))
        f = d.seen_sharing.log_density(np.broadcast_to(r, (len(both), len(r))), d.spread(h, both))
        m = len(h.spreads)
        return np.asarray((f[:m] - f[m:]) / (2 * EPS))

    def curvature(self, x: Floats) -> Floats:
        """Minus the second derivatives, Gauss and Newton's for what the predictions depend on (size, size)."""
        h, d, k = self.hierarchy, self.readings, self.readings.seen
        r, slopes = self._distances(x)
        j = h.jacobian(x, d.group[k], slopes)
        found = j.T @ d.seen_sharing.solve(np.ascontiguousarray(j.T), d.spread(h, x[None])).T
        found[np.diag_indices(len(x))] += h.prior_curvature(x)
        m = len(h.spreads)
        block = np.array([(self._spread_slopes(u, r) - self._spread_slopes(w, r)) / (2 * EPS)
                          for u, w in zip(*self._moved(x), strict=True)])  # fmt: skip
        found[len(x) - m :, len(x) - m :] -= (block + block.T) / 2
        return _positive((found + found.T) / 2)


def _positive(matrix: Floats) -> Floats:
    """The nearest matrix whose directions all have curvature; what the data bend the wrong way counts as weak."""
    values, axes = np.linalg.eigh(matrix)
    return np.asarray((axes * np.maximum(np.abs(values), 1e-2)) @ axes.T)


@dataclass(frozen=True)
class Mode:
    """The most probable x, its log-density, and the curvature there."""

    x: Floats
    log_density: float
    curvature: Floats

    @property
    def covariance(self) -> Floats:
        """That of the normal distribution that has this mode and curvature (Laplace)."""
        return np.asarray(np.linalg.inv(self.curvature))


def mode(
    posterior: Grouped,
    start: Floats,
    held: int | None = None,
    near: Mode | None = None,
    evaluations: int = 60,
) -> Mode:
    """Maximum posterior from `start`, by L-BFGS in coordinates in which the posterior is round.

    held : place in x that stays where `start` has it, and whose prior does not count
    near : a mode close by, whose curvature serves; without it curvatures are computed on the way
    """
    x, before = start.astype(np.float64), np.inf
    for _ in range(1 if near else ROUNDS):
        curvature = near.curvature if near else posterior.curvature(x)
        x, found = _climbed(posterior, x, held, curvature, evaluations)
        # A thousandth of a log-density moves nothing that is reported.
        if before - found < 1e-3:
            break
        before = found
    return Mode(x, -found, near.curvature if near else posterior.curvature(x))


def _climbed(
    posterior: Grouped, x: Floats, held: int | None, curvature: Floats, evaluations: int
) -> tuple[Floats, float]:
    """x further up, and minus its log-density."""
    from scipy.optimize import minimize

    moving = np.array([i for i in range(len(x)) if i != held])
    root = np.linalg.inv(np.linalg.cholesky(curvature[np.ix_(moving, moving)])).T

    def there(u: Floats) -> Floats:
        moved = x.copy()
        moved[moving] += root @ u
        return moved

    def distance(u: Floats) -> tuple[float, Floats]:
        try:
            value, gradient = posterior.value_and_grad(there(u), held)
        except SolveError:
            return FAILED, np.zeros(len(u))
        return value, root.T @ gradient[moving]

    found = minimize(
        distance, np.zeros(len(moving)), jac=True, method="L-BFGS-B",
        bounds=[(-4.0, 4.0)] * len(moving), options={"maxfun": evaluations, "gtol": 1e-2, "ftol": 1e-6},
    )  # fmt: skip
    return there(found.x), float(found.fun)


def readings_of(
    value: Floats,
    group: Sequence[str],
    cell: Whole,
    kind: Sequence[str],
    plate: Sequence[str],
    well: Sequence[str],
    level: Mapping[str, float],
    seen: NDArray[np.bool_] | None = None,
) -> tuple[Readings, tuple[str, ...], dict[str, float]]:
    """Readings, the names of their groups, and the prior scale of every unknown standard deviation.

    level : for each kind, standard deviation of the logarithm by which all its readings may be off together

    A group's scale is its own for each kind; so is a plate's, where a group has more than one. Wells count where
    one is read twice.
    """
    numbers, groups = numbered(list(group))
    kinds, known = numbered(list(kind))
    by_group = list(zip(group, kind, strict=True))
    by_plate = list(zip(group, plate, kind, strict=True))
    levels: list[tuple[Sequence[Hashable], str]] = [(by_group, "donor_sd")]
    if len(set(by_plate)) > len(set(by_group)):
        levels.append((by_plate, "plate_sd"))
    columns: list[Whole] = [kinds]
    sds: list[float | str] = [level[str(name)] for name in known]
    for labels, sd in levels:
        found, each = numbered(list(labels))
        columns.append(found + len(sds))
        sds += [sd] * len(each)
    wells, many = numbered(list(zip(group, plate, well, strict=True)))
    shared = len(many) < len(value)
    noise = tuple(f"noise_sd.{name}" for name in known)
    names = [n for n in PRIOR_SCALES if n in sds or (n == "well_sd" and shared)]
    scales = {name: PRIOR_SCALES[name] for name in names} | dict.fromkeys(noise, NOISE_SCALE)
    sharing = Intercepts(np.stack(columns, axis=1), len(sds), wells, kinds)
    enters = np.ones(len(value), bool) if seen is None else seen
    data = Readings(value, numbers, cell, enters, sharing, tuple(sds), noise, "well_sd" if shared else "")
    return data, tuple(str(g) for g in groups), scales
