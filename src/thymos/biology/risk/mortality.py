"""Death: from other causes by a hazard of its own, and as the end of infection, GvHD and relapse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Transition, covariate, exp, parameter, state


class Mortality(Model):
    r"""Hazard of non-relapse death that neither infection nor GvHD explains.

    $$ h = H_0 \frac{1}{\tau} e^{-t/\tau} $$

    Fatality of infection and of GvHD III-IV, and survival after relapse, are numbers read by the course of
    events. Infection and GvHD act only there, so that no death is counted twice.
    References: `dekoning2021`, `thakar2023`, `klingebiel2010`.
    """

    hazard = state("", "cumulative hazard of other non-relapse death")
    mortality_baseline = covariate("", "cumulative hazard of other non-relapse death of the platform")
    decay = parameter("day", "time constant of the decline of the hazard")
    gvhd_fatality_recovered = parameter("", "death after GvHD III-IV with early CD4 recovery")
    gvhd_fatality_not_recovered = parameter("", "death after GvHD III-IV without early CD4 recovery")
    gvhd_death_delay = parameter("day", "mean time from severe GvHD to death from it")
    infection_fatality = parameter("", "death after a serious infection")
    infection_death_delay = parameter("day", "mean time from serious infection to death from it")
    relapse_survival = parameter("day", "mean survival after relapse")
    active_infection_ratio = parameter("", "hazard of death with active infection at transplant, SCID")
    older_infant_ratio = parameter("", "hazard of death from 3.5 months of age at transplant, SCID")

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        yield Transition(
            "other death", p.mortality_baseline / p.decay * exp(-env.t / p.decay), {x.hazard: +1}
        )

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield Output(
            "mortality_hazard", "", x.hazard, "cumulative hazard of other non-relapse death", observe=True
        )
