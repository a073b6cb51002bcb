"""NK cells: made by the marrow soon after engraftment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Transition, covariate, needs, parameter, sigmoid, state


class NaturalKiller(Model):
    r"""NK concentration in blood.

    $$ \dot C = \pi E_{NK} (1 + w (1 - L)^+) - d\, C - \kappa_A C $$

    $E_{NK}$ is engraftment with a lag of its own; the IL-15 that T cells leave unused adds to production.
    Reference: `zhang2007`.
    """

    nk = state("cell/uL", "NK cells in blood")
    lymphopenia = needs("", "lack of T cells, 0 in health, 1 in an empty body")
    atg_kill = needs("1/day", "loss rate of T-lineage cells to serotherapy")
    healthy = covariate("", "1 for a person who was never transplanted, else 0")
    engraftment_day = covariate("day", "day of half engraftment")
    initial_nk = covariate("cell/uL", "NK cells in blood on the day of transplant")
    production = parameter("cell/uL/day", "NK cells made per blood volume and day")
    loss = parameter("1/day", "loss rate of NK cells")
    surplus = parameter("", "additional production in an empty body")
    lag = parameter("day", "delay of NK production after engraftment")
    spread = parameter("day", "width of the onset of NK production")
    serotherapy_share = parameter("", "loss of NK cells to serotherapy relative to T cells")

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        yield x.nk, p.initial_nk + p.healthy * p.production / p.loss

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        now = sigmoid((env.t - p.engraftment_day - p.lag) / p.spread)
        start = sigmoid(-(p.engraftment_day + p.lag) / p.spread)
        onset = p.healthy + (1 - p.healthy) * (now - start) / (1 - start)
        yield Transition(
            "NK production", p.production * onset * (1 + p.surplus * env.lymphopenia), {x.nk: +1}
        )
        yield Transition("NK loss", p.loss * x.nk, {x.nk: -1})
        yield Transition("NK serotherapy", p.serotherapy_share * env.atg_kill * x.nk, {x.nk: -1})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield Output("nk", "cell/uL", x.nk, "NK cells", observe=True)
