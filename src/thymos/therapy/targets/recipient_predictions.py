"""Predictions for the recipient's targets: typical patients of each cohort, without product."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from thymos.therapy.targets.recipient_cohorts import ATG, GRAFT, Cohort, Guess, rows

Floats = NDArray[np.float64]
NORMAL_CD3 = 1400.0  # cell/uL, lower limit at 9-24 months (P060)
GRAFT_T_CELLS = 1e4  # cell/kg, CD34-selected grafts (C103)
CORD_T_CELLS = 5e6  # cell/kg, as in the shipped study
COHORT = 32  # patients in whom a share is counted, as evenly different as so few can be
HEALTHY_AGES = (0.2, 0.5, 1.5, 3.5, 5.0, 20.0, 30.0)  # year


def predictions(values: Mapping[str, float]) -> dict[str, float]:
    """Every prediction, with `values` in place of what the rows hold."""
    found = predicted({name: np.array([float(x)]) for name, x in values.items()}, 1)
    return {name: float(x[0]) for name, x in found.items()}


def predicted(tried: Mapping[str, Floats], sets: int, workers: int = 1) -> dict[str, Floats]:
    """Every prediction for each of some sets of values and switches tried side by side (set,)."""
    guess = Guess(tried, sets)
    parts = (_health, _scid, _t_depleted, _cord, _recovery)
    return {name: x for part in parts for name, x in part(guess, workers).items()}


def _health(guess: Guess, workers: int) -> dict[str, Floats]:
    run_in = 60.0
    ages = np.array(HEALTHY_AGES)
    people: dict[str, Floats | float] = {
        "healthy": 1.0,
        "age": ages - run_in / 365.25,
        "weight": guess.weight(ages),
    }
    seen = Cohort(guess, len(ages), people, [run_in], workers=workers)

    def at(output: str, age: float) -> Floats:
        return np.asarray(seen.at(output, run_in)[:, HEALTHY_AGES.index(age)])

    def content(age: float) -> Floats:
        """Copies in a naive T cell."""
        naive = at("cd4_naive", age) * (1 + at("cd8", age) / at("cd4", age))
        return at("trec", age) / naive

    made = guess.values["trec.per_emigrant"]
    return {
        **{f"cd4_age_{age:g}": at("cd4", age) for age in (0.2, 0.5, 1.5, 3.5, 30.0)},
        **{f"{name}_age_30": at(name, 30.0) for name in ("cd8", "cd19", "nk")},
        "trec_per_naive_30": content(30.0),
        # Where division and loss balance, content over that of an emigrant is the thymic share of new cells.
        **{f"thymic_share_{age:g}": 100 * content(age) / made for age in (5.0, 20.0)},
    }


def _scid(guess: Guess, workers: int) -> dict[str, Floats]:
    name, age = "haploidentical_scid", np.array([0.5])
    people: dict[str, Floats | float] = {
        **guess.platform(name),
        "age": age,
        "weight": guess.weight(age),
        "conditioning_injury": guess.of(f"{name}.injury_reduced"),
        "graft_t_cells": GRAFT_T_CELLS,
        "initial_nk": 0.0,
    }
    days = list(np.arange(20.0, 402.0, 2.0))
    cd3 = np.maximum.accumulate(Cohort(guess, 1, people, days, workers=workers).course("cd3")[:, 0], axis=1)
    return {"scid_day_normal": np.array([np.interp(NORMAL_CD3, course, days) for course in cd3])}


def _t_depleted(guess: Guess, workers: int) -> dict[str, Floats]:
    name, ages = "t_depleted_leukaemia", np.array([25.0, 13.0])
    people: dict[str, Floats | float] = {
        **guess.platform(name),
        "residual_t_cells": guess.of(f"{name}.residual_t_cells") * guess.of(f"{name}.campath_residual"),
        "age": ages,
        "weight": guess.weight(ages),
        "irradiated": 1.0,
        "conditioning_injury": guess.of(f"{name}.injury_myeloablative"),
        "graft_t_cells": GRAFT_T_CELLS,
    }
    year = list(np.arange(30.0, 366.0, 30.0))
    seen = Cohort(guess, len(ages), people, sorted({14.0, 180.0, 545.0, *year}), workers=workers)
    return {
        "t_day14_adult": seen.at("cd3", 14.0)[:, 0],
        "t_day180_adult": seen.at("cd3", 180.0)[:, 0],
        "naive_day180_adult": seen.at("cd4_naive", 180.0)[:, 0],
        "naive_day545_adult": seen.at("cd4_naive", 545.0)[:, 0],
        "naive_day545_child": seen.at("cd4_naive", 545.0)[:, 1],
        "nk_first_year": np.mean([seen.at("nk", day)[:, 0] for day in year], axis=0),
    }


def _cord(guess: Guess, workers: int) -> dict[str, Floats]:
    """An adult of 50 years after cord blood without ATG, four months later."""
    name, age, day = "adult_cord_blood", np.array([50.0]), 120.0
    people: dict[str, Floats | float] = {
        **guess.platform(name),
        "age": age,
        "weight": guess.weight(age),
        "irradiated": 1.0,
        "conditioning_injury": guess.of(f"{name}.injury_myeloablative"),
        "graft_t_cells": CORD_T_CELLS,
    }
    seen = Cohort(guess, 1, people, [day], workers=workers)
    found = {f"cord_{output}_day120": seen.at(output, day)[:, 0] for output in ("cd4", "nk", "cd19")}
    share = 100 * seen.at("cd4_naive", day)[:, 0] / found["cord_cd4_day120"]
    return {**found, "cord_naive_share_day120": share}


def _recovery(guess: Guess, workers: int) -> dict[str, Floats]:
    """Children and young adults, differing as patients do; the confirming visit is about ten days before 100."""
    name = "t_depleted_leukaemia"
    drawn = _different(guess)
    ages = np.linspace(1.0, 22.0, COHORT)
    short = ("chimerism", "engraftment_day", "residual_t_cells", "initial_nk", *GRAFT, *ATG)
    people: dict[str, Floats | float] = {
        **guess.covariates(
            name, {key: drawn.get(f"{name}.{key}", guess.of(f"{name}.{key}")) for key in short}
        ),
        "age": ages,
        "weight": guess.weight(ages),
        "irradiated": 1.0,
        "conditioning_injury": drawn[f"{name}.injury_myeloablative"],
        "graft_t_cells": GRAFT_T_CELLS,
    }
    cd4 = Cohort(guess, COHORT, people, [90.0], drawn, workers).at("cd4", 90.0)
    # A smooth count, so that a fit has a slope to follow.
    above = 1 / (1 + np.exp(-np.log(cd4 / 50.0) / 0.15))
    return {"cd4_recovery": 100 * above.mean(axis=1)}


def _different(guess: Guess) -> dict[str, Floats]:
    """What differs between patients, around the typical value of each set (set, person)."""
    known = rows()
    return {
        name: np.asarray(known[name].individual(u, np.maximum(guess.of(name), 1e-300)))
        for name, u in _ranks().items()
    }


@cache
def _ranks() -> dict[str, Floats]:
    """Rank of each patient in each value in which patients differ: points that fill the cube evenly."""
    from scipy.stats import qmc

    names = [
        name
        for name, row in rows().items()
        if not row.variability.fixed and not name.startswith(("haploidentical_scid.", "adult_cord_blood."))
    ]
    points = qmc.Sobol(len(names), rng=np.random.default_rng(1)).random(COHORT)
    return dict(zip(names, np.clip(points, 1e-6, 1 - 1e-6).T, strict=True))
