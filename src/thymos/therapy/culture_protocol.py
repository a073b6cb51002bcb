"""How a culture is run: coating, cytokines, feeds, length."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import inf, isfinite

from thymos.lang.errors import StudyError

FEEDS = ("first_feed_day", "second_feed_day", "third_feed_day")
NEVER = inf


@dataclass(frozen=True)
class CultureProtocol:
    """One culture; the defaults are the clinical process as far as it is known (C022-C027).

    dl4             : DL4 offered to the surface [ug/mL]
    integrin_ligand : 0 none, 1 the full density of RetroNectin or VCAM-1
    scf ... il3     : cytokines in fresh medium [ng/mL]
    days            : length of the culture [day]
    seeded_cd34     : viable CD34+ cells seeded [cell]; results per seeded cell do not depend on it
    seeding_density : viable CD34+ cells in one mL at the start [cell/mL]
    feed_days       : up to three days on which fresh medium is added [day]
    feed_share      : fresh medium added by one feed, over the starting volume
    withdrawal_day  : day on which the cells leave the coating [day]; inf: at harvest
    """

    dl4: float = 5.0
    integrin_ligand: float = 1.0
    scf: float = 100.0
    il7: float = 100.0
    tpo: float = 100.0
    flt3l: float = 100.0
    tnf: float = 100.0
    il3: float = 0.0
    days: float = 7.0
    seeded_cd34: float = 1e7
    seeding_density: float = 2e4
    feed_days: tuple[float, ...] = ()
    feed_share: float = 0.5
    withdrawal_day: float = NEVER

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name not in ("feed_days", "withdrawal_day"):
                self._refuse_below_zero(field.name)
        for name in ("days", "seeded_cd34", "seeding_density"):
            if getattr(self, name) == 0:
                raise StudyError(f"culture.{name}", "a number above 0", "0")
        if self.integrin_ligand > 1:
            raise StudyError(
                "culture.integrin_ligand", "a share between 0 and 1", f"{self.integrin_ligand:g}"
            )
        if not all(0 < day < self.days for day in self.feed_days) or len(self.feed_days) > len(FEEDS):
            wanted = f"at most {len(FEEDS)} days between 0 and the harvest on day {self.days:g}"
            raise StudyError("culture.feed_days", wanted, f"{self.feed_days}")
        if not self.withdrawal_day >= 0:
            raise StudyError("culture.withdrawal_day", "a day, 0 or later", f"{self.withdrawal_day:g}")

    def _refuse_below_zero(self, name: str) -> None:
        value = getattr(self, name)
        if not (isfinite(value) and value >= 0):
            raise StudyError(f"culture.{name}", "a finite number, 0 or more", f"{value:g}")

    def covariates(self) -> dict[str, float]:
        """What the culture's models read, by name."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("days", "feed_days")}
        feeds = (*self.feed_days, *(NEVER for _ in FEEDS))
        return own | dict(zip(FEEDS, feeds, strict=False))


PROTOCOLS = {"dl4-7d": CultureProtocol()}
