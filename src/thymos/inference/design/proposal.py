"""The next batch: made by drawing what may be true, judged by the value of its information, and when to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from thymos.inference.design.aim import Aim, Outlook
from thymos.inference.design.belief import Belief
from thymos.inference.design.gain import Judge, truths
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]


@dataclass(frozen=True)
class Effort:
    """How hard to search: draws of truths and outcomes, contenders, batches tried whole, sweeps of exchange.

    verdict : draws of outcomes that judge the batch found, apart from those that found it
    """

    truths: int = 512
    outcomes: int = 64
    verdict: int = 256
    contenders: int = 64
    batches: int = 16
    sweeps: int = 1
    swaps: int = 8


@dataclass(frozen=True)
class Rules:
    """What a batch may be, and when the search ends.

    runs   : most runs of a batch;  budget : left to spend, in the unit of the costs
    gain   : least gain of a batch worth making, over the highest expected utility now
    regret : loss by choosing now that is small enough, over the expected utility of the choice
    """

    runs: int
    budget: float
    gain: float = 0.01
    regret: float = 0.02


class Reason(StrEnum):
    """Why no further batch is proposed; the value is what the reader is told."""

    go_on = ""
    settled = "the recommended protocol holds its purity, and knowing everything would be expected to add too little"
    little = "the best next batch is expected to gain too little"
    spent = "what is left of the budget pays for no run"


@dataclass(frozen=True)
class Batch:
    """Runs to make next.

    site, donor : of each run (run,);  cost : of all together
    gain        : EVI in units of the utility
    gain_alone  : EVI of each run if it were the only one (run,)
    """

    site: Whole
    donor: Whole
    cost: float
    gain: float
    gain_alone: Floats


@dataclass(frozen=True)
class Proposal:
    """What to do next, and what would be chosen if the search ended now.

    outlook : of the contenders;  chosen : place of the choice among them
    regret  : expected loss by choosing now;  best : chance that a contender is the best (site,)
    """

    outlook: Outlook
    chosen: int
    regret: float
    best: Floats
    batch: Batch | None
    reason: Reason

    @property
    def site(self) -> int:
        """Site of the choice."""
        return int(self.outlook.sites[self.chosen])


def propose(
    belief: Belief,
    aim: Aim,
    sites: Whole,
    costs: Floats,
    donors: Whole,
    rules: Rules,
    seed: int,
    effort: Effort = Effort(),
    tick: Callable[[str], None] = lambda what: None,
) -> Proposal:
    """The next batch among sites, or the reason for none.

    sites : candidates (site,), each with its cost (site,)
    donors : numbers of the donors at hand; the runs of a batch go to them in turn
    """
    tick("what may be true")
    whole = Outlook.of(belief, aim, sites)
    now = whole.contenders(belief.weights, aim.probability, effort.contenders)
    drawn = truths(belief, aim, now, effort.truths, seed)
    chosen = now.choice(aim.probability)
    best = np.bincount(drawn.best(), minlength=len(now.sites)) / effort.truths
    regret = drawn.regret(chosen)
    price = dict(zip(sites.tolist(), costs.tolist(), strict=True))
    cost = np.array([price[s] for s in now.sites.tolist()])
    present = float(now.worth[chosen])

    def ended(batch: Batch | None, reason: Reason) -> Proposal:
        return Proposal(now, chosen, regret, best, batch, reason)

    if now.holds[chosen] >= aim.probability and regret <= rules.regret * present:
        return ended(None, Reason.settled)
    if cost.min() > rules.budget:
        return ended(None, Reason.spent)
    search = _Search(
        Judge.of(belief, aim, now, effort.outcomes, rules.runs, seed), cost, donors, rules, effort
    )
    found = search.best(drawn.best(), seed, tick)
    tick("verdict on the batch")
    # The best of many on the same draws looks better than it is: other draws judge it.
    apart = Judge.of(belief, aim, now, effort.verdict, rules.runs, seed, "verdict")
    batch = replace(search, judge=apart).described(found)
    if batch.gain <= rules.gain * float(now.worth.max()):
        return ended(batch, Reason.little)
    return ended(batch, Reason.go_on)


@dataclass(frozen=True)
class _Search:
    """Batches as places among the contenders, -1 for a run that the budget does not pay."""

    judge: Judge
    cost: Floats
    donors: Whole
    rules: Rules
    effort: Effort

    def best(self, drawn: Whole, seed: int, tick: Callable[[str], None]) -> Whole:
        """The best of batches drawn from what may be true, improved run by run."""
        rng = stream(seed, "design.batches")
        found, top = np.empty(0, np.intp), -1.0
        for i in range(self.effort.batches):
            tick(f"batch {i + 1} of {self.effort.batches}")
            batch = self.affordable(rng.permutation(drawn)[: self.rules.runs])
            gain = self.gain(batch)
            if gain > top:
                found, top = batch, gain
        for _ in range(self.effort.sweeps):
            for run in range(len(found)):
                tick(f"exchange of run {run + 1} of {len(found)}")
                found, top = self._exchanged(found, top, run, rng)
        return found

    def affordable(self, batch: Whole) -> Whole:
        """The runs of a batch, as many as the budget pays, in its order; the cheapest run where it pays for none."""
        paid = np.cumsum(self.cost[batch]) <= self.rules.budget
        return batch[paid] if paid.any() else np.array([int(self.cost.argmin())])

    def gain(self, batch: Whole) -> float:
        """EVI of a batch."""
        return self.judge.gain(self.judge.now.sites[batch], self.given(len(batch)))

    def given(self, n: int) -> Whole:
        """Donors of the runs of a batch, in turn."""
        return np.resize(self.donors, n)

    def _exchanged(self, batch: Whole, top: float, run: int, rng: np.random.Generator) -> tuple[Whole, float]:
        for place in rng.choice(len(self.cost), min(self.effort.swaps, len(self.cost)), replace=False):
            other = batch.copy()
            other[run] = place
            if self.cost[other].sum() <= self.rules.budget and (gain := self.gain(other)) > top:
                batch, top = other, gain
        return batch, top

    def described(self, batch: Whole) -> Batch:
        """The batch in words of the sites, with its gain and that of each run alone."""
        sites, donors = self.judge.now.sites[batch], self.given(len(batch))
        alone = [self.judge.gain(sites[i : i + 1], donors[i : i + 1]) for i in range(len(batch))]
        cost = float(self.cost[batch].sum())
        return Batch(sites, donors, cost, self.gain(batch), np.array(alone))
