"""Thymic stroma: injured by conditioning, GvHD and steroids, repaired with time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Transition, covariate, needs, parameter, sigmoid, state, switch


class Stroma(Model):
    r"""Intact share of the thymic stroma.

    $$ \dot S = k_{rep}(a)(1 - S) + k_x \omega_I (1 - S) - k_G G S - k_s H S, \qquad S(0) = 1 - c_{cond} $$

    Repair is slower in adults. Infused progenitors repair stroma only when `stroma_repair` says so.
    H are steroids, given for GvHD with its severity or for other reasons.
    References: `clave2009`, `weinberg2001`, `awong2013`.
    """

    intact = state("", "intact share of thymic stroma, 0 to 1")
    age_now = needs("year", "age")
    gvhd = needs("", "severity of acute GvHD, 0 to 1")
    steroids = needs("", "steroids, 1 as for full GvHD")
    infused_share = needs("", "niches occupied by infused cells, as a share of all niches")
    conditioning_injury = covariate("", "share of thymic stroma lost to conditioning")
    stroma_repair = switch("time", "infused", "whether infused progenitors repair stroma or only time does")
    repair = parameter("1/day", "repair rate in the young")
    adult_slowing = parameter("", "repair rate of adults relative to the young")
    adult_age = parameter("year", "age at half of that slowing")
    adult_spread = parameter("year", "spread of that slowing over age")
    repair_by_infused = parameter("1/day", "additional repair when infused cells fill all niches")
    gvhd_injury = parameter("1/day", "injury rate at full GvHD")
    steroid_injury = parameter("1/day", "injury rate under steroids for full GvHD")

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        yield x.intact, 1 - p.conditioning_injury

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        grown = sigmoid((env.age_now - p.adult_age) / p.adult_spread)
        by_time = p.repair * (1 - (1 - p.adult_slowing) * grown)
        by_cells = p.stroma_repair.choose(time=0, infused=p.repair_by_infused * env.infused_share)
        yield Transition("repair", by_time * (1 - x.intact), {x.intact: +1})
        yield Transition("repair by infused cells", by_cells * (1 - x.intact), {x.intact: +1})
        yield Transition("GvHD injury", p.gvhd_injury * env.gvhd * x.intact, {x.intact: -1})
        yield Transition("steroid injury", p.steroid_injury * env.steroids * x.intact, {x.intact: -1})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield Output("stroma", "", x.intact, "intact share of thymic stroma", observe=True)
