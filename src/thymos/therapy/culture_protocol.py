"""How a culture is run: coating, cytokines, feeds, length."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import inf, isfinite

from thymos.lang.errors import StudyError

FEEDS = ("first_feed_day", "second_feed_day", "third_feed_day")
NEVER = inf
LONGEST = 60.0  # [day]; nothing in the model is known of longer ones
MAYBE_NEVER = ("held_density", "withdrawal_day", "return_day", "nk_day")


@dataclass(frozen=True)
class CultureProtocol:
    """One culture; the defaults are the clinical process as far as it is known (C022-C027).

    dl4             : DL4 offered to the surface [ug/mL]
    integrin_ligand : 0 none, 1 the full density of RetroNectin or VCAM-1
    ligand_access   : DL4 that cells meet in this vessel over that in a coated plate, at the same offer
    scf ... il15    : cytokines in fresh medium [ng/mL]
    days            : length of the culture [day]
    seeded_cd34     : viable CD34+ cells seeded [cell]; results per seeded cell do not depend on it
    seeding_density : viable CD34+ cells in one mL at the start [cell/mL]
    feed_days       : up to three days on which fresh medium is added [day]
    feed_share      : fresh medium added by one feed, over the starting volume
    held_density    : density above which fresh medium is added all the time [cell/mL]; inf: never
    withdrawal_day  : day on which the cells leave the coating [day]; inf: at harvest
    return_day      : day on which they are put back on it [day]; inf: never
    nk_day          : day on which the NK stage begins [day]; inf: never. The cells leave the coating unless
                      `withdrawal_day` says when, and go into the medium of that stage
    nk_scf ... nk_il15 : cytokines in the medium of the NK stage [ng/mL]
    nk_density      : live cells in one mL at the start of the NK stage [cell/mL]
    """

    dl4: float = 5.0
    integrin_ligand: float = 1.0
    ligand_access: float = 1.0
    scf: float = 100.0
    il7: float = 100.0
    tpo: float = 100.0
    flt3l: float = 100.0
    tnf: float = 100.0
    il3: float = 0.0
    il15: float = 0.0
    days: float = 7.0
    seeded_cd34: float = 1e7
    seeding_density: float = 2e4
    feed_days: tuple[float, ...] = ()
    feed_share: float = 0.5
    held_density: float = NEVER
    withdrawal_day: float = NEVER
    return_day: float = NEVER
    nk_day: float = NEVER
    nk_scf: float = 0.0
    nk_il7: float = 20.0
    nk_tpo: float = 0.0
    nk_flt3l: float = 0.0
    nk_tnf: float = 0.0
    nk_il3: float = 0.0
    nk_il15: float = 20.0
    nk_density: float = 1e5

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name not in ("feed_days", *MAYBE_NEVER):
                self._refuse_below_zero(field.name)
        for name in ("days", "seeded_cd34", "seeding_density", "nk_density"):
            if getattr(self, name) == 0:
                raise StudyError(f"culture.{name}", "a number above 0", "0")
        if self.days > LONGEST:
            raise StudyError("culture.days", f"at most {LONGEST:g} days", f"{self.days:g}")
        if self.integrin_ligand > 1:
            raise StudyError(
                "culture.integrin_ligand", "a share between 0 and 1", f"{self.integrin_ligand:g}"
            )
        if not all(0 < day < self.days for day in self.feed_days) or len(self.feed_days) > len(FEEDS):
            wanted = f"at most {len(FEEDS)} days between 0 and the harvest on day {self.days:g}"
            raise StudyError("culture.feed_days", wanted, f"{self.feed_days}")
        for name in ("withdrawal_day", "return_day", "nk_day"):
            if not getattr(self, name) >= 0:
                raise StudyError(f"culture.{name}", "a day, 0 or later", f"{getattr(self, name):g}")
        if not self.held_density > 0:
            raise StudyError("culture.held_density", "a density above 0", f"{self.held_density:g}")

    def _refuse_below_zero(self, name: str) -> None:
        value = getattr(self, name)
        if not (isfinite(value) and value >= 0):
            raise StudyError(f"culture.{name}", "a finite number, 0 or more", f"{value:g}")

    def covariates(self) -> dict[str, float]:
        """What the culture's models read, by name."""
        outside = ("days", "feed_days", "held_density")
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in outside}
        own["held_volume"] = 1 / self.held_density
        feeds = (*self.feed_days, *(NEVER for _ in FEEDS))
        if self.withdrawal_day == NEVER:
            own["withdrawal_day"] = self.nk_day
        own |= {"vector_day": NEVER, "vector_kill": 0.0}
        return own | dict(zip(FEEDS, feeds, strict=False))


# The T arm as published (C008, C022-C027); the NK arm with its second stage of 7 or 14 days (C104, C105).
PROTOCOLS = {
    "dl4-7d": CultureProtocol(),
    "nk-14d": CultureProtocol(days=14.0, nk_day=7.0, held_density=5e5),
    "nk-21d": CultureProtocol(days=21.0, nk_day=7.0, held_density=5e5),
}
