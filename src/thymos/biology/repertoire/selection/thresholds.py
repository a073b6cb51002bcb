"""How strong is too strong, and how weak too weak: the two thresholds of thymic selection, and what sets them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from thymos.lang import Model, parameter
from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from thymos.evidence.value import Value

HUNDREDTHS = 100
"""Energies are integers of 0.01 kT, the published resolution of contact energies, so that sums are exact."""


class ThymicSelection(Model):
    r"""Values of selection by affinity; nothing here changes in time.

    A cell whose receptor binds the self peptides of the thymus with energies $E(t,s)$ [kT] survives if

    $$ E_n < \min_s E(t,s) \le E_p $$

    Below, or at, E_n it is deleted, above E_p neglected. References: `kosmrlj2008`, `george2017`.
    """

    self_peptides = parameter("", "self peptides that a thymus could present")
    presented = parameter("", "share of them that a thymocyte meets")
    foreign_recognition = parameter("", "chance that a surviving cell recognises a given foreign peptide")
    window = parameter("", "distance of the two thresholds in kT")
    table_negative = parameter("", "threshold of deletion in kT, with the table of Miyazawa and Jernigan")
    table_window = parameter("", "distance of the two thresholds in kT, with that table")
    primed_gap = parameter("", "how much weaker a primed cell may bind in kT")
    tissue_cells = parameter("", "T cells in a tissue")
    quorum = parameter("", "activated T cells that a response needs")
    deleted_of_selectable = parameter("", "deleted of what could be positively selected, to compare with")
    deleted_per_survivor = parameter("", "cells deleted for each that completes selection, to compare with")


@cache
def evidence() -> dict[str, Value]:
    """The rows of `ThymicSelection` by name."""
    from thymos.evidence.values import rows

    return rows(ThymicSelection)


def value(name: str) -> float:
    """One of those values, as its row has it."""
    return evidence()[name].value


@dataclass(frozen=True)
class Thresholds:
    """Two thresholds, as integers of 0.01 kT; the more negative an energy, the stronger the bond.

    negative   : E_n, at or below which a cell is deleted
    positive   : E_p, above which it is neglected; None lets every weak cell live
    activation : at or below which a mature cell recognises a peptide; None for E_n itself

    Raises `StudyError` where E_p is not above E_n.
    """

    negative: int
    positive: int | None = None
    activation: int | None = None

    def __post_init__(self) -> None:
        if self.positive is not None and self.positive <= self.negative:
            wanted = f"a threshold of positive selection above that of negative, {kt(self.negative):g} kT"
            raise StudyError("thymic selection", wanted, f"{kt(self.positive):g} kT")

    @property
    def recognition(self) -> int:
        """The energy at or below which a mature cell recognises a peptide [0.01 kT]."""
        return self.negative if self.activation is None else self.activation

    def moved(self, negative: int) -> Thresholds:
        """The same window and gap around another E_n."""
        by = negative - self.negative
        shifted = [None if x is None else x + by for x in (self.positive, self.activation)]
        return Thresholds(negative, *shifted)


def around(negative: float, window: float | None, gap: float = 0.0) -> Thresholds:
    """Thresholds [kT] from E_n, the distance to E_p, and how much weaker a mature cell may bind."""
    n = whole(negative)
    positive = None if window is None else n + whole(window)
    return Thresholds(n, positive, n + whole(gap) if gap else None)


def whole(energy: float) -> int:
    """An energy [kT] as integer of 0.01 kT."""
    return round(HUNDREDTHS * energy)


def kt(energy: float) -> float:
    """An integer of 0.01 kT as energy [kT]."""
    return energy / HUNDREDTHS
