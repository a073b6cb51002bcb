"""Names of V and J genes: allele, gene, family."""

from __future__ import annotations

import re
from enum import StrEnum

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
