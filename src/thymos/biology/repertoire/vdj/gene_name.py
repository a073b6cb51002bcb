"""Names of V and J genes: allele, gene, family."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from thymos.lang.errors import DataError
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

_FAMILY = re.compile(r"[-/*]")


class Level(StrEnum):
    """How much of a gene's name is taken for known."""

    none = "none"
    family = "family"
    gene = "gene"
    allele = "allele"

    def of(self, name: str) -> str:
        """The part of an allele's name that is known: TRBV6-5*01 gives TRBV6, TRBV6-5, TRBV6-5*01, or nothing."""
        if self is Level.none:
            return ""
        if self is Level.family:
            return _FAMILY.split(name, maxsplit=1)[0]
        return name.partition("*")[0] if self is Level.gene else name


class GeneIndex:
    """Finds genes of one kind by a name of which a level is known."""

    def __init__(self, names: Sequence[str], level: Level, kind: str) -> None:
        self.level, self.kind = level, kind
        self._index: dict[str, int] = {}
        for i, name in enumerate(names):
            self._index.setdefault(level.of(name), i)

    def __call__(self, name: str, where: str) -> int:
        """Index of a gene that bears this name as far as the level goes; -1 for an empty name, as for level `none`.

        Of several names, separated by commas, the first counts. Raises `DataError` with the nearest name.
        """
        known = self.level.of(name.partition(",")[0].strip().upper())
        if not known:
            return -1
        if known not in self._index:
            wanted = f"a {self.kind} {self.level} of the model"
            raise DataError(where, wanted, f"“{name}”", nearest(known, self._index))
        return self._index[known]
