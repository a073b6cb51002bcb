"""Sets of peptides that a repertoire has to answer, as the chance that one cell recognises each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from thymos.lang import Model, parameter
from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from thymos.evidence.value import Value

    Floats = NDArray[np.float64]

KINDS = ("virus", "fungus", "tumour")
NUMBER = 50
"""Peptides of a set for which nobody says how many there are."""
BASIS = {
    "virus": "precursors counted in healthy people for six epitopes",
    "fungus": "model-based: frequencies as for viruses, since no receptor table and no such count exists for fungi",
    "tumour": "model-based: frequencies as for viruses, times what tolerance of self leaves for point mutants of it",
}


class NaivePrecursors(Model):
    r"""How many naive cells recognise one peptide; nothing here changes in time.

    Logarithms of the frequencies of different peptides are taken as uniform between the lowest and the highest that
    were counted. References: `alanio2010`, `george2017`.
    """

    lowest = parameter("", "lowest frequency of naive CD8+ cells specific for one epitope")
    highest = parameter("", "highest frequency of naive CD8+ cells specific for one epitope")
    tolerated = parameter("", "recognition of point mutants of self as a share of that of foreign peptides")


@cache
def evidence() -> dict[str, Value]:
    """The rows of `NaivePrecursors` by name."""
    from thymos.evidence.values import rows

    return rows(NaivePrecursors)


@dataclass(frozen=True)
class Peptides:
    """Peptides of one kind.

    probability : that a cell of a naive repertoire recognises it (peptide,)
    basis       : what these rest on, printed beside every result

    Raises `StudyError` for another kind, for none, and for what is no probability.
    """

    name: str
    kind: str
    probability: Floats
    basis: str

    def __post_init__(self) -> None:
        p = self.probability
        if self.kind not in KINDS:
            raise StudyError(f"peptides {self.name}", f"a kind among {', '.join(KINDS)}", self.kind)
        if p.ndim != 1 or not p.size or not np.all((p >= 0) & (p <= 1)):
            raise StudyError(f"peptides {self.name}", "a probability for each peptide, at least one", f"{p}")

    def __len__(self) -> int:
        return len(self.probability)

    @property
    def any_of_them(self) -> float:
        """Chance that a cell recognises at least one, if the peptides are recognised independently."""
        return float(-np.expm1(np.log1p(-self.probability).sum()))


def given(name: str, kind: str, probability: ArrayLike, basis: str) -> Peptides:
    """A set from chances that somebody found, for example those of a host's string model."""
    return Peptides(name, kind, np.asarray(probability, dtype=np.float64), basis)


def usual(kind: str, number: int = NUMBER, low: float | None = None, high: float | None = None) -> Peptides:
    """A set whose frequencies spread as the counted ones do: middles of `number` equal parts of their law.

    low, high : lowest and highest frequency, in place of those of the rows

    For fungi this is borrowed from viruses, for tumours also scaled; `basis` says so.
    """
    rows = evidence()
    limits = np.log(
        [rows["lowest"].value if low is None else low, rows["highest"].value if high is None else high]
    )
    quantile = (np.arange(number) + 0.5) / number
    p = np.exp(limits[0] + (limits[1] - limits[0]) * quantile)
    scale = rows["tolerated"].value if kind == "tumour" else 1.0
    return Peptides(f"{kind}, {number} peptides", kind, scale * p, BASIS.get(kind, ""))
