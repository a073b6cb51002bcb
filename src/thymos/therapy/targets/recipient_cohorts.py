"""Cohorts of typical or of different patients without product, one of each for every set of values that is tried."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.biology.recipient.body import Body
from thymos.therapy import THERAPIES
from thymos.therapy.preparation import remaining
from thymos.therapy.recipient import recipient_models, recipient_program
from thymos.therapy.sampling import fill, values_of

if TYPE_CHECKING:
    from thymos.evidence.values import Value

Floats = NDArray[np.float64]
RTOL, ATOL = 1e-5, 1e-6  # as a trial is solved
# No transplant, no drug, no product: what every cohort starts from.
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
    "graft_burst": 1.0,
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
    "reference_naive": 10.0,
    "reference_naive_slope": 1.0,
    "reference_nk": 200.0,
    "relapse_baseline": 0.0,
    "residual_t_cells": 0.0,
    "rituximab_doses": 0.0,
    "second_dose": 0.0,
    "second_infusion_day": np.inf,
    "steroid_end": np.inf,
    "steroid_start": np.inf,
}
ATG_DAYS = (-9.0, -6.0)
ATG_DOSE = {"haploidentical_scid": 10.0, "t_depleted_leukaemia": 5.0, "adult_cord_blood": 0.0}
"""mg/kg, as in the shipped studies; the cord-blood cohort was given none."""


@cache
def rows() -> dict[str, Value]:
    """Every row of the recipient and of the platforms by full name."""
    return values_of((*recipient_models(), *(therapy() for therapy in THERAPIES.values())))


class Guess:
    """Some sets of values that are tried side by side; what is not tried stands as in its row.

    tried : values and indicators of switches by full name, one for each set (set,)
    """

    def __init__(self, tried: Mapping[str, Floats], sets: int) -> None:
        self.sets = sets
        self.values = {name: np.full(sets, row.value) for name, row in rows().items()} | dict(tried)

    def of(self, name: str) -> Floats:
        """One value, for people of each set (set, 1)."""
        return self.values[name][:, None]

    def platform(self, name: str) -> dict[str, Floats]:
        """Covariates of a platform, ATG included (set, 1)."""
        same = ("chimerism", "engraftment_day", "residual_t_cells", "initial_nk")
        return self.covariates(name, {short: self.of(f"{name}.{short}") for short in (*same, *GRAFT, *ATG)})

    def covariates(self, name: str, of: Mapping[str, Floats]) -> dict[str, Floats]:
        """The same from the platform's values by short name (set, person)."""
        rise, fall = (np.atleast_2d(of[short]) for short in ATG)
        dose = np.full(rise.size, ATG_DOSE[name])
        level = remaining(*ATG_DAYS, dose, rise.ravel(), np.broadcast_to(fall, rise.shape).ravel())
        kept = {short: x for short, x in of.items() if short not in ATG}
        return {**kept, "atg_level": level.reshape(rise.shape)}

    def weight(self, age: Floats) -> Floats:
        """Reference weight of the age [kg] (set, person); thymic output does not scale with weight, so counts do."""
        body = Body()
        p = SimpleNamespace(**{d.name: self.of(f"body.{d.name}") for d in body.parameters()})
        return np.asarray(body.reference_weight(p, age))


GRAFT = ("graft_naive_share", "graft_cd4_share", "graft_burst")
ATG = ("atg_per_dose", "atg_fall")


class Cohort:
    """People of each set of values and their courses.

    covariates : what is known of them, apart from `NOBODY` (set, person) or broadcast
    drawn : values in which they differ, by full name (set, person)
    """

    def __init__(
        self,
        guess: Guess,
        people: int,
        covariates: Mapping[str, Floats | float],
        days: list[float],
        drawn: Mapping[str, Floats] | None = None,
        workers: int = 1,
    ) -> None:
        program, shape = recipient_program(), (guess.sets, people)
        typical = {name: np.broadcast_to(x[:, None], shape) for name, x in guess.values.items()}
        given = {**NOBODY, **typical, **(drawn or {}), **covariates}
        flat = {name: np.broadcast_to(x, shape).ravel() for name, x in given.items()}
        solution = program.solve(
            fill(program, guess.sets * people, flat), days, rtol=RTOL, atol=ATOL, workers=workers
        )
        self.days = days
        self.index = program.output_index
        self.outputs = solution.outputs.reshape(*shape, len(days), -1)

    def course(self, output: str) -> Floats:
        """One output (set, person, day)."""
        return np.asarray(self.outputs[..., self.index(output)])

    def at(self, output: str, day: float) -> Floats:
        """One output on one of the days (set, person)."""
        return self.course(output)[..., self.days.index(day)]
