"""The result of a trial as the documented object: every number with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos import __version__
from thymos.trial.interval import Draws, Probability, difference, probability, quantity
from thymos.trial.registered_size import power
from thymos.trial.tables import TRANSGENE_LOTS, TRANSGENE_UNITS, UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from thymos.io.study_schema import Arm, Study
    from thymos.trial.gathered import Gathered

Floats = NDArray[np.float64]
COUNT_DAYS = (30, 60, 100, 180, 365, 730)
OUTCOME_DAYS = (100, 365, 730)
SURVIVAL = "overall_survival"
EVENTS = {
    "agvhd_2_4": "agvhd_2_4",
    "agvhd_3_4": "agvhd_3_4",
    "relapse": "relapse",
    "serious_infection": "serious_infection",
    "nrm": "nrm",
    SURVIVAL: "death",
}
MONTH_6 = 180


class Result:
    """Estimates from the gathered tables of a run; a column or two in memory at a time."""

    def __init__(self, study: Study, tables: Gathered) -> None:
        self.study, self.tables = study, tables
        # Twins share their draw, so one grouping serves every arm.
        self.draws = Draws.of(tables.patients(study.arms[0].name, "draw"))
        self.planned = np.asarray(study.visits.days)
        self.transduced = study.culture.vector is not None
        # Counts per volume of blood; copies per cell stay in the visits.
        more = {name: unit for name, unit in TRANSGENE_UNITS.items() if unit == "cell/uL"}
        self.units = UNITS | more if self.transduced else UNITS

    # ---- one arm

    def count(self, arm: str, lineage: str, day: float) -> Floats:
        """Reported values at the visit planned nearest to `day`, (patient,)."""
        nearest = int(np.argmin(np.abs(self.planned - day)))
        return np.ascontiguousarray(self.tables.lineage(lineage)[arm][:, nearest])

    def happened(self, arm: str, event: str, day: float) -> NDArray[np.bool_]:
        """Whether the event has come by `day`; for survival, whether the patient is alive."""
        by = np.asarray(self.tables.patients(arm, EVENTS[event]) <= day)
        return ~by if event == SURVIVAL else by

    def share(self, happened: NDArray[np.bool_]) -> Probability:
        """A probability over all patients of an arm."""
        return probability(happened, self.draws)

    def arm(self, arm: Arm) -> dict[str, Any]:
        """One arm of the summary."""
        wait = self.tables.patients(arm.name, "day_cd4_200")
        return {
            "name": arm.name,
            "title": arm.title or arm.name,
            "dose": quantity(self.tables.patients(arm.name, "dose_per_kg"), "cell/kg"),
            "cd4_ir_day100": self.share(self.tables.patients(arm.name, "cd4_ir_day100")),
            "day_cd4_200": {**waiting(wait), "reached": self.share(np.isfinite(wait))},
            "counts": {
                lineage: {
                    str(day): quantity(self.count(arm.name, lineage, day), unit)
                    for day in self.days(COUNT_DAYS)
                }
                for lineage, unit in self.units.items()
                if lineage != "trec"
            },
            "trec_month6": quantity(self.count(arm.name, "trec", MONTH_6), UNITS["trec"]),
            "outcomes": {
                event: {
                    str(day): self.share(self.happened(arm.name, event, day))
                    for day in self.days(OUTCOME_DAYS)
                }
                for event in EVENTS
            },
        }

    def days(self, wanted: tuple[int, ...]) -> list[int]:
        """Those of the wanted days that lie within the follow-up."""
        return [day for day in wanted if day <= self.study.follow_up]

    # ---- between arms

    def difference(self) -> dict[str, Any]:
        """Treated minus twin, pair by pair, with the interval of the population's mean difference."""
        if len(self.study.arms) < 2:
            return {}
        twin, treated = self.study.arms[0].name, self.study.arms[-1].name

        def paired(one: Floats, other: Floats, unit: str) -> dict[str, Any]:
            return {**difference(one.astype(float), other.astype(float), self.draws, unit), "paired": True}

        def endpoint(name: str, unit: str) -> dict[str, Any]:
            return paired(self.tables.patients(treated, name), self.tables.patients(twin, name), unit)

        found = {
            "cd4_ir_day100": endpoint("cd4_ir_day100", ""),
            "day_cd4_200": endpoint("day_cd4_200", "day"),
        }
        for lineage, unit in self.units.items():
            for day in self.days(COUNT_DAYS):
                pair = (self.count(treated, lineage, day), self.count(twin, lineage, day))
                found[f"{lineage}_day{day}"] = paired(*pair, unit)
        found["trec_month6"] = found[f"trec_day{MONTH_6}"]
        for event in EVENTS:
            for day in self.days(OUTCOME_DAYS):
                pair_ = (self.happened(treated, event, day), self.happened(twin, event, day))
                found[f"{event}_day{day}"] = paired(pair_[0].astype(float), pair_[1].astype(float), "")
        return found

    def registered(self) -> dict[str, Any]:
        """How often the trial at its registered size would show it, and how often without the product."""
        plan, arms = self.study.registered, self.study.arms
        met = [self.tables.patients(arm.name, plan.endpoint) for arm in (arms[-1], arms[0])]
        from_twins = plan.reference_rate == "untreated-twins"
        rate = float(np.mean(met[1])) if from_twins else float(plan.reference_rate)
        return {
            **{name: getattr(plan, name) for name in ("n", "design", "endpoint", "alpha")},
            "reference_rate": rate,
            "reference": "untreated-twins" if from_twins else plan.reference_source,
            **power(met[0], met[1], self.draws, plan.n, rate, plan.alpha, self.study.seed),
        }

    def failed(self) -> dict[str, Any]:
        """Virtual patients that could not be solved; they stay in every denominator."""
        found = self.tables.statuses()
        by = {name: n for name, n in sorted(found.items()) if name != "ok"}
        return {"n": sum(by.values()), "of": found.total(), "by_status": by}

    def lot(self) -> dict[str, Any]:
        """The product, lot by lot."""
        given = self.study.arms[-1].name
        units = {"fold": "", "cd7_percent": "percent", "cd7_per_cd34": "", "viability": "percent"}
        found = {name: quantity(self.tables.lots(name), unit) for name, unit in units.items()}
        found["cd3_per_kg"] = quantity(self.tables.patients(given, "cd3_per_kg"), "cell/kg")
        found["dose_per_kg"] = quantity(self.tables.patients(given, "dose_per_kg"), "cell/kg")
        if self.transduced:
            found |= {c.name: quantity(self.tables.lots(c.name), c.unit) for c in TRANSGENE_LOTS}
        return found

    # ---- the whole

    def summary(self, rest: Mapping[str, Any]) -> dict[str, Any]:
        """The object of summary.json but for the digest; `rest` holds assumptions, sources and the band."""
        arms = self.study.arms
        return {
            "format": 1,
            "study": self.study.name,
            "title": self.study.title,
            "version": __version__,
            "seed": self.study.seed,
            "patients": self.study.patients,
            "draws": self.study.draws,
            "lot": self.lot(),
            "arms": [self.arm(arm) for arm in arms],
            "compared": {"arm": arms[-1].name, "against": arms[0].name} if len(arms) > 1 else None,
            "difference": self.difference(),
            "registered_size": self.registered(),
            "failed": self.failed(),
            **rest,
        }

    # ---- tables for figures

    def curves(self) -> dict[str, list[Any]]:
        """Quantiles of reported values by arm, lineage and planned day, among the living."""
        rows: list[tuple[Any, ...]] = []
        for arm in self.study.arms:
            for lineage in self.units:
                for day in self.planned:
                    values = self.count(arm.name, lineage, day)
                    values = values[np.isfinite(values)]
                    if values.size:
                        rows.append(
                            (arm.name, lineage, day, *np.quantile(values, (0.025, 0.25, 0.5, 0.75, 0.975)))
                        )
        return _columns(("arm", "lineage", "day", "q025", "q25", "q50", "q75", "q975"), rows)

    def incidence(self) -> dict[str, list[Any]]:
        """Cumulative incidence of each event by arm over the follow-up."""
        days = np.unique(np.concatenate([np.arange(0, self.study.follow_up, 15.0), self.days(OUTCOME_DAYS)]))
        rows = []
        for arm in self.study.arms:
            for event in EVENTS:
                for day in days:
                    share = self.share(self.happened(arm.name, event, day))
                    rows.append((arm.name, event, day, share["p"], share["low"], share["high"]))
        return _columns(("arm", "event", "day", "p", "low", "high"), rows)


def waiting(days: Floats) -> dict[str, Any]:
    """Quantiles of a waiting time in which never counts as infinite; null where a quantile is never."""
    low, middle, high = np.quantile(days, (0.025, 0.5, 0.975), method="lower")
    shown = [float(x) if np.isfinite(x) else None for x in (low, middle, high)]
    return {"median": shown[1], "low": shown[0], "high": shown[2], "unit": "day"}


def _columns(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}
