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
    """Candidates for runs, as the information each adds.

    added  : S^T S of each candidate (draw, candidate, parameter, parameter)
    known  : precision before (draw, parameter, parameter)
    wanted : places of the wanted parameters
    """

    added: Floats
    known: Floats
    wanted: Whole
    criterion: Criterion = "D"

    @staticmethod
    def of(slopes: Floats, known: Floats, wanted: Whole, criterion: Criterion = "D") -> Choice:
        """From slopes (draw, candidate, reading, parameter) in units of the noise; refuses what is not finite."""
        if not np.isfinite(slopes).all():
            bad = int(np.argwhere(~np.isfinite(slopes))[0][1])
            raise DataError("optimal design", "finite slopes of every candidate", f"none of candidate {bad}")
        added = np.einsum("dcrp,dcrq->dcpq", slopes, slopes, optimize=True)
        return Choice(added, np.broadcast_to(known, (len(added), *known.shape[-2:])), wanted, criterion)

    def score(self, precision: Floats) -> Floats:
        """The criterion, the higher the better, of precisions (draw, ..., parameter, parameter): mean over draws."""
        if self.criterion == "A":
            spread = np.linalg.inv(precision)[..., self.wanted, self.wanted].sum(axis=-1)
            return np.asarray(-spread.mean(axis=0))
        return np.asarray(self.information(precision).mean(axis=0))

    def information(self, precision: Floats) -> Floats:
        """ln det of the precision of the wanted parameters, the others unknown (draw, ...)."""
        others = np.setdiff1d(np.arange(precision.shape[-1]), self.wanted)
        whole = np.linalg.slogdet(precision)[1]
        if not len(others):
            return np.asarray(whole)
        return np.asarray(whole - np.linalg.slogdet(precision[..., others[:, None], others])[1])

    def best(self, n: int, allowed: Floats | None = None, budget: float = np.inf) -> Optimum:
        """`n` runs, repeats allowed, that together cost at most `budget`.

        allowed : cost of each candidate (candidate,); nothing where not given
        """
        cost = np.zeros(self.added.shape[1]) if allowed is None else allowed
        chosen: list[int] = []
        for _ in range(n):
            if (found := self._next(chosen, cost, budget)) is None:
                break
            chosen.append(found)
        chosen = self._exchanged(chosen, cost, budget)
        return self._described(chosen)

    def _precision(self, chosen: list[int]) -> Floats:
        return np.asarray(self.known + self.added[:, chosen].sum(axis=1))

    def _next(self, chosen: list[int], cost: Floats, budget: float) -> int | None:
        """The candidate that adds most to those chosen, of those that can be paid."""
        paid = cost <= budget - cost[chosen].sum()
        if not paid.any():
            return None
        scores = self.score(self._precision(chosen)[:, None] + self.added)
        return int(np.argmax(np.where(paid, scores, -np.inf)))

    def _exchanged(self, chosen: list[int], cost: Floats, budget: float) -> list[int]:
        """Each run in turn replaced by a better one, until none is."""
        top = float(self.score(self._precision(chosen)))
        for _ in range(ROUNDS):
            before = top
            for i in range(len(chosen)):
                others = chosen[:i] + chosen[i + 1 :]
                place = self._next(others, cost, budget)
                if place is None:
                    continue
                tried = float(self.score(self._precision([*others, place])))
                if tried > top + BETTER * abs(top):
                    chosen, top = [*chosen[:i], place, *chosen[i + 1 :]], tried
            if top <= before + BETTER * abs(before):
                break
        return chosen

    def _described(self, chosen: list[int]) -> Optimum:
        steps = [self._precision(chosen[:i]) for i in range(len(chosen) + 1)]
        nats = np.array([0.5 * self.information(m).mean() for m in steps])
        before, after = (self._deviations(m) for m in (steps[0], steps[-1]))
        return Optimum(np.array(chosen, np.intp), np.diff(nats), before, after)

    def _deviations(self, precision: Floats) -> Floats:
        variance = np.linalg.inv(precision)[..., self.wanted, self.wanted]
        return np.asarray(np.sqrt(variance).mean(axis=0))
