"""Acute graft-versus-host disease: its hazard, and the injury it does while it lasts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import (
    Model,
    Output,
    Transition,
    Trigger,
    covariate,
    exp,
    log,
    maximum,
    minimum,
    needs,
    parameter,
    sqrt,
    state,
)

BEND = 0.1  # width over which the cut is rounded, in units of ln


class Gvhd(Model):
    r"""Hazard of acute GvHD II-IV, driven by CD4 cells that may attack the host.

    $$ h = H_0 \frac{t}{\tau^2} e^{-t/\tau} e^{s\, b\, \mathrm{clip}_{\pm 2}(m - m^*)}, \qquad
       m = \ln\max(c, 0.5), \qquad \dot G = -G/\tau_G $$

    $H_0$ is the platform's own incidence. When the cumulative hazard reaches the patient's threshold, GvHD
    begins and G jumps to its severity. s shrinks an association of observational data towards no effect.
    Reference: `koster2023`.
    """

    hazard = state("", "cumulative hazard of acute GvHD II-IV")
    severity = state("", "severity of acute GvHD, 0 to 1")
    cd4_allo = needs("cell/uL", "CD4+ T cells that may attack the host")
    association = needs("", "shrink factor s of observed associations")
    gvhd_baseline = covariate("", "cumulative hazard of acute GvHD II-IV of the platform")
    reference_cd4_allo = covariate("cell/uL", "such cells at which the platform was observed")
    gvhd_threshold = covariate("", "cumulative hazard at which this patient falls ill; unit exponential")
    gvhd_severity = covariate("", "severity that this patient's GvHD would have")
    timing = parameter("day", "time of the largest hazard")
    log_cd4 = parameter("", "log hazard per natural log of CD4")
    floor = parameter("cell/uL", "count below which the logarithm is cut")
    widest = parameter("", "largest difference of logarithms that is believed")
    healing = parameter("day", "time constant of healing under treatment")

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        apart = log(sqrt(env.cd4_allo**2 + p.floor**2) / sqrt(p.reference_cd4_allo**2 + p.floor**2))
        believed = maximum(minimum(apart, p.widest, BEND), -p.widest, BEND)
        shape = env.t / p.timing**2 * exp(-env.t / p.timing)
        rate = p.gvhd_baseline * shape * exp(env.association * p.log_cd4 * believed)
        yield Transition("GvHD hazard", rate, {x.hazard: +1})
        yield Transition("GvHD healing", x.severity / p.healing, {x.severity: -1})

    def events(self, x: Any, p: Any, env: Any) -> Iterable[Trigger]:
        yield Trigger("gvhd", when=x.hazard, reaches=p.gvhd_threshold, changes={x.severity: p.gvhd_severity})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield Output("gvhd", "", x.severity, "severity of acute GvHD, 0 to 1", observe=True)
        yield Output("gvhd_hazard", "", x.hazard, "cumulative hazard of acute GvHD II-IV", observe=True)
