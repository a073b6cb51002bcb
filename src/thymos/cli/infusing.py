"""Joins the choice of `inference` with the infusions of `trial`; no science of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.inference.choice import Pick, Scores, cheapest, largest
from thymos.io.infusion_schema import Reach
from thymos.io.study_schema import Study
from thymos.trial.infusion_assumption import BASE, Assumption, hopes, together, undecided
from thymos.trial.infusion_candidates import Candidates, coarse, finer
from thymos.trial.infusion_pairs import NO_LIMIT, InfusionPairs
from thymos.trial.infusion_patient import patient_study
from thymos.trial.infusion_surface import described
from thymos.trial.infusion_value import VALUES, value_named
from thymos.trial.interval import difference, probability

if TYPE_CHECKING:
    from thymos.io.infusion_schema import InfusionDesign
    from thymos.trial.infusion import Infusion

Tick = Callable[[int, int, str], None]
STRONGEST = 2  # doses that are tried under each assumption where the aim is out of reach


@dataclass(frozen=True)
class Question:
    """A design, and how to compute."""

    design: InfusionDesign
    seed: int
    workers: int = 1
    tick: Tick = lambda done, total, what: None

    @cached_property
    def study(self) -> Study:
        """Of these patients, under the switches of the design."""
        who = self.design.patients
        study = patient_study(who.study, who.age, who.diagnosis)
        said = study.model_dump(mode="json", exclude_none=True)
        return Study.model_validate(said | {"switches": {**study.switches, **self.design.switches}})

    @cached_property
    def pairs(self) -> InfusionPairs:
        """The patients and their twins."""
        d = self.design
        cells = "lot" if d.limits.lot else d.limits.cells or NO_LIMIT
        return InfusionPairs(self.study, self.seed, d.pairs, d.draws, self.workers, d.patients.weight, cells)

    def see(
        self, infusions: Sequence[Infusion], assumption: Assumption = BASE, what: str = "infusions"
    ) -> Candidates:
        """The infusions beside their twins."""
        total = len(infusions) + len({one.twin for one in infusions})
        done = 0

        def tick(columns: int) -> None:
            nonlocal done
            done += columns
            self.tick(done, total, what)

        return Candidates(tuple(infusions), self.pairs.compare(infusions, assumption, tick))

    def pick(self, seen: Candidates) -> Pick:
        """The choice among those seen."""
        d = self.design
        scores = Scores(seen.score(d.aim), seen.cost, seen.day, seen.allowed(d), self.pairs.draws.group)
        if isinstance(d.aim, Reach):
            return cheapest(scores, d.aim.at_least, d.equivalent, self.seed)
        return largest(scores, d.equivalent, self.seed)


def choose(question: Question) -> dict[str, Any]:
    """What to give, as the object behind `thymos design infusion --json`."""
    d = question.design
    value_named(d.aim.value, "aim.value")
    seen = question.see(coarse(d))
    if not seen.allowed(d).any():
        return _head(question) | {"verdict": "no_day", "atg": _atg(question, seen)}
    untreated = seen.untreated(d.aim) if isinstance(d.aim, Reach) else None
    if untreated is not None and isinstance(d.aim, Reach) and untreated >= d.aim.at_least:
        return _head(question) | {"verdict": "untreated", "untreated": untreated}
    more = finer(d, seen.infusions[question.pick(seen).place], seen.infusions)
    if more:
        closer = question.see(more, what="infusions, closer to the best")
        seen = seen.and_more(closer.infusions, closer.compared)
    pick = question.pick(seen)
    return {
        **_head(question),
        "verdict": "found" if pick.reached else "out_of_reach",
        "untreated": untreated,
        "chosen": _described(question, seen, [pick.place])[0],
        "best": pick.best,
        "regret": pick.regret,
        "again": pick.again,
        "as_good": _described(question, seen, _ordered(seen, np.flatnonzero(pick.as_good))),
        "looked_at": _looked_at(question, seen),
        "could": [] if pick.reached else _could(question),
        "failed": int(seen.compared.failed.max()),
    }


def _head(q: Question) -> dict[str, Any]:
    d = q.design
    return {
        "design": d.name,
        "title": d.title,
        "study": q.study.name,
        "patients": d.patients.model_dump(exclude_none=True),
        "aim": d.aim.model_dump(exclude_none=True)
        | {"unit": VALUES[d.aim.value].unit, "text": VALUES[d.aim.value].text},
        "choices": d.choices.model_dump(),
        "limits": d.limits.model_dump(exclude_none=True),
        "switches": dict(q.study.switches),
        "equivalent": d.equivalent,
        "pairs": d.pairs,
        "draws": len(q.pairs.draws.size),
        "seed": q.seed,
    }


def _ordered(seen: Candidates, places: Any) -> list[int]:
    return sorted((int(i) for i in places), key=lambda i: (seen.cost[i], seen.day[i]))


def _described(q: Question, seen: Candidates, places: Sequence[int]) -> list[dict[str, Any]]:
    """Infusions as the reader sees them: what they are, what they cost, what is expected."""
    whole = described(q.pairs, seen.compared, seen.infusions, {name: v.worth for name, v in VALUES.items()})
    score = seen.score(q.design.aim)
    return [
        whole[i]
        | {
            "total": whole[i]["dose"] * whole[i]["doses"],
            "cells": float(np.median(seen.compared.cells[i])),
            "score": _score(q, seen, score[i], i),
        }
        for i in places
    ]


def _score(q: Question, seen: Candidates, score: Any, i: int) -> dict[str, Any]:
    """Share of patients who reach the level, or mean gain, with its interval over what is not known."""
    aim = q.design.aim
    if isinstance(aim, Reach):
        solved = np.isfinite(score)
        found = probability(score[solved], q.pairs.draws.among(solved))
        return {"value": found["p"], "low": found["low"], "high": found["high"], "unit": "1"}
    value = VALUES[aim.value]
    treated, twin = (side[aim.value][i] for side in (seen.compared.treated, seen.compared.twin))
    ends = (twin, treated) if value.less else (treated, twin)
    mean = difference(*ends, q.pairs.draws, value.unit)
    return {"value": mean["median"], "low": mean["low"], "high": mean["high"], "unit": value.unit}


def _looked_at(q: Question, seen: Candidates) -> list[dict[str, Any]]:
    """Every candidate in short, for the picture and for those who want their own choice."""
    mean = np.nanmean(seen.score(q.design.aim), axis=1)
    allowed = seen.allowed(q.design)
    return [
        {
            "dose": one.dose, "day": one.day, "doses": one.doses, "total": one.dose * one.doses,
            "cells": float(seen.cost[i]), "score": float(mean[i]), "allowed": bool(allowed[i]),
        }
        for i, one in enumerate(seen.infusions)
    ]  # fmt: skip


def _atg(q: Question, seen: Candidates) -> list[dict[str, Any]]:
    """Median ATG by day of infusion, and the share of patients with a level low enough."""
    limit, found = q.design.limits.atg, {}
    for one, level in zip(seen.infusions, seen.compared.atg, strict=True):
        found[one.day] = {
            "day": one.day,
            "median": float(np.median(level)),
            "low_enough": float(np.mean(level <= limit)),
        }
    return list(found.values())


def _could(q: Question) -> list[dict[str, Any]]:
    """The most that the largest doses bring under each assumption alone, and under all that help together."""
    d = q.design
    strong = _strongest(coarse(d))
    base = _most(q, q.see(strong, BASE, "as known"))
    rows, helping = [], []
    for hope in hopes(undecided(q.study)):
        row = _most(q, q.see(strong, hope, f"under {hope.name}")) | {
            "assumption": hope.name,
            "text": hope.text,
        }
        rows.append(row)
        helping += [hope] if row["score"] > base["score"] else []
    if len(helping) > 1:
        all_ = together(helping)
        rows.append(_most(q, q.see(strong, all_, "together")) | {"assumption": all_.name, "text": all_.text})
    return sorted(rows, key=lambda row: -row["score"])


def _strongest(infusions: Sequence[Infusion]) -> list[Infusion]:
    """The largest doses of each number of infusions, on every day."""
    kept = {
        (n, z)
        for n in {one.doses for one in infusions}
        for z in sorted({one.dose for one in infusions if one.doses == n})[-STRONGEST:]
    }
    return [one for one in infusions if (one.doses, one.dose) in kept]


def _most(q: Question, seen: Candidates) -> dict[str, Any]:
    mean = np.where(seen.allowed(q.design), np.nanmean(seen.score(q.design.aim), axis=1), -np.inf)
    i = int(np.argmax(mean))
    one, aim = seen.infusions[i], q.design.aim
    least = aim.at_least if isinstance(aim, Reach) else 0.0
    untreated = seen.untreated(aim) if isinstance(aim, Reach) else None
    return {
        "score": float(mean[i]), "reaches": bool(mean[i] >= least), "untreated": untreated,
        "dose": one.dose, "day": one.day, "doses": one.doses,
    }  # fmt: skip
