"""B cells: a delayed image of donor lymphopoiesis, removed by rituximab."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Transition, covariate, exp, needs, parameter, state


class BCells(Model):
    r"""CD19+ concentration in blood.

    $$ \dot C = d\, C^*(a) P_B (1 - w_G G) - (d + k_R R) C, \qquad C^* = c_\infty + c' e^{-a/\tau} $$

    $P_B$ follows donor lymphopoiesis through three steps; R is the remaining rituximab.
    References: `macallan2005`, `chng2004`.
    """

    STEPS = ("1", "2", "3")
    maturing = state("", "B lymphopoiesis, fraction of normal", over=(STEPS,))
    cd19 = state("cell/uL", "CD19+ B cells in blood")
    rituximab = state("", "rituximab left, share of a dose")
    age_now = needs("year", "age")
    marrow_lymphopoiesis = needs("", "donor lymphopoiesis, 0 to 1")
    gvhd = needs("", "severity of acute GvHD, 0 to 1")
    healthy = covariate("", "1 for a person who was never transplanted, else 0")
    rituximab_doses = covariate("", "rituximab present on the day of transplant, in doses")
    turnover = parameter("1/day", "turnover of B cells")
    adult = parameter("cell/uL", "median CD19 count of adults")
    infant_excess = parameter("cell/uL", "median CD19 count at birth above the adult's")
    decline = parameter("year", "time constant of that excess")
    delay = parameter("day", "mean delay from lymphopoiesis to B cells in blood")
    gvhd_block = parameter("", "share of B-cell production lost at full GvHD")
    rituximab_kill = parameter("1/day", "loss of B cells at a full dose of rituximab")
    rituximab_clearance = parameter("1/day", "clearance of rituximab")

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        yield x.rituximab, p.rituximab_doses
        for step in self.STEPS:
            yield x.maturing[step], p.healthy
        yield x.cd19, p.healthy * (p.adult + p.infant_excess * exp(-env.age_now / p.decline))

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        k = len(self.STEPS) / p.delay
        for before, step in zip((None, *self.STEPS), self.STEPS, strict=False):
            entering = env.marrow_lymphopoiesis if before is None else x.maturing[before]
            yield Transition(f"B arrival {step}", k * entering, {x.maturing[step]: +1})
            yield Transition(f"B passing {step}", k * x.maturing[step], {x.maturing[step]: -1})
        healthy = p.adult + p.infant_excess * exp(-env.age_now / p.decline)
        made = p.turnover * healthy * x.maturing["3"] * (1 - p.gvhd_block * env.gvhd)
        yield Transition("B production", made, {x.cd19: +1})
        yield Transition("B loss", p.turnover * x.cd19, {x.cd19: -1})
        yield Transition("B rituximab", p.rituximab_kill * x.rituximab * x.cd19, {x.cd19: -1})
        yield Transition("rituximab clearance", p.rituximab_clearance * x.rituximab, {x.rituximab: -1})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield Output("cd19", "cell/uL", x.cd19, "CD19+ B cells", observe=True)
