"""SBML: a traced system and its numbers as a document of level 3, version 2. It knows no biology."""

from thymos.io.sbml.consistency import Finding, inspect
from thymos.io.sbml.document import About, write_sbml

__all__ = ["About", "Finding", "inspect", "write_sbml"]
