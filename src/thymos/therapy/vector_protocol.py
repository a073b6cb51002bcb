"""How cells of a culture are transduced: day, dose, and what the vector carries."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from thymos.therapy.culture_protocol import CultureProtocol

MOST = 1e4  # transducing units per cell; no process comes near it


@dataclass(frozen=True)
class VectorProtocol:
    """One transduction.

    day       : day of the culture on which the vector is added [day]
    moi       : multiplicity of infection, transducing units per live cell
    transgene : what the vector carries; a name for tables, it changes no number
    """

    day: float = 1.0
    moi: float = 10.0
    transgene: str = "CAR"

    def __post_init__(self) -> None:
        if not (isfinite(self.day) and self.day >= 0):
            raise StudyError("culture.vector.day", "a day of the culture, 0 or later", f"{self.day:g}")
        if not 0 <= self.moi <= MOST:
            raise StudyError(
                "culture.vector.moi", f"0 to {MOST:g} transducing units per cell", f"{self.moi:g}"
            )
        if not self.transgene.strip():
            raise StudyError("culture.vector.transgene", "a name", "an empty text", 'for example "CAR"')

    def within(self, culture: CultureProtocol) -> VectorProtocol:
        """Itself, where the culture still runs on its day; raises `StudyError` where not."""
        if self.day < culture.days:
            return self
        wanted = f"a day before the harvest on day {culture.days:g}"
        raise StudyError("culture.vector.day", wanted, f"day {self.day:g}", "an earlier day of transduction")

    def covariates(self) -> dict[str, float]:
        """What the culture's models read, by name."""
        return {"vector_day": self.day, "moi": self.moi}


def vector_of(day: float | None, moi: float | None) -> VectorProtocol | None:
    """The transduction that a day, a dose or both stand for; what is not said is as usual, none where nothing is."""
    if day is None and moi is None:
        return None
    usual = VectorProtocol()
    return VectorProtocol(usual.day if day is None else day, usual.moi if moi is None else moi)
