"""Ways of choosing the next runs, all through one interface: what to try, and what to settle for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thymos.inference.design.aim import Aim, Outlook
from thymos.inference.design.belief import Belief, Prior, Reading, Runs, Scales, condition, learn, thin
from thymos.inference.design.proposal import Effort, Rules, propose
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

FRESH = 4  # donors of a batch, none of them seen before
MOST = 200  # members that a search works with
QUICK = Effort(truths=128, outcomes=16, verdict=1, contenders=32, batches=5, sweeps=0)


@dataclass(frozen=True)
class Problem:
    """What is believed, what is asked, and how many levels each factor has (the day last)."""

    prior: Prior
    purity: float
    probability: float
    levels: tuple[int, ...]

    @property
    def aim(self) -> Aim:
        """As thymos takes it."""
        return Aim(self.purity, self.probability)

    @property
    def sites(self) -> Whole:
        """All of them."""
        return np.arange(len(self.prior.x))

    def without_mechanism(self) -> Prior:
        """The same means and spreads, and no more of the mechanism than that."""
        readings = tuple(
            Reading(
                np.full((1, len(self.prior.x)), r.mean.mean()),
                np.full((1, len(self.prior.x)), np.sqrt(np.mean(r.donor_sd**2))),
                r.noise,
                float(r.mean.std()),
            )
            for r in self.prior.readings
        )
        return replace(self.prior, readings=readings, weights=np.ones(1))


@dataclass(frozen=True)
class Task:
    """A truth: readings of each donor's lots without noise (reading, donor, site), and the worth of each site."""

    seed: int
    lots: Floats
    noise: Floats
    worth: Floats
    redrawn: int

    def measured(self, site: Whole, first: int) -> Runs:
        """Noisy readings of runs, numbered from `first`; donors and noise of a run are the same for every method."""
        number = first + np.arange(len(site))
        donor = number // len(site) * FRESH + number % FRESH
        rng = stream(self.seed, "bench.noise", first)
        noise = self.noise[:, None] * rng.standard_normal((len(self.noise), len(site)))
        return Runs(site, donor, self.lots[:, donor % self.lots.shape[1], site] + noise)


@dataclass
class Method(ABC):
    """One way of choosing."""

    problem: Problem
    task: Task
    runs: Runs = field(init=False)

    def __post_init__(self) -> None:
        self.runs = Runs.none(2)

    @abstractmethod
    def ask(self, n: int) -> Whole:
        """Sites of the next runs."""

    def tell(self, made: Runs) -> None:
        """Take in what came of them."""
        self.runs = self.runs.and_(made)
        self.__dict__.pop("now", None)

    @cached_property
    def now(self) -> Belief:
        """The belief after the runs so far."""
        return self.belief()

    def belief(self) -> Belief:
        """How the runs are read in the end: without a mechanism."""
        return learn(self.problem.without_mechanism(), self.runs)

    def settled(self) -> int:
        """The site that would be chosen now."""
        now = Outlook.of(self.now, self.problem.aim, self.problem.sites)
        return int(now.sites[now.choice(self.problem.probability)])

    def rules(self) -> dict[str, Callable[[], int]]:
        """Ways of settling, by what is added to the name of the method."""
        return {"": self.settled}

    def attained(self, runs: int, batch: int) -> dict[str, Floats]:
        """True worth of the choice before the first and after each batch, for each way of settling."""
        found = {name: [self.task.worth[settled()]] for name, settled in self.rules().items()}
        for first in range(0, runs, batch):
            self.tell(self.task.measured(self.ask(batch), first))
            for name, settled in self.rules().items():
                found[name].append(self.task.worth[settled()])
        return {name: np.array(worth) for name, worth in found.items()}

    def proposed(self, n: int) -> Whole:
        """The batch that thymos would propose for this belief."""
        p, donors = self.problem, len(self.runs.site) + np.arange(FRESH) + 10_000
        rules = Rules(n, np.inf, gain=-1.0, regret=-1.0)
        seed = self.task.seed + len(self.runs.site)
        made = propose(self.now, p.aim, p.sites, np.ones(len(p.sites)), donors, rules, seed, QUICK).batch
        assert made is not None
        return made.site


class Thymos(Method):
    """Mechanism and discrepancy."""

    def belief(self) -> Belief:
        """Learnt from the runs."""
        return thin(learn(self.problem.prior, self.runs), MOST, self.task.seed)[0]

    def ask(self, n: int) -> Whole:
        """As `thymos design` does."""
        return self.proposed(n)


class MechanismAlone(Thymos):
    """The mechanism taken at its word: no discrepancy to speak of."""

    def belief(self) -> Belief:
        """Weighed by the runs."""
        return thin(
            condition(self.problem.prior.scaled(Scales(0.05, (1.0, 1.0))), self.runs), MOST, self.task.seed
        )[0]


class ProcessAlone(Method):
    """The same search with a Gaussian process that knows no mechanism."""

    def ask(self, n: int) -> Whole:
        """As `thymos design` does."""
        return self.proposed(n)


class Chance(Method):
    """Sites at random."""

    def ask(self, n: int) -> Whole:
        """Different ones."""
        rng = stream(self.task.seed, "bench.chance", len(self.runs.site))
        return rng.choice(self.problem.sites, n, replace=False)


class Sobol(Method):
    """A scrambled Sobol sequence over the factors."""

    def ask(self, n: int) -> Whole:
        """The next of the sequence."""
        from scipy.stats import qmc

        levels = np.array(self.problem.levels)
        sequence = qmc.Sobol(len(levels), rng=stream(self.task.seed, "bench.sobol"))
        first = len(self.runs.site)
        unit = sequence.random(1 << (first + n - 1).bit_length())[first : first + n]
        return np.ravel_multi_index(tuple((unit * levels).astype(int).T), self.problem.levels).astype(np.intp)


class Factorial(Method):
    """Low and high of every factor in random order, then the middles."""

    def ask(self, n: int) -> Whole:
        """Corners first."""
        levels = self.problem.levels
        corners = np.array(np.meshgrid(*([0, k - 1] for k in levels), indexing="ij")).reshape(len(levels), -1)
        middles = [sorted({k // 3, 2 * k // 3}) for k in levels]
        inner = np.array(np.meshgrid(*middles, indexing="ij")).reshape(len(levels), -1).astype(int)
        rng = stream(self.task.seed, "bench.factorial")
        order = np.concatenate([rng.permutation(corners.T), rng.permutation(inner.T)])
        first = len(self.runs.site)
        rows = np.take(order, np.arange(first, first + n), axis=0, mode="wrap")
        return np.ravel_multi_index(tuple(rows.T), levels).astype(np.intp)


class OptunaTpe(Method):
    """Optuna's TPE with the purity as its constraint, asked for a batch at a time; read by the process alone."""

    def __post_init__(self) -> None:
        import warnings

        import optuna

        super().__post_init__()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.study = optuna.create_study(direction="maximize", sampler=self.sampler())
        self.open: list[object] = []

    def sampler(self) -> object:
        """With what the donors' spread asks for on top of the purity."""
        import optuna

        return optuna.samplers.TPESampler(
            seed=self.task.seed,
            multivariate=True,
            constant_liar=True,
            n_startup_trials=8,
            constraints_func=lambda trial: trial.user_attrs["short"],
        )

    def ask(self, n: int) -> Whole:
        """Trials that are told together."""
        levels = self.problem.levels
        self.open = [self.study.ask() for _ in range(n)]
        rows = [[t.suggest_int(f"f{i}", 0, k - 1) for i, k in enumerate(levels)] for t in self.open]
        return np.ravel_multi_index(tuple(np.array(rows).T), levels).astype(np.intp)

    def tell(self, made: Runs) -> None:
        """Yield as the objective, what the purity falls short as the constraint."""
        from scipy.special import ndtri

        super().tell(made)
        spread = np.sqrt(np.mean(self.problem.prior.readings[1].donor_sd ** 2))
        margin = self.problem.purity + spread * ndtri(self.problem.probability)
        for trial, gained, purity in zip(self.open, *made.value, strict=True):
            trial.set_user_attr("short", (float(margin - purity),))
            self.study.tell(trial, float(gained))

    def rules(self) -> dict[str, Callable[[], int]]:
        """The runs read by the process alone, or the best run seen, as Optuna's own `best_trial`."""
        return {"": self.settled, " (best seen)": self.best_seen}

    def best_seen(self) -> int:
        """The site of the run with the highest yield among those pure enough; of the purest where none is."""
        from scipy.special import ndtri

        if not len(self.runs.site):
            return int(self.problem.sites[0])
        spread = np.sqrt(np.mean(self.problem.prior.readings[1].donor_sd ** 2))
        pure = self.runs.value[1] >= self.problem.purity + spread * ndtri(self.problem.probability)
        best = np.where(pure, self.runs.value[0], -np.inf) if pure.any() else self.runs.value[1]
        return int(self.runs.site[np.argmax(best)])


METHODS: dict[str, Callable[[Problem, Task], Method]] = {
    "thymos": Thymos,
    "mechanism alone": MechanismAlone,
    "process alone": ProcessAlone,
    "Optuna TPE": OptunaTpe,
    "Sobol": Sobol,
    "factorial": Factorial,
    "chance": Chance,
}
