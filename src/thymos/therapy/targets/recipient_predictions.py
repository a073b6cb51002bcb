"""Predictions for the recipient's targets: typical patients of each cohort, without product."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.biology.recipient.body import Body
from thymos.therapy import THERAPIES
from thymos.therapy.preparation import remaining
from thymos.therapy.recipient import recipient_models, recipient_program
from thymos.therapy.sampling import Block, Sample, fill, sample, values_of

if TYPE_CHECKING:
    from thymos.lang.model import Model

Floats = NDArray[np.float64]
NORMAL_CD3 = 1400.0  # cell/uL, lower limit at 9-24 months (P060)
COHORT = 200  # patients in whom a share is counted
# No transplant, no drug, no product: what every cohort below starts from.
NOBODY = {
    "alemtuzumab_level": 0.0,
    "atg_level": 0.0,
    "calcineurin_inhibitor": 0.0,
    "chimerism": 1.0,
    "cmv": 0.0,
    "conditioning_injury": 0.0,
    "cyclophosphamide_end": np.inf,
    "cyclophosphamide_start": np.inf,
    "dose": 0.0,
    "engraftment_day": 0.0,
    "graft_cd4_share": 0.5,
    "graft_naive_share": 0.5,
    "graft_t_cells": 0.0,
    "gvhd_baseline": 0.0,
    "gvhd_severity": 0.0,
    "gvhd_threshold": np.inf,
    "healthy": 0.0,
    "host_block": 0.0,
    "host_progenitors": 0.0,
    "infection_baseline": 0.0,
    "infusion_day": np.inf,
    "initial_nk": 0.0,
    "irradiated": 0.0,
    "mortality_baseline": 0.0,
    "reference_cd4": 100.0,
    "reference_cd4_allo": 1.0,
    "reference_cd4_slope": 1.0,
    "reference_nk": 200.0,
    "relapse_baseline": 0.0,
    "residual_t_cells": 0.0,
    "rituximab_doses": 0.0,
    "second_dose": 0.0,
    "second_infusion_day": np.inf,
    "steroid_end": np.inf,
    "steroid_start": np.inf,
}
GRAFT_T_CELLS = 1e4  # cell/kg, CD34-selected grafts (C103)
ATG_DAYS = (-9.0, -6.0)
ATG_DOSE = {"haploidentical_scid": 10.0, "t_depleted_leukaemia": 5.0}  # mg/kg, as in the shipped studies


class Cohort:
    """Patients that differ only as told; outputs by name and day."""

    def __init__(self, covariates: Mapping[str, float | Floats], drawn: Sample, days: list[float]) -> None:
        program = recipient_program()
        n = len(next(iter(drawn.values())))
        solution = program.solve(fill(program, n, NOBODY, drawn, covariates), days)
        self.days = days
        self.outputs = {q.name: solution.outputs[:, :, i] for i, q in enumerate(program.outputs)}

    def at(self, output: str, day: float) -> Floats:
        """One output on one of the days, (patient,)."""
        return np.asarray(self.outputs[output][:, self.days.index(day)])


def predictions(values: Mapping[str, float]) -> dict[str, float]:
    """Every prediction, with `values` in place of what the rows hold."""
    known = {name: v.value for name, v in values_of((*recipient_models(), *_platforms())).items()} | dict(
        values
    )
    return {**_health(known), **_scid(known), **_t_depleted(known), **_recovery(known)}


def _platforms() -> tuple[Model, ...]:
    return tuple(therapy() for therapy in THERAPIES.values())


def _typical(known: Mapping[str, float], n: int) -> Sample:
    return {name: np.full(n, value) for name, value in known.items()}


def _platform(values: Mapping[str, float | Floats], name: str) -> dict[str, float | Floats]:
    """Covariates of a platform, ATG of its study included, from its values by full name."""
    names = ("chimerism", "engraftment_day", "residual_t_cells", "initial_nk")
    rise, fall = values[f"{name}.atg_per_dose"], values[f"{name}.atg_fall"]
    level = remaining(*ATG_DAYS, np.atleast_1d(ATG_DOSE[name]), rise, np.atleast_1d(fall))
    return {"atg_level": level, **{short: values[f"{name}.{short}"] for short in names}}


def _weight(known: Mapping[str, float], age: Floats) -> Floats:
    """Reference weight of the age [kg]; thymic output does not scale with weight, so counts depend on it."""
    body = Body()
    p = SimpleNamespace(**{d.name: known[f"body.{d.name}"] for d in body.parameters()})
    return np.asarray(body.reference_weight(p, age))


def _health(known: Mapping[str, float]) -> dict[str, float]:
    run_in = 60.0
    ages = np.array([0.2, 0.5, 1.5, 3.5, 30.0])
    start = ages - run_in / 365.25
    people: dict[str, float | Floats] = {"healthy": 1.0, "age": start, "weight": _weight(known, ages)}
    seen = Cohort(people, _typical(known, len(ages)), [run_in])
    found = {f"cd4_age_{age:g}": float(x) for age, x in zip(ages, seen.at("cd4", run_in), strict=True)}
    adult = {
        name: float(seen.at(name, run_in)[-1]) for name in ("cd4", "cd8", "cd19", "nk", "trec", "cd4_naive")
    }
    naive = adult["cd4_naive"] * (1 + adult["cd8"] / adult["cd4"])
    return {
        **found,
        **{f"{name}_age_30": adult[name] for name in ("cd8", "cd19", "nk")},
        "trec_per_naive_30": adult["trec"] / naive,
    }


def _scid(known: Mapping[str, float]) -> dict[str, float]:
    name = "haploidentical_scid"
    people: dict[str, float | Floats] = {
        **_platform(known, name),
        "age": np.array([0.5]),
        "weight": _weight(known, np.array([0.5])),
        "conditioning_injury": known[f"{name}.injury_reduced"],
        "graft_t_cells": GRAFT_T_CELLS,
        "initial_nk": 0.0,
    }
    days = list(np.arange(20.0, 402.0, 2.0))
    cd3 = Cohort(people, _typical(known, 1), days).outputs["cd3"][0]
    return {"scid_day_normal": float(np.interp(NORMAL_CD3, np.maximum.accumulate(cd3), days))}


def _t_depleted(known: Mapping[str, float]) -> dict[str, float]:
    name = "t_depleted_leukaemia"
    ages = np.array([25.0, 13.0])
    people: dict[str, float | Floats] = {
        **_platform(known, name),
        "age": ages,
        "weight": _weight(known, ages),
        "irradiated": 1.0,
        "conditioning_injury": known[f"{name}.injury_myeloablative"],
        "graft_t_cells": GRAFT_T_CELLS,
    }
    year = list(np.arange(30.0, 366.0, 30.0))
    seen = Cohort(people, _typical(known, 2), sorted({14.0, 180.0, 545.0, *year}))
    return {
        "t_day14_adult": float(seen.at("cd3", 14.0)[0]),
        "t_day180_adult": float(seen.at("cd3", 180.0)[0]),
        "naive_day180_adult": float(seen.at("cd4_naive", 180.0)[0]),
        "naive_day545_adult": float(seen.at("cd4_naive", 545.0)[0]),
        "naive_day545_child": float(seen.at("cd4_naive", 545.0)[1]),
        "nk_first_year": float(np.mean([seen.at("nk", day)[0] for day in year])),
    }


def _recovery(known: Mapping[str, float]) -> dict[str, float]:
    """Children and young adults, differing as patients do; the confirming visit is about ten days before 100."""
    name = "t_depleted_leukaemia"
    block = Block(0, 0, COHORT)
    models = (*recipient_models(), THERAPIES["t-depleted-leukaemia"]())
    drawn = sample(models, 1, block, known)
    ages = np.linspace(1.0, 22.0, COHORT)
    people: dict[str, float | Floats] = {
        **_platform(drawn, name),
        "age": ages,
        "weight": _weight(known, ages),
        "irradiated": 1.0,
        "conditioning_injury": drawn[f"{name}.injury_myeloablative"],
        "graft_t_cells": GRAFT_T_CELLS,
    }
    cd4 = Cohort(people, drawn, [90.0]).at("cd4", 90.0)
    # A smooth count, so that a fit has a slope to follow.
    above = 1 / (1 + np.exp(-np.log(cd4 / 50.0) / 0.15))
    return {"cd4_recovery": float(100 * above.mean())}
