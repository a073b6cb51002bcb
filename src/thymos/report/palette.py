"""Colours and line styles of the arms: those of Okabe and Ito, told apart in grey by their lines too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

INK, SOFT, RULE, REFERENCE = "#1b2530", "#5a6672", "#d5dbe1", "#9aa5b1"


@dataclass(frozen=True)
class Style:
    """How one arm is drawn everywhere; a dashed line lies above a solid one, so that both are seen."""

    colour: str
    dashes: tuple[float, ...]
    marker: str

    @property
    def above(self) -> float:
        """Drawing order of its line."""
        return 3.0 if self.dashes else 2.5

    @property
    def line(self) -> tuple[float, tuple[float, ...]] | Literal["-"]:
        """Line style as matplotlib takes it."""
        return (0, self.dashes) if self.dashes else "-"


TWIN = Style("#D55E00", (5, 2), "s")
TREATED = (Style("#0072B2", (), "o"), Style("#009E73", (6, 2, 1, 2), "^"), Style("#CC79A7", (1, 1.5), "D"))


def styles(arms: list[str]) -> dict[str, Style]:
    """A style for each arm, the untreated twin first."""
    return {arm: TWIN if i == 0 else TREATED[(i - 1) % len(TREATED)] for i, arm in enumerate(arms)}
