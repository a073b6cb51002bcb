"""One block of a trial: lots, doses, twins through the recipient, visits, and the course of events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.biology.product.dose import dose
from thymos.biology.risk.clinical_course import Course, course
from thymos.lang.streams import stream
from thymos.therapy.lots import lots
from thymos.therapy.recipient import HAZARDS, recipient_program
from thymos.therapy.sampling import Block, fill
from thymos.trial.endpoints import CD4_200, CD4_EARLY, EVENTS
from thymos.trial.population import Population, population
from thymos.trial.visits import LINEAGES, Visits, interpolate, timetable, visit

if TYPE_CHECKING:
    from thymos.biology.product.attributes import LotAttributes
    from thymos.engine import Solution
    from thymos.io.study_schema import Arm, Study

Floats = NDArray[np.float64]
Table = dict[str, Any]


def output_days(follow_up: float) -> Floats:
    """Days at which the true course is kept: every second day to 100, every fifth to a year, then every tenth."""
    days = np.concatenate([np.arange(0, 100, 2.0), np.arange(100, 365, 5.0), np.arange(365, follow_up + 10, 10.0)])
    return np.append(days[days < follow_up], follow_up)


@dataclass(frozen=True)
class Treated:
    """One arm of one block."""

    arm: Arm
    solution: Solution
    per_kg: Floats
    cd3_per_kg: Floats
    day: Floats
    visits: Visits
    course: Course


class BlockRun:
    """Simulates one block of a study; everything random comes from streams named by draw and part."""

    def __init__(self, study: Study, seed: int, block: Block, first: int, workers: int = 1) -> None:
        self.study, self.seed, self.block, self.workers = study, seed, block, workers
        self.patient = np.arange(first, first + block.size)
        self.times = output_days(study.follow_up)
        self.program = recipient_program()
        self.people: Population = population(study, seed, block)
        self.lots: LotAttributes = lots(study, seed, block, self.people.covariates["weight"])

    def rng(self, name: str) -> np.random.Generator:
        return stream(self.seed, name, self.block.draw, self.block.part)

    def output(self, solution: Solution, name: str) -> Floats:
        """One recorded quantity (patient, time)."""
        index = [o.name for o in self.program.outputs].index(name)
        return np.asarray(solution.outputs[:, :, index])

    def tables(self) -> dict[str, Table]:
        """The stored tables of the block."""
        treated = [self.treat(arm) for arm in self.study.arms]
        return {
            "lots": self._lots(),
            "patients": stacked([self._patients(t) for t in treated]),
            "visits": stacked([self._visits(t) for t in treated]),
            "events": stacked([self._events(t, event) for t in treated for event in EVENTS]),
        }

    # ---- one arm

    def treat(self, arm: Arm) -> Treated:
        """The block's patients under one arm."""
        weight = self.people.covariates["weight"]
        given = dose(self.lots.cd7_cells, weight, arm.dose, self.lots.cd3_per_cd7)
        day = self._infusion_day(arm)
        extra = {
            "dose": given.cells * self.lots.competence,
            "infusion_day": day,
            # Carried-over T cells act like those of the graft.
            "graft_t_cells": self.people.covariates["graft_t_cells"] + given.cd3_per_kg,
        }
        matrix = fill(self.program, self.block.size, self.people.parameters, self.people.covariates, extra)
        solution = self.program.solve(matrix, self.times, workers=self.workers)
        events = self._course(solution)
        return Treated(arm, solution, given.per_kg, given.cd3_per_kg, day, self._see(solution, events), events)

    def _infusion_day(self, arm: Arm) -> Floats:
        """The same day in every arm with the same window; the twin is stopped for at the other arm's day too."""
        window = arm.day or next((a.day for a in self.study.arms if a.day), None)
        if window is None:
            return np.full(self.block.size, np.inf)
        return np.asarray(window.low + (window.high - window.low) * self.rng("infusion day").random(self.block.size))

    def _course(self, solution: Solution) -> Course:
        hazards = {name: self.output(solution, name) for name in HAZARDS}
        onset = solution.fired[:, self.program.events.index("gvhd")]
        by = np.where(np.isnan(onset), 100.0, np.minimum(onset, 100.0))
        cd4 = interpolate(self.times, self.output(solution, "cd4"), by[:, None])[:, 0]
        people = self.people
        return course(
            self.times, hazards, onset, people.severe, cd4 > CD4_EARLY.threshold, people.risk, people.parameters, people.chance
        )

    def _see(self, solution: Solution, events: Course) -> Visits:
        plan = self.study.visits
        u = self.rng("visit days").random((self.block.size, len(plan.days)))
        days = np.minimum(timetable(plan.days, plan.window, u), self.times[-1])
        outputs = {name: self.output(solution, name) for name in LINEAGES}
        rngs = {name: self.rng(f"assay {name}") for name in LINEAGES}
        return visit(self.times, outputs, plan.days, days, events.death, rngs)

    # ---- tables

    def _who(self, copies: int = 1) -> Table:
        draw = np.full(self.block.size, self.block.draw)
        return {"patient": np.repeat(self.patient, copies), "draw": np.repeat(draw, copies)}

    def _lots(self) -> Table:
        names = ("fold", "cd7_percent", "cd7_per_cd34", "viability", "cd7_cells", "cd3_per_cd7")
        return {**self._who(), **{name: getattr(self.lots, name) for name in names}}

    def _patients(self, t: Treated) -> Table:
        people = self.people
        status = [s.name for s in t.solution.statuses]
        return {
            **self._who(),
            "arm": [t.arm.name] * self.block.size,
            "status": status,
            "age": people.covariates["age"],
            "weight": people.covariates["weight"],
            "diagnosis": people.diagnosis.tolist(),
            "dose_per_kg": t.per_kg,
            "infusion_day": t.day,
            "cd3_per_kg": t.cd3_per_kg,
            "cd4_ir_day100": np.isfinite(CD4_EARLY.evaluate(t.visits)),
            "day_cd4_200": CD4_200.evaluate(t.visits),
            **{event: getattr(t.course, event) for event in EVENTS},
        }

    def _visits(self, t: Treated) -> Table:
        visits = len(t.visits.planned)
        return {
            **self._who(visits),
            "arm": [t.arm.name] * (self.block.size * visits),
            "planned": np.tile(t.visits.planned, self.block.size),
            "day": t.visits.day.ravel(),
            **{name: t.visits.reported[name].ravel() for name in LINEAGES},
            **{f"{name}_below": t.visits.below[name].ravel() for name in LINEAGES},
        }

    def _events(self, t: Treated, event: str) -> Table:
        day = getattr(t.course, event)
        end = self.study.follow_up
        happened = day <= end
        stopped = np.minimum(t.course.death, end)
        cnsr = np.where(happened, 0, np.where(t.course.death <= end, 2, 1))
        return {
            **self._who(),
            "arm": [t.arm.name] * self.block.size,
            "event": [event] * self.block.size,
            "day": np.where(happened, day, stopped),
            "cnsr": cnsr,
        }


def stacked(tables: list[Table]) -> Table:
    """Tables of the same columns one below the other."""
    return {name: np.concatenate([np.asarray(t[name]) for t in tables]) for name in tables[0]}
