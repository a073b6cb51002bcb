"""How much a thymus of a given age can do: output, niches, and the progenitors that health supplies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, exp, needs, parameter, positive, switch


class ThymicCapacity(Model):
    r"""Largest output by age, and the number of niches that carries it.

    $$ \theta_{max}(a) = \theta_1\, g(a), \qquad n_{max} = \frac{\theta_{max}\, \tau_E}{A\, o^*} $$

    with $g = 0.35 + 0.65 a$ in the first year and falling exponentially after it, faster at first.
    With `niche_number` fixed, niches stay as at one year and it is the supply of progenitors that
    declines so that a healthy thymus exports the same:
    $P^*(a) = \frac{o}{1 - o} \frac{1 - o^*}{o^*}$ at $o = o^* g(a)$.
    References: `bains2009ji`, `krueger2018`, `thomasvaslin2008`.
    """

    age_now = needs("year", "age")
    niche_number = switch(
        "proportional",
        "fixed",
        "whether niches shrink with the thymus or only progenitors do; decides adult benefit",
    )
    turnover_pair = switch(
        "slow", "fast", "small output with slow naive loss, or large output with fast loss"
    )
    output_slow = parameter("cell/day", "T cells exported at one year of age, slow pair")
    output_fast = parameter("cell/day", "T cells exported at one year of age, fast pair")
    newborn_share = parameter("", "thymic output at birth, as a share of that at one year")
    decline_child = parameter("1/year", "decline of output between 1 and 8 years")
    decline_youth = parameter("1/year", "decline of output between 8 and 20 years")
    decline_adult = parameter("1/year", "decline of output after 20 years")
    age_peak = parameter("year", "age at the largest output")
    age_child = parameter("year", "age at which the first decline slows")
    age_youth = parameter("year", "age at which the second decline slows")
    bend = parameter("year", "width over which the slopes join")
    cells_per_seeding = parameter("", "T cells exported for one progenitor that settles, in an intact thymus")
    healthy_occupancy = parameter("", "share of niches that is occupied in health")
    etp_residence = parameter("day", "residence of an early thymic progenitor in its niche")
    human_clock = parameter("", "factor from mouse to human residence times in the thymus")

    def involution(self, p: Any, age: Any) -> Any:
        """g(a): output relative to that at one year; corners rounded over `bend`."""

        def past(knee: Any) -> Any:
            return positive(age - knee, p.bend)

        young = p.newborn_share + (1 - p.newborn_share) * (age - past(p.age_peak)) / p.age_peak
        slopes = (
            p.decline_child * past(p.age_peak)
            - (p.decline_child - p.decline_youth) * past(p.age_child)
            - (p.decline_youth - p.decline_adult) * past(p.age_youth)
        )
        return young * exp(-slopes)

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        relative = self.involution(p, env.age_now)
        at_one = p.turnover_pair.choose(slow=p.output_slow, fast=p.output_fast)
        residence = p.etp_residence * p.human_clock
        niches_at_one = at_one * residence / (p.cells_per_seeding * p.healthy_occupancy)
        size = p.niche_number.choose(proportional=relative, fixed=1)
        occupied = p.healthy_occupancy * relative
        supply = occupied / (1 - occupied) * (1 - p.healthy_occupancy) / p.healthy_occupancy
        yield Output("capacity", "cell/day", at_one * relative, "T cells the thymus exports in health")
        yield Output("niches", "cell", niches_at_one * size, "niches for progenitors in intact stroma")
        pair = p.turnover_pair.choose(slow=0, fast=1)
        yield Output("fast_pair", "", pair, "1 where output is large and naive loss fast, else 0")
        yield Output("organ_size", "", size, "niches relative to those at one year")
        yield Output(
            "supply",
            "",
            p.niche_number.choose(proportional=1, fixed=supply),
            "thymus-seeding progenitors of health",
        )
        yield Output("healthy_occupancy", "", p.healthy_occupancy, "share of niches occupied in health")
        yield Output("etp_residence", "day", residence, "residence in the niche")
        yield Output("cells_per_seeding", "", p.cells_per_seeding, "T cells exported for one that settles")
        yield Output("human_clock", "", p.human_clock, "factor from mouse to human residence times")
