"""Antibodies and cyclophosphamide that remove T-lineage cells, and steroids, which close the thymus to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Scheduled, Transition, covariate, hill, needs, parameter, state


class Serotherapy(Model):
    r"""Active ATG and alemtuzumab after transplant, and post-transplant cyclophosphamide.

    $$ \dot C = -k_e C - \frac{V_{max}\, C}{K_m + C}, \qquad
       \kappa_A = k_A \frac{C}{C_{50} + C} + k_{Al} \frac{D}{D_{50} + D},
       \qquad \kappa_P = k_P\; \text{on the days of cyclophosphamide} $$

    The level on the day of transplant is a covariate: exposure after infusion matters, not the total dose.
    Steroids are either given between two days or follow acute GvHD and its severity, whichever is more.
    References: `admiraal2015`, `dekoning2018`.
    """

    atg = state("AU/mL", "active ATG")
    alemtuzumab = state("ug/mL", "alemtuzumab")
    cyclophosphamide = state("", "1 while cyclophosphamide acts, else 0")
    steroid = state("", "1 while steroids are given for other reasons than acute GvHD, else 0")
    gvhd = needs("", "severity of acute GvHD, 0 to 1")
    atg_level = covariate("AU/mL", "active ATG on the day of transplant")
    alemtuzumab_level = covariate("ug/mL", "alemtuzumab on the day of transplant")
    cyclophosphamide_start = covariate("day", "first day of cyclophosphamide; inf for none")
    cyclophosphamide_end = covariate("day", "day on which it has ceased to act; inf for none")
    steroid_start = covariate("day", "first day of steroids for other reasons; inf for none")
    steroid_end = covariate("day", "day on which these have been stopped; inf for never")
    atg_elimination = parameter("1/day", "linear elimination of active ATG")
    atg_saturable = parameter("AU/mL/day", "largest concentration-dependent elimination of ATG")
    atg_half = parameter("AU/mL", "concentration at half of that")
    atg_kill_max = parameter("1/day", "largest loss rate of T-lineage cells to ATG")
    atg_kill_half = parameter("AU/mL", "ATG at half of that")
    alemtuzumab_elimination = parameter("1/day", "elimination of alemtuzumab")
    alemtuzumab_kill_max = parameter("1/day", "largest loss rate of T-lineage cells to alemtuzumab")
    alemtuzumab_kill_half = parameter("ug/mL", "alemtuzumab at half of that")
    cyclophosphamide_kill = parameter("1/day", "loss rate of cells caught dividing by cyclophosphamide")
    progenitors_dividing = parameter("", "share of infused progenitors caught dividing")

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        yield x.atg, p.atg_level
        yield x.alemtuzumab, p.alemtuzumab_level

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        yield Transition("ATG elimination", p.atg_elimination * x.atg, {x.atg: -1})
        yield Transition("ATG binding", p.atg_saturable * hill(x.atg, p.atg_half), {x.atg: -1})
        yield Transition(
            "alemtuzumab elimination", p.alemtuzumab_elimination * x.alemtuzumab, {x.alemtuzumab: -1}
        )

    def events(self, x: Any, p: Any, env: Any) -> Iterable[Scheduled]:
        yield Scheduled("cyclophosphamide begins", at=p.cyclophosphamide_start, sets={x.cyclophosphamide: 1})
        yield Scheduled("cyclophosphamide ends", at=p.cyclophosphamide_end, sets={x.cyclophosphamide: 0})
        yield Scheduled("steroids begin", at=p.steroid_start, sets={x.steroid: 1})
        yield Scheduled("steroids end", at=p.steroid_end, sets={x.steroid: 0})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        antibody = p.atg_kill_max * hill(x.atg, p.atg_kill_half)
        other = p.alemtuzumab_kill_max * hill(x.alemtuzumab, p.alemtuzumab_kill_half)
        dividing = p.cyclophosphamide_kill * x.cyclophosphamide
        yield Output("atg_kill", "1/day", antibody + other, "loss rate of T-lineage cells to serotherapy")
        yield Output("cy_rate", "1/day", dividing, "loss rate of dividing cells to cyclophosphamide")
        yield Output(
            "cy_kill", "1/day", dividing * p.progenitors_dividing, "loss of infused progenitors to it"
        )
        steroids = x.steroid + (1 - x.steroid) * env.gvhd
        yield Output("steroids", "", steroids, "steroids, 1 as for full GvHD")
        yield Output("atg", "AU/mL", x.atg, "active ATG", observe=True)
