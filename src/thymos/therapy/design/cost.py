"""What a run uses up, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thymos.therapy.culture_protocol import CultureProtocol

CYTOKINES = ("scf", "il7", "tpo", "flt3l", "tnf", "il3", "il15")


@dataclass(frozen=True)
class Costs:
    """Of one vessel, in whatever money the prices are in.

    run, day       : for every run and for each of its days
    volume         : medium at the start [mL];  coating_volume : DL4 solution put on the surface [mL]
    prices         : of one ug, by name of the reagent; what has none is free
    """

    run: float = 1.0
    day: float = 0.0
    volume: float = 1.0
    coating_volume: float = 0.5
    prices: Mapping[str, float] = field(default_factory=dict)

    def reagents(self, protocol: CultureProtocol, days: float) -> dict[str, float]:
        """What a run of so many days uses up, feeds included [ug]."""
        feeds = sum(day < days for day in protocol.feed_days)
        medium = self.volume * (1 + feeds * protocol.feed_share)
        used = {name: getattr(protocol, name) * medium / 1000 for name in CYTOKINES}
        return {"dl4": protocol.dl4 * self.coating_volume} | used

    def of(self, protocol: CultureProtocol, days: float) -> float:
        """Price of a run of so many days."""
        used = self.reagents(protocol, days)
        return self.run + self.day * days + sum(self.prices.get(name, 0.0) * x for name, x in used.items())
