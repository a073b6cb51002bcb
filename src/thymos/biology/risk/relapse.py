"""Relapse of leukaemia."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Transition, covariate, exp, needs, parameter, state, switch


class Relapse(Model):
    r"""Hazard of relapse, lower with early CD4 or NK recovery, never with both.

    $$ h = H_0 \frac{1}{\tau} e^{-t/\tau} e^{-s\, b\, z} $$

    CD4 and NK come from two joint models of the same patients. Reference: `koster2023`.
    """

    hazard = state("", "cumulative hazard of relapse")
    association = needs("", "shrink factor s of observed associations")
    cd4_distance = needs("", "log CD4 against the platform's course")
    nk_distance = needs("", "log NK against the platform")
    relapse_baseline = covariate("", "cumulative hazard of relapse of the platform")
    relapse_driver = switch("cd4", "nk", "which recovery protects from relapse; both would count it twice")
    decay = parameter("day", "time constant of the decline of the hazard")
    log_cd4 = parameter("", "log hazard per natural log of CD4, sign reversed")
    log_nk = parameter("", "log hazard per natural log of NK, sign reversed")

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        protection = p.relapse_driver.choose(cd4=p.log_cd4 * env.cd4_distance, nk=p.log_nk * env.nk_distance)
        rate = p.relapse_baseline / p.decay * exp(-env.t / p.decay) * exp(-env.association * protection)
        yield Transition("relapse hazard", rate, {x.hazard: +1})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield Output("relapse_hazard", "", x.hazard, "cumulative hazard of relapse", observe=True)
