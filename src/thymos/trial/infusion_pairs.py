"""Treated patients and their untreated twins under many infusions at once, all with the same chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.biology.product.dose import dose
from thymos.evidence.datasets.body_weight import body_weight, standard_score
from thymos.lang.streams import stream
from thymos.therapy.culture import culture_models, culture_of_blocks
from thymos.therapy.recipient import recipient_models, recipient_program
from thymos.therapy.sampling import blocks_of, fill
from thymos.therapy.switches import indicators
from thymos.trial.infusion import HORIZON, check
from thymos.trial.infusion_assumption import BASE, Assumption
from thymos.trial.infusion_value import CD4_DAY, TREC_DAY, VALUES, Seen, at_visits, visits_within
from thymos.trial.interval import Draws
from thymos.trial.niche_cap import niche_cap
from thymos.trial.population import joined, population
from thymos.trial.simulation import ATOL, RTOL, protocol_of, transduced
from thymos.trial.visits import Visits, interpolate, reported

if TYPE_CHECKING:
    from thymos.engine import Solution
    from thymos.io.study_schema import Study
    from thymos.trial.infusion import Infusion

Floats = NDArray[np.float64]
Tick = Callable[[int], None]
TOGETHER = 4000  # columns solved in one go; shapes memory and the progress bar, never a number
NO_LIMIT = np.inf


@dataclass(frozen=True)
class Compared:
    """Every value of every patient under every infusion, and of the untreated twins.

    treated, twin : by name of the value (infusion, patient)
    atg           : active ATG at the first infusion [AU/mL] (infusion, patient)
    cap           : dose that fills the free niches once [cell/kg] (infusion, patient)
    cells         : given in all infusions together [cell] (infusion, patient)
    short         : whether there were fewer cells than wanted (infusion, patient)
    failed        : patients that could not be solved, treated or not (infusion,)
    """

    treated: dict[str, Floats]
    twin: dict[str, Floats]
    atg: Floats
    cap: Floats
    cells: Floats
    short: NDArray[np.bool_]
    failed: NDArray[np.int64]

    @staticmethod
    def joined(parts: Sequence[Compared]) -> Compared:
        """Infusions one after the other."""
        treated = {name: np.concatenate([p.treated[name] for p in parts]) for name in VALUES}
        twin = {name: np.concatenate([p.twin[name] for p in parts]) for name in VALUES}
        atg, cap, cells = (np.concatenate([getattr(p, n) for p in parts]) for n in ("atg", "cap", "cells"))
        short = np.concatenate([p.short for p in parts])
        return Compared(treated, twin, atg, cap, cells, short, np.concatenate([p.failed for p in parts]))

    def gain(self, name: str) -> Floats:
        """What the product gains (infusion, patient)."""
        return VALUES[name].gain(self.treated[name], self.twin[name])


class InfusionPairs:
    """Virtual patients of one study: what is not known is drawn for a few of them together, the rest for each.

    patients : number of pairs;  draws : of what is not known
    weight   : body weight of all of them [kg]; None leaves it to their age
    cells    : cells of the product that there are for a patient [cell]; `lot`: what the patient's own lot holds
    fixed    : typical values that are given rather than drawn, by full name
    """

    def __init__(
        self,
        study: Study,
        seed: int,
        patients: int = 400,
        draws: int = 50,
        workers: int = 1,
        weight: float | None = None,
        cells: float | str = NO_LIMIT,
        fixed: Mapping[str, float] | None = None,
    ) -> None:
        self.study, self.seed, self.workers, self.size = study, seed, workers, patients
        self.weight = None if weight is None else check("weight", weight, "option --weight")
        self.program = recipient_program()
        self.blocks = blocks_of(patients, min(draws, patients))
        self.people = joined([population(study, seed, block, fixed) for block in self.blocks])
        self.draws = Draws.of(np.repeat([b.draw for b in self.blocks], [b.size for b in self.blocks]))
        source, vector = study.graft.source, transduced(study.culture)
        models = (*culture_models(source, vector is not None), *recipient_models())
        self.switches = indicators(models, study.switches)
        protocol = protocol_of(study.culture)
        made = culture_of_blocks(protocol, source, self.blocks, seed, fixed, workers, self.switches, vector)
        self.lots = made.attributes
        self.cells = self.lots.cd7_cells if cells == "lot" else np.full(patients, float(cells))
        self.visits = visits_within(study.visits.days)

    def compare(
        self,
        infusions: Sequence[Infusion],
        assumption: Assumption = BASE,
        tick: Tick = lambda done: None,
    ) -> Compared:
        """Every infusion beside its twin; the same numbers for any number of workers."""
        mine = [assumption.of(infusion) for infusion in infusions]
        twins = list(dict.fromkeys(one.twin for one in mine))
        columns = [self._column(one, 0.0) for one in {one.twin: one for one in mine}.values()]
        columns += [self._column(one, one.dose) for one in mine]
        solved = self._solved(columns, assumption, mine, tick)
        place = np.array([twins.index(one.twin) for one in mine])
        treated, twin = (
            {n: v[rows] for n, v in solved.values.items()} for rows in (slice(len(twins), None), place)
        )
        failed = (solved.failed[len(twins) :] | solved.failed[place]).sum(axis=1)
        cap = self._caps(mine, solved.free[place], assumption)
        short = np.array([self._dose(one)[1] for one in mine])
        cells = np.array([self._dose(one)[0] * self._weight(one.age) * one.doses for one in mine])
        return Compared(treated, twin, solved.atg[place], cap, cells, short, failed)

    def _caps(self, mine: Sequence[Infusion], free: Floats, assumption: Assumption) -> Floats:
        base = self._base(assumption)
        values = {q.name: base[i] for i, q in enumerate(self.program.parameters)}
        found = []
        for one, open_ in zip(mine, free, strict=True):
            age = values["age"] if one.age is None else np.full(self.size, one.age)
            found.append(niche_cap(values, age, self._weight(one.age), open_, one.day, self.lots.competence))
        return np.array(found)

    # ---- columns of the engine's matrix

    def _dose(self, one: Infusion) -> tuple[Floats, NDArray[np.bool_]]:
        """Cells per kg of each infusion (patient,), and who gets less than wanted."""
        given = dose(self.cells / one.doses, self._weight(one.age), one.dose, self.lots.cd3_per_cd7)
        return given.per_kg, given.short

    def _weight(self, age: float | None) -> Floats:
        """Body weight [kg] (patient,); at another age that of the same place between others of it."""
        now = self.people.covariates["weight"]
        if self.weight is not None:
            return np.full(self.size, self.weight)
        if age is None:
            return now
        female = self.people.people.female
        score = standard_score(self.people.covariates["age"], female, now)
        return body_weight(np.full(self.size, age), female, score)

    def _column(self, one: Infusion, wanted: float) -> dict[str, Floats | float]:
        """What an infusion of `wanted` cells/kg changes in the engine's parameters, by name."""
        weight = self._weight(one.age)
        per_kg = self._dose(one)[0] if wanted > 0 else np.zeros(self.size)
        # The recipient counts progenitors in units of a CD5- cell, and carried-over T cells as those of the graft.
        carried = np.where(per_kg > 0, per_kg * self.lots.cd3_per_cd7, 0.0) * one.doses
        seeding = per_kg * weight * self.lots.competence
        changed: dict[str, Floats | float] = {
            "weight": weight,
            "dose": seeding,
            "infusion_day": one.day,
            "second_dose": seeding if one.doses == 2 else 0.0,
            "second_infusion_day": one.second_day,
            "graft_t_cells": self.people.covariates["graft_t_cells"] + carried,
        }
        changed |= {} if one.age is None else {"age": one.age}
        changed |= {} if one.atg is None else {"atg_level": one.atg}
        return changed

    def _base(self, assumption: Assumption) -> Floats:
        """The engine's parameters (parameter, patient) without an infusion."""
        none = {"dose": 0.0, "infusion_day": np.inf}
        people = self.people
        samples = (people.parameters, people.covariates, none, self.switches, assumption.pins)
        return fill(self.program, self.size, *samples)

    # ---- solving

    def _solved(
        self,
        columns: list[dict[str, Floats | float]],
        assumption: Assumption,
        mine: Sequence[Infusion],
        tick: Tick,
    ) -> _Solved:
        base = self._base(assumption)
        times = output_times(self.visits, [one.day for one in mine])
        at_once = max(1, TOGETHER // self.size)
        parts = []
        for first in range(0, len(columns), at_once):
            some = columns[first : first + at_once]
            matrix = np.tile(base, (1, len(some)))
            for i, changed in enumerate(some):
                here = slice(i * self.size, (i + 1) * self.size)
                for name, value in changed.items():
                    matrix[self.program.parameter_index(name), here] = value
            solution = self.program.solve(matrix, times, rtol=RTOL, atol=ATOL, workers=self.workers)
            days = np.concatenate([np.broadcast_to(c["infusion_day"], self.size) for c in some])
            parts.append(self._read(solution, times, days, len(some)))
            tick(len(some))
        return _Solved.joined(parts)

    def _read(self, solution: Solution, times: Floats, days: Floats, count: int) -> _Solved:
        """The values of some columns."""
        cd4, trec, atg, stroma, full = (
            solution.outputs[:, :, self.program.output_index(name)]
            for name in ("cd4", "trec", "atg", "stroma", "occupancy")
        )
        seen = Seen(times, cd4, trec, self._reported(times, cd4, count))
        shape = (count, self.size)
        values = {name: value.of(seen).reshape(shape) for name, value in VALUES.items()}
        level, open_ = (
            interpolate(times, x, days[:, None])[:, 0].reshape(shape) for x in (atg, stroma * (1 - full))
        )
        return _Solved(values, level, open_, (solution.status != 0).reshape(shape))

    def _reported(self, times: Floats, cd4: Floats, count: int) -> Visits:
        """CD4 as the assay reports it; its errors are the same under every infusion."""
        true = at_visits(times, cd4, self.visits)
        ends = np.cumsum([0, *(b.size for b in self.blocks)])
        mine = [slice(ends[i], ends[i + 1]) for i in range(len(self.blocks))]
        parts = [
            (
                slice(k * self.size + who.start, k * self.size + who.stop),
                stream(self.seed, "assay cd4", b.draw, b.part),
            )
            for k in range(count)
            for who, b in zip(mine, self.blocks, strict=True)
        ]
        value, below = reported("cd4", true, np.ones(true.shape, bool), parts)
        days = np.broadcast_to(self.visits, true.shape)
        return Visits(self.visits, days, {"cd4": value}, {"cd4": below})


@dataclass(frozen=True)
class _Solved:
    values: dict[str, Floats]
    atg: Floats
    free: Floats
    failed: NDArray[np.bool_]

    @staticmethod
    def joined(parts: list[_Solved]) -> _Solved:
        """Columns one after the other."""
        values = {name: np.concatenate([p.values[name] for p in parts]) for name in parts[0].values}
        return _Solved(
            values, *(np.concatenate([getattr(p, n) for p in parts]) for n in ("atg", "free", "failed"))
        )


def output_times(visits: Floats, days: Sequence[float]) -> Floats:
    """Days at which courses are read: every fifth, the visits, and the infusions."""
    every = np.arange(0.0, HORIZON + 1, 5.0)
    return np.unique([*every, *visits, *days, CD4_DAY, TREC_DAY, HORIZON])
