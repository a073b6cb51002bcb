"""A few blocks of a trial: lots, doses, twins through the recipient, visits, and the course of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.biology.product.dose import Dose, dose
from thymos.biology.risk.clinical_course import Course, course
from thymos.engine.status import Status
from thymos.lang.streams import stream
from thymos.therapy.culture import culture_models, culture_of_blocks
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.recipient import HAZARDS, recipient_models, recipient_program
from thymos.therapy.sampling import Block, fill
from thymos.therapy.switches import indicators
from thymos.therapy.transgene_label import homing, label_of
from thymos.therapy.vector_protocol import VectorProtocol
from thymos.trial.endpoints import CD4_200, CD4_EARLY, EVENTS
from thymos.trial.population import Population, joined, population
from thymos.trial.tables import transgene_of
from thymos.trial.visits import LINEAGES, TRANSGENE, Visits, interpolate, reported, timetable

if TYPE_CHECKING:
    from thymos.engine import Program, Solution
    from thymos.io.study_schema import Arm, Culture, Study
    from thymos.trial.traits import People

Floats = NDArray[np.float64]
Table = dict[str, Any]
# Measured against 1e-10 on 400 patients: median error 2e-5, largest 2e-3, where an assay scatters by a tenth.
RTOL, ATOL = 1e-5, 1e-6


def output_days(follow_up: float) -> Floats:
    """Days at which the true course is kept: every second day to 100, every fifth to a year, then every tenth."""
    days = np.concatenate(
        [np.arange(0, 100, 2.0), np.arange(100, 365, 5.0), np.arange(365, follow_up + 10, 10.0)]
    )
    return np.append(days[days < follow_up], follow_up)


@dataclass(frozen=True)
class Treated:
    """One arm."""

    arm: Arm
    solution: Solution
    per_kg: Floats
    cd3_per_kg: Floats
    day: Floats
    visits: Visits
    course: Course


def protocol_of(culture: Culture) -> CultureProtocol:
    """The culture that the study describes; what it leaves open is as in the clinical process."""
    said = culture.model_dump(exclude_none=True, exclude={"vector"})
    return CultureProtocol(**said)


def transduced(culture: Culture) -> VectorProtocol | None:
    """How the study transduces its cells, if it does."""
    return None if culture.vector is None else VectorProtocol(**culture.vector.model_dump())


class Simulation:
    """Simulates consecutive blocks of a study; everything random comes from streams named by draw and part.

    program : the recipient, where more of it is recorded than a trial needs
    """

    def __init__(
        self,
        study: Study,
        seed: int,
        blocks: list[Block],
        first: int,
        workers: int = 1,
        fixed: Mapping[str, float] | None = None,
        program: Program | None = None,
    ) -> None:
        self.study, self.seed, self.blocks, self.workers = study, seed, blocks, workers
        self.size = sum(block.size for block in blocks)
        self.patient = np.arange(first, first + self.size)
        self.draw = np.repeat([block.draw for block in blocks], [block.size for block in blocks])
        self.times = output_days(study.follow_up)
        self.program = program or recipient_program()
        self.people: Population = joined([population(study, seed, block, fixed) for block in blocks])
        protocol, vector = protocol_of(study.culture), transduced(study.culture)
        source = study.graft.source
        models = (*culture_models(source, vector is not None), *recipient_models())
        self.switches = indicators(models, study.switches)
        self.made = culture_of_blocks(protocol, source, blocks, seed, fixed, workers, self.switches, vector)
        self.lots = self.made.attributes

    def uniform(self, name: str, *shape: int) -> Floats:
        """Uniform numbers (patient, *shape)."""
        parts = [stream(self.seed, name, b.draw, b.part).random((b.size, *shape)) for b in self.blocks]
        return np.concatenate(parts)

    def output(self, solution: Solution, name: str) -> Floats:
        """One recorded quantity (patient, time)."""
        return np.asarray(solution.outputs[:, :, self.program.output_index(name)])

    def tables(self) -> dict[str, Table]:
        """The stored tables of these blocks."""
        treated = [self.treat(arm) for arm in self.study.arms]
        return {
            "lots": self._lots(),
            "patients": stacked([self._patients(t) for t in treated]),
            "visits": stacked([self._visits(t) for t in treated]),
            "events": stacked([self._events(t, event) for t in treated for event in EVENTS]),
        }

    # ---- one arm

    def treat(self, arm: Arm) -> Treated:
        """The patients under one arm."""
        given, day, matrix = self.given(arm)
        solution = self.program.solve(matrix, self.times, rtol=RTOL, atol=ATOL, workers=self.workers)
        events = self._course(solution)
        true = {name: self.output(solution, name) for name in LINEAGES}
        if self.made.vector is not None:
            true |= self._labelled(solution, given, day)
        return Treated(arm, solution, given.per_kg, given.cd3_per_kg, day, self._see(true, events), events)

    def given(self, arm: Arm) -> tuple[Dose, Floats, Floats]:
        """What an arm gives: the doses, their days, and the recipient's numbers (parameter, patient)."""
        weight = self.people.covariates["weight"]
        given = dose(self.lots.cd7_cells, weight, arm.dose, self.lots.cd3_per_cd7)
        day = self._infusion_day(arm)
        extra = {
            # The recipient counts progenitors in units of a CD5- cell, which seeds the thymus once.
            "dose": given.cells * self.lots.competence,
            "infusion_day": day,
            # Carried-over T cells act like those of the graft.
            "graft_t_cells": self.people.covariates["graft_t_cells"] + given.cd3_per_kg,
        }
        people = self.people
        matrix = fill(self.program, self.size, people.parameters, people.covariates, extra, self.switches)
        return given, day, matrix

    def _infusion_day(self, arm: Arm) -> Floats:
        """The same day in every arm with the same window; the twin is stopped for at the other arm's day too."""
        window = arm.day or next((a.day for a in self.study.arms if a.day), None)
        if window is None:
            return np.full(self.size, np.inf)
        return np.asarray(window.low + (window.high - window.low) * self.uniform("infusion day"))

    def _course(self, solution: Solution) -> Course:
        hazards = {name: self.output(solution, name) for name in HAZARDS}
        onset = solution.fired[:, self.program.events.index("gvhd")]
        by = np.where(np.isnan(onset), 100.0, np.minimum(onset, 100.0))
        cd4 = interpolate(self.times, self.output(solution, "cd4"), by[:, None])[:, 0]
        people = self.people
        return course(
            self.times,
            hazards,
            onset,
            people.severe,
            cd4 > CD4_EARLY.threshold,
            people.risk,
            people.parameters,
            people.chance,
        )

    def _labelled(self, solution: Solution, given: Dose, day: Floats) -> dict[str, Floats]:
        """Transgene-bearing T cells and vector copies in blood (patient, time), by name of the visits' columns."""
        then = np.minimum(day, self.times[-1])[:, None]
        free = 1 - interpolate(self.times, self.output(solution, "occupancy"), then)[:, 0]
        settling = given.cells * self.lots.competence * homing(self.people.parameters) * free
        label = label_of(self.made, settling, self.uniform("transgene founders"))
        found = label.in_blood(
            self.times - day[:, None],
            infused=self.output(solution, "infused_t"),
            lineages=self.output(solution, "cd4") + self.output(solution, "cd8"),
            cd3=self.output(solution, "cd3"),
        )
        return dict(zip(TRANSGENE, found, strict=True))

    def _see(self, true: Mapping[str, Floats], events: Course) -> Visits:
        plan = self.study.visits
        u = self.uniform("visit days", len(plan.days))
        days = np.minimum(timetable(plan.days, plan.window, u), self.times[-1])
        seen, below = {}, {}
        for name, course_ in true.items():
            then = interpolate(self.times, course_, days)
            seen[name], below[name] = reported(
                name, then, days < events.death[:, None], self._slices(f"assay {name}")
            )
        return Visits(np.asarray(plan.days), days, seen, below)

    def _slices(self, name: str) -> list[tuple[slice, np.random.Generator]]:
        """Each block's patients and its stream."""
        ends = np.cumsum([0, *(b.size for b in self.blocks)])
        return [
            (slice(ends[i], ends[i + 1]), stream(self.seed, name, b.draw, b.part))
            for i, b in enumerate(self.blocks)
        ]

    # ---- tables

    def _who(self, copies: int = 1) -> Table:
        return {"patient": np.repeat(self.patient, copies), "draw": np.repeat(self.draw, copies)}

    def _lots(self) -> Table:
        names = ("fold", "cd7_percent", "cd7_per_cd34", "viability", "cd7_cells", "cd3_per_cd7")
        return {
            **self._who(),
            **{name: getattr(self.lots, name) for name in names},
            **transgene_of(self.made),
        }

    def _patients(self, t: Treated) -> Table:
        people = self.people
        status = [Status(int(code)).name for code in t.solution.status]
        return {
            **self._who(),
            "arm": [t.arm.name] * self.size,
            "status": status,
            "age": people.covariates["age"],
            "weight": people.covariates["weight"],
            **traits_of(people.people),
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
            "arm": [t.arm.name] * (self.size * visits),
            "planned": np.tile(t.visits.planned, self.size),
            "day": t.visits.day.ravel(),
            **{name: seen.ravel() for name, seen in t.visits.reported.items()},
            **{f"{name}_below": below.ravel() for name, below in t.visits.below.items()},
        }

    def _events(self, t: Treated, event: str) -> Table:
        day = getattr(t.course, event)
        end = self.study.follow_up
        happened = day <= end
        stopped = np.minimum(t.course.death, end)
        cnsr = np.where(happened, 0, np.where(t.course.death <= end, 2, 1))
        return {
            **self._who(),
            "arm": [t.arm.name] * self.size,
            "event": [event] * self.size,
            "day": np.where(happened, day, stopped),
            "cnsr": cnsr,
        }


def traits_of(people: People) -> Table:
    """Columns of the patients that say who they are."""
    return {
        "sex": np.where(people.female > 0, "female", "male").tolist(),
        "diagnosis": people.diagnosis.tolist(),
        "disease_status": people.disease_status.tolist(),
        "donor": people.donor.tolist(),
        "infected": people.infected > 0,
        "residual_disease": people.residual_disease > 0,
        "cmv_recipient": people.cmv_recipient > 0,
        "cmv_donor": people.cmv_donor > 0,
    }


def stacked(tables: list[Table]) -> Table:
    """Tables of the same columns one below the other."""
    return {name: np.concatenate([np.asarray(t[name]) for t in tables]) for name in tables[0]}
