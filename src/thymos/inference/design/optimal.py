r"""Runs that say most of named parameters: D- and A-optimal designs with nuisance parameters and a prior.

$$ M = P + \sum_i S_i^\top S_i, \qquad D: \max \; \ln\det M - \ln\det M_{nn}, \qquad A: \min \; tr (M^{-1})_{ww} $$

$S_i$ are the slopes of the readings of run $i$ in units of their noise, $P$ the precision of the prior, $w$ the wanted
parameters and $n$ the others. D is twice the information gained on the wanted ones, in nats, apart from a constant.
Where slopes depend on the parameters, the criterion is averaged over draws of them. Greedy choice, then exchange.
References: Fedorov 1972; Chaloner and Verdinelli 1995; Atkinson, Donev and Tobias 2007.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import DataError

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]
Criterion = Literal["D", "A"]

ROUNDS = 20
BETTER = 1e-9  # relative; below it an exchange only turns in circles


@dataclass(frozen=True)
class Optimum:
    """Chosen candidates, in the order of choice, with what each added.

    place : of the candidates (run,);  gain : information added on the wanted parameters, in nats (run,)
    before, after : standard deviations of the wanted parameters (wanted,), the mean over draws
    """

    place: Whole
    gain: Floats
    before: Floats
    after: Floats


@dataclass(frozen=True)
class Choice:
    """Candidates for runs.

    slopes : of the readings of each candidate in units of their noise (draw, candidate, reading, parameter)
    known  : precision before (draw, parameter, parameter)
    wanted : places of the wanted parameters
    """

    slopes: Floats
    known: Floats
    wanted: Whole
    criterion: Criterion = "D"

    @staticmethod
    def of(slopes: Floats, known: Floats, wanted: Whole, criterion: Criterion = "D") -> Choice:
        """Checked: what is not finite is refused; one precision serves all draws."""
        if not np.isfinite(slopes).all():
            bad = int(np.argwhere(~np.isfinite(slopes))[0][1])
            raise DataError("optimal design", "finite slopes of every candidate", f"none of candidate {bad}")
        return Choice(slopes, np.broadcast_to(known, (len(slopes), *known.shape[-2:])), wanted, criterion)

    def best(self, n: int, costs: Floats | None = None, budget: float = np.inf) -> Optimum:
        """At most `n` runs, repeats allowed, that together cost at most `budget`; costs of candidates (candidate,)."""
        cost = np.zeros(self.slopes.shape[1]) if costs is None else costs
        chosen: list[int] = []
        while len(chosen) < n and (found := self._next(chosen, cost, budget)) is not None:
            chosen.append(found)
        return self._described(self._exchanged(chosen, cost, budget))

    def gains(self, precision: Floats) -> Floats:
        """What each candidate adds to the criterion at a precision (draw, parameter, parameter): mean over draws."""
        inverse = np.asarray(np.linalg.inv(precision), np.float64)
        if self.criterion == "A":
            return np.asarray(self._narrowed(inverse).mean(axis=0))
        volume, others = self._volume(inverse, self.slopes), self._others
        if len(others):
            part = np.asarray(np.linalg.inv(precision[:, others[:, None], others]), np.float64)
            volume = volume - self._volume(part, self.slopes[..., others])
        return np.asarray(volume.mean(axis=0))

    @property
    def _others(self) -> Whole:
        return np.setdiff1d(np.arange(self.slopes.shape[-1]), self.wanted)

    @staticmethod
    def _volume(inverse: Floats, slopes: Floats) -> Floats:
        """ln det(I + S M^-1 S^T) of each candidate (draw, candidate)."""
        seen = slopes @ inverse[:, None] @ np.swapaxes(slopes, -1, -2)
        return np.asarray(np.linalg.slogdet(np.eye(slopes.shape[2]) + seen)[1])

    def _narrowed(self, inverse: Floats) -> Floats:
        """Fall of the summed variance of the wanted parameters (draw, candidate)."""
        moved = self.slopes @ inverse[:, None]
        seen = np.eye(self.slopes.shape[2]) + moved @ np.swapaxes(self.slopes, -1, -2)
        wanted = moved[..., self.wanted]
        return np.asarray(np.einsum("dcrw,dcrw->dc", wanted, np.linalg.solve(seen, wanted)))

    def precision(self, chosen: list[int]) -> Floats:
        """After some runs (draw, parameter, parameter)."""
        s = self.slopes[:, chosen].reshape(len(self.slopes), -1, self.slopes.shape[-1])
        return np.asarray(self.known + np.swapaxes(s, 1, 2) @ s)

    def _next(self, chosen: list[int], cost: Floats, budget: float) -> int | None:
        """The candidate that adds most to those chosen, of those that can be paid."""
        paid = cost <= budget - cost[chosen].sum()
        if not paid.any():
            return None
        return int(np.argmax(np.where(paid, self.gains(self.precision(chosen)), -np.inf)))

    def _exchanged(self, chosen: list[int], cost: Floats, budget: float) -> list[int]:
        """Each run in turn replaced by a better one, until none is."""
        for _ in range(ROUNDS):
            better = False
            for i, now in enumerate(chosen):
                others = chosen[:i] + chosen[i + 1 :]
                gains = self.gains(self.precision(others))
                place = int(np.argmax(np.where(cost <= budget - cost[others].sum(), gains, -np.inf)))
                if gains[place] > gains[now] + BETTER * abs(gains[now]):
                    chosen, better = [*chosen[:i], place, *chosen[i + 1 :]], True
            if not better:
                break
        return chosen

    def information(self, precision: Floats) -> float:
        """Half ln det of the precision of the wanted parameters, the others unknown [nat]: mean over draws."""
        whole = np.linalg.slogdet(precision)[1]
        others = self._others
        part = np.linalg.slogdet(precision[:, others[:, None], others])[1] if len(others) else 0.0
        return float(0.5 * np.mean(whole - part))

    def _described(self, chosen: list[int]) -> Optimum:
        steps = [self.precision(chosen[:i]) for i in range(len(chosen) + 1)]
        nats = np.array([self.information(m) for m in steps])
        before, after = (self._deviations(m) for m in (steps[0], steps[-1]))
        return Optimum(np.array(chosen, np.intp), np.diff(nats), before, after)

    def _deviations(self, precision: Floats) -> Floats:
        variance = np.linalg.inv(precision)[..., self.wanted, self.wanted]
        return np.asarray(np.sqrt(variance).mean(axis=0))
