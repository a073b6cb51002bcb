"""Serious infection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Transition, covariate, exp, needs, parameter, state, switch


class Infection(Model):
    r"""Hazard of a first serious infection, lower with CD4 recovery, or with the precursors of an answer.

    $$ h = H_0 \frac{1}{\tau} e^{-t/\tau} e^{-s\, b\, z} $$

    z is the log distance of the one descriptor, CD4 or naive precursors; lymphocyte count and TREC would tell the same
    again. Reference: `wils2011`.
    """

    hazard = state("", "cumulative hazard of a first serious infection")
    association = needs("", "shrink factor s of observed associations")
    cd4_distance = needs("", "log CD4 against the platform's course")
    precursor_distance = needs("", "log precursors of one epitope against the platform's course")
    infection_driver = switch(
        "cd4", "precursors", "whether CD4 or the naive precursors of an answer hold infection off"
    )
    infection_baseline = covariate("", "cumulative hazard of serious infection of the platform")
    decay = parameter("day", "time constant of the decline of the hazard")
    log_cd4 = parameter("", "log hazard per natural log of CD4, sign reversed")
    log_precursors = parameter("", "log hazard per natural log of naive precursors, sign reversed")

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        effect = p.infection_driver.choose(
            cd4=p.log_cd4 * env.cd4_distance, precursors=p.log_precursors * env.precursor_distance
        )
        protection = env.association * effect
        rate = p.infection_baseline / p.decay * exp(-env.t / p.decay) * exp(-protection)
        yield Transition("infection hazard", rate, {x.hazard: +1})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield Output("infection_hazard", "", x.hazard, "cumulative hazard of serious infection", observe=True)
