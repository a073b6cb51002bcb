"""Acute graft-versus-host disease: its hazard, and the injury it does while it lasts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Transition, Trigger, covariate, exp, needs, parameter, state


class Gvhd(Model):
    r"""Hazard of acute GvHD II-IV, driven by CD4 cells that may attack the host.

    $$ h = H_0 \frac{t}{\tau^2} e^{-t/\tau} e^{s\, b\, z}, \qquad \dot G = -G/\tau_G $$

    $H_0$ is the platform's own incidence. When the cumulative hazard reaches the patient's threshold, GvHD
    begins and G jumps to its severity. s shrinks an association of observational data towards no effect.
    Reference: `koster2023`.
    """

    hazard = state("", "cumulative hazard of acute GvHD II-IV")
    severity = state("", "severity of acute GvHD, 0 to 1")
    allo_distance = needs("", "log CD4 that may attack the host against the platform")
    association = needs("", "shrink factor s of observed associations")
    gvhd_baseline = covariate("", "cumulative hazard of acute GvHD II-IV of the platform")
    gvhd_threshold = covariate("", "cumulative hazard at which this patient falls ill; unit exponential")
    gvhd_severity = covariate("", "severity that this patient's GvHD would have")
    timing = parameter("day", "time of the largest hazard")
    log_cd4 = parameter("", "log hazard per natural log of CD4")
    healing = parameter("day", "time constant of healing under treatment")

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        shape = env.t / p.timing**2 * exp(-env.t / p.timing)
        rate = p.gvhd_baseline * shape * exp(env.association * p.log_cd4 * env.allo_distance)
        yield Transition("GvHD hazard", rate, {x.hazard: +1})
        yield Transition("GvHD healing", x.severity / p.healing, {x.severity: -1})

    def events(self, x: Any, p: Any, env: Any) -> Iterable[Trigger]:
        yield Trigger("gvhd", when=x.hazard, reaches=p.gvhd_threshold, changes={x.severity: p.gvhd_severity})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield Output("gvhd", "", x.severity, "severity of acute GvHD, 0 to 1", observe=True)
        yield Output("gvhd_hazard", "", x.hazard, "cumulative hazard of acute GvHD II-IV", observe=True)
