"""From cumulative hazards to what happens to each patient: first events, and death by its causes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CHANCES = (
    "relapse",
    "infection",
    "mortality",
    "grade",
    "gvhd_fate",
    "infection_fate",
    "delay_gvhd",
    "delay_infection",
    "delay_relapse",
)
"""Names of the uniform numbers a patient needs; the same in every arm."""


@dataclass(frozen=True)
class Course:
    """Days of first events [day after transplant], inf where one does not happen; all per patient."""

    agvhd_2_4: Floats
    agvhd_3_4: Floats
    relapse: Floats
    serious_infection: Floats
    death: Floats
    nrm: Floats
    """Death without relapse before it."""


def crossing(times: Floats, hazard: Floats, level: Floats) -> Floats:
    """Day on which a cumulative hazard (patient, time) reaches `level`, inf if it does not; linear between times."""
    reached = hazard >= level[:, None]
    after = np.argmax(reached, axis=1)
    some = reached.any(axis=1)
    before = np.maximum(after - 1, 0)
    row = np.arange(len(level))
    h0, h1 = hazard[row, before], hazard[row, after]
    share = np.divide(level - h0, h1 - h0, out=np.zeros_like(level), where=h1 > h0)
    return np.where(some, times[before] + share * (times[after] - times[before]), np.inf)


def exponential(u: Floats) -> Floats:
    """Unit exponential of a uniform in [0, 1)."""
    return np.asarray(-np.log1p(-u))


def gvhd_fatality(p: Mapping[str, Floats], recovered: Flags) -> Floats:
    """Probability of death after GvHD III-IV; the shrink factor pulls both groups to their mean.

    The contrast between patients with and without CD4 recovery is an association (P115, P116).
    """
    with_, without = p["mortality.gvhd_fatality_recovered"], p["mortality.gvhd_fatality_not_recovered"]
    middle = (with_ + without) / 2
    return np.asarray(middle + p["immune_state.shrink"] * (np.where(recovered, with_, without) - middle))


def course(
    times: Floats,
    hazards: Mapping[str, Floats],
    gvhd_day: Floats,
    severe: Flags,
    recovered: Flags,
    risk: Floats,
    p: Mapping[str, Floats],
    chance: Mapping[str, Floats],
) -> Course:
    """What happens to each patient.

    times : output days (time,);  hazards : cumulative, by name of the hazard output (patient, time)
    gvhd_day : day on which GvHD II-IV would begin, nan or inf for never;  severe : whether it would be III-IV
    recovered : CD4 recovery before that day;  risk : factor on the hazard and fatality of non-relapse death
    p : parameters by full name (patient,);  chance : uniforms named in `CHANCES` (patient,)
    """
    gvhd = np.where(np.isnan(gvhd_day), np.inf, gvhd_day)
    relapse = crossing(times, hazards["relapse_hazard"], exponential(chance["relapse"]))
    infection = crossing(times, hazards["infection_hazard"], exponential(chance["infection"]))
    other = crossing(times, hazards["mortality_hazard"], exponential(chance["mortality"]) / risk)
    fatal_gvhd = severe & (chance["gvhd_fate"] < gvhd_fatality(p, recovered))
    by_gvhd = np.where(
        fatal_gvhd, gvhd + p["mortality.gvhd_death_delay"] * exponential(chance["delay_gvhd"]), np.inf
    )
    fatal = chance["infection_fate"] < 1 - (1 - p["mortality.infection_fatality"]) ** risk
    delay = p["mortality.infection_death_delay"] * exponential(chance["delay_infection"])
    by_infection = np.where(fatal, infection + delay, np.inf)
    after_relapse = relapse + p["mortality.relapse_survival"] * exponential(chance["delay_relapse"])
    without = np.minimum(np.minimum(other, by_gvhd), by_infection)
    death = np.minimum(without, after_relapse)
    return _observed(gvhd, severe, relapse, infection, death)


def _observed(gvhd: Floats, severe: Flags, relapse: Floats, infection: Floats, death: Floats) -> Course:
    """Nothing is observed after death."""

    def seen(day: Floats) -> Floats:
        return np.where(day <= death, day, np.inf)

    relapse = seen(relapse)
    return Course(
        agvhd_2_4=seen(gvhd),
        agvhd_3_4=np.where(severe, seen(gvhd), np.inf),
        relapse=relapse,
        serious_infection=seen(infection),
        death=death,
        nrm=np.where(np.isinf(relapse), death, np.inf),
    )
