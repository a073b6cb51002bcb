"""What libSBML finds wrong with a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from thymos.io.sbml.library import libsbml

CATEGORIES = (
    "LIBSBML_CAT_GENERAL_CONSISTENCY",
    "LIBSBML_CAT_IDENTIFIER_CONSISTENCY",
    "LIBSBML_CAT_UNITS_CONSISTENCY",
    "LIBSBML_CAT_MATHML_CONSISTENCY",
    "LIBSBML_CAT_SBO_CONSISTENCY",
    "LIBSBML_CAT_OVERDETERMINED_MODEL",
    "LIBSBML_CAT_MODELING_PRACTICE",
)
"""All that libSBML knows."""


@dataclass(frozen=True)
class Finding:
    """One complaint: rule number, severity (`Warning`, `Error`, `Fatal`), category, line and sentence."""

    rule: int
    severity: str
    category: str
    line: int
    message: str


def inspect(text: str) -> list[Finding]:
    """Read a document and check it in every category; empty when nothing was found."""
    document = libsbml().readSBMLFromString(text)
    for name in CATEGORIES:
        document.setConsistencyChecks(getattr(libsbml(), name), True)
    document.checkConsistency()
    return [_finding(document.getError(i)) for i in range(document.getNumErrors())]


def _finding(e: Any) -> Finding:
    severity, category = e.getSeverityAsString(), e.getCategoryAsString()
    return Finding(e.getErrorId(), severity, category, e.getLine(), " ".join(e.getMessage().split()))
