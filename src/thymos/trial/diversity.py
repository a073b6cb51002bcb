"""How diverse the T cells of twins are, by arm and day: some pairs of every draw, their clones in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.io.study_file import study_text
from thymos.therapy.measured_repertoire import DEPTH, MEASURES, By, over_days
from thymos.therapy.repertoire import Repertoire, clonal_models
from thymos.therapy.sampling import Block, join, sample
from thymos.therapy.t_cell_course import TCellCourse, clonal_program
from thymos.trial.chunk import prepared
from thymos.trial.interval import Draws, difference, quantity
from thymos.trial.population import learnt_by
from thymos.trial.simulation import Simulation

if TYPE_CHECKING:
    from collections.abc import Callable

    from thymos.io.study_schema import Arm, Study
    from thymos.trial.pool import Pool

Floats = NDArray[np.float64]
PAIRS = 200
"""Twin pairs at least, whatever the size of the trial; spread evenly over its draws."""
TOGETHER = 40  # pairs in one go; shapes memory, never a number
DAYS = (30, 60, 100, 180, 270, 365)
STRIDE = 2  # of the trial's output days: every fourth day to day 100; founding days between them are straight lines
SPECTRATYPES = (100,)
"""Days on which clinics read a spectratype after a transplant; it is drawn clone by clone, so not on others."""


@dataclass(frozen=True)
class Some:
    """Some of the pairs of a study.

    study : the whole study as YAML
    first : place of the first draw among all
    draws : the draws; each has `size` pairs
    """

    study: str
    first: int
    draws: tuple[int, ...]
    size: int


def measured(some: Some) -> dict[str, By]:
    """Measures (patient, day) by arm; not a number after death: the same on any machine of one kind."""
    study = prepared(some.study)
    days = tuple(day for day in DAYS if day <= study.follow_up)
    blocks = [Block(draw, 0, some.size) for draw in some.draws]
    simulation = Simulation(study, study.seed, blocks, 0, program=clonal_program())
    clonal = join(sample(clonal_models(), study.seed, block, None, learnt_by(study)) for block in blocks)
    places = np.tile(np.arange(some.size), len(blocks))
    return {arm.name: _arm(simulation, arm, clonal, days, places) for arm in study.arms}


def _arm(
    simulation: Simulation, arm: Arm, clonal: By, days: tuple[int, ...], places: NDArray[np.int64]
) -> By:
    treated = simulation.treat(arm)
    matrix = simulation.given(arm)[2]
    course = TCellCourse.of(simulation.program, treated.solution, matrix).at(STRIDE, days)
    repertoire = Repertoire(course, simulation.people.parameters | clonal)
    who = list(zip(simulation.draw.tolist(), places.tolist(), strict=True))
    found = over_days(repertoire, days, SPECTRATYPES, simulation.seed, who)
    solved = treated.solution.status[:, None] == 0
    alive = solved & (treated.course.death[:, None] > np.asarray(days))
    return {name: np.where(alive, x, np.nan) for name, x in found.items()}


class Diversity:
    """Measures of all pairs, gathered; the summary and the table that a run keeps of them."""

    def __init__(self, study: Study, pool: Pool, tick: Callable[[int], None]) -> None:
        self.study = study
        self.days = tuple(day for day in DAYS if day <= study.follow_up)
        orders = orders_of(study)
        parts: list[dict[str, By]] = [{} for _ in orders]
        for some, found in pool.each(measured, orders):
            parts[orders.index(some)] = found
            tick(len(some.draws) * some.size)
        self.by_arm = {
            arm.name: {name: np.concatenate([part[arm.name][name] for part in parts]) for name in MEASURES}
            for arm in study.arms
        }
        self.draws = Draws.of(np.repeat(np.arange(study.draws), orders[0].size))

    def summary(self) -> dict[str, Any]:
        """The documented object."""
        return {
            "pairs": len(self.draws.group),
            "depth": DEPTH,
            "measures": {name: measure.text for name, measure in MEASURES.items()},
            "arms": {
                arm: {name: self._over_days(partial(self._quantity, x, name)) for name, x in found.items()}
                for arm, found in self.by_arm.items()
            },
            "difference": self._differences() if len(self.study.arms) > 1 else {},
        }

    def _over_days(self, at: Callable[[int], Any]) -> dict[str, Any]:
        return {str(day): at(i) for i, day in enumerate(self.days)}

    @staticmethod
    def _quantity(values: Floats, name: str, i: int) -> Any:
        return quantity(values[:, i], MEASURES[name].unit)

    def _differences(self) -> dict[str, Any]:
        """Last arm against the twin: a ratio, or a difference, with the interval of the population's mean."""
        twin, treated = (self.by_arm[self.study.arms[i].name] for i in (0, -1))
        return {
            name: self._over_days(partial(self._difference, treated[name], twin[name], measure.ratio))
            for name, measure in MEASURES.items()
        }

    def _difference(self, treated: Floats, twin: Floats, ratio: bool, i: int) -> dict[str, Any]:
        one, other = treated[:, i], twin[:, i]
        if not ratio:
            return {**difference(one, other, self.draws, ""), "paired": True}
        with np.errstate(divide="ignore", invalid="ignore"):
            found = difference(np.log(one), np.log(other), self.draws, "fold")
        ends = (found["median"], found["low"], found["high"])
        median, low, high = (None if x is None else float(np.exp(x)) for x in ends)
        return {"median": median, "low": low, "high": high, "unit": "fold", "paired": True}

    def table(self) -> dict[str, list[Any]]:
        """Quantiles over the living by arm, measure and day."""
        rows = [
            (
                arm,
                name,
                float(day),
                *np.quantile(values[np.isfinite(values)], (0.025, 0.25, 0.5, 0.75, 0.975)),
            )
            for arm, found in self.by_arm.items()
            for name, x in found.items()
            for day, values in zip(self.days, x.T, strict=True)
            if np.isfinite(values).any()
        ]
        names = ("arm", "measure", "day", "q025", "q25", "q50", "q75", "q975")
        return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def pairs_of(study: Study) -> int:
    """How many pairs are looked at: `PAIRS` or a few more, or all that there are."""
    return study.draws * _size(study)


def _size(study: Study) -> int:
    """Pairs of each draw."""
    return max(1, min(-(-PAIRS // study.draws), study.patients // study.draws))


def orders_of(study: Study) -> list[Some]:
    """The pairs of all draws, in parts."""
    size = _size(study)
    text, step = study_text(study), max(1, TOGETHER // size)
    return [
        Some(text, first, tuple(range(first, min(first + step, study.draws))), size)
        for first in range(0, study.draws, step)
    ]
