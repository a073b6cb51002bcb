"""Progenitors that the marrow sends to the thymus, from the graft and from the host."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Transition, covariate, needs, parameter, sigmoid, state


class Marrow(Model):
    r"""Engraftment, then a three-step delay until thymus-seeding progenitors are there.

    $$ E = \frac{s(t) - s(0)}{1 - s(0)},\; s = \sigma\!\left(\frac{t - t_{eng}}{w}\right), \qquad
       \dot P_1 = k (E x_D - P_1),\; \dot P_i = k (P_{i-1} - P_i),\; k = 3/T_L $$

    P is a fraction of normal. GvHD of the marrow lowers the supply. References: `dumontgirard1998`,
    `sarzottikelsoe2009`, `zlotoff2011`.
    """

    STEPS = ("1", "2", "3")
    SOURCES = ("H", "R")
    progenitors = state("", "lymphoid progenitors by origin, fraction of normal", over=(SOURCES, STEPS))
    supply = needs("", "thymus-seeding progenitors of health at this age")
    gvhd = needs("", "severity of acute GvHD, 0 to 1")
    healthy = covariate("", "1 for a person who was never transplanted, else 0")
    chimerism = covariate("", "donor share of marrow, 0 to 1")
    engraftment_day = covariate("day", "day of half engraftment")
    host_progenitors = covariate("", "host progenitors able to seed the thymus, fraction of normal")
    engraftment_spread = parameter("day", "width of engraftment")
    lag = parameter("day", "mean delay from engraftment to thymus-seeding progenitors")
    gvhd_block = parameter("", "share of marrow lymphopoiesis lost at full GvHD")

    def engraftment(self, p: Any, env: Any) -> Any:
        """E(t): 0 on day 0, towards 1; a healthy person's own marrow has 1 throughout."""
        now = sigmoid((env.t - p.engraftment_day) / p.engraftment_spread)
        start = sigmoid(-p.engraftment_day / p.engraftment_spread)
        return p.healthy + (1 - p.healthy) * (now - start) / (1 - start)

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield Output("engraftment", "", self.engraftment(p, env), "graft function, 0 to 1")
        for s in self.SOURCES:
            seeding = x.progenitors[s, "3"] * env.supply * (1 - p.gvhd_block * env.gvhd)
            yield Output("seeding_progenitors", "", seeding, "progenitors able to seed the thymus", (s,))
        yield Output("marrow_lymphopoiesis", "", x.progenitors["H", "3"], "donor lymphopoiesis, 0 to 1")

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        for step in self.STEPS:
            yield x.progenitors["H", step], p.healthy * p.chimerism
            yield x.progenitors["R", step], p.host_progenitors * (1 - p.chimerism)

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        inflow = {
            "H": self.engraftment(p, env) * p.chimerism,
            "R": p.host_progenitors * (1 - p.chimerism),
        }
        k = len(self.STEPS) / p.lag
        for s in self.SOURCES:
            for before, step in zip((None, *self.STEPS), self.STEPS, strict=False):
                entering = inflow[s] if before is None else x.progenitors[s, before]
                yield Transition(f"{s} arrival {step}", k * entering, {x.progenitors[s, step]: +1})
                yield Transition(
                    f"{s} passing {step}", k * x.progenitors[s, step], {x.progenitors[s, step]: -1}
                )
