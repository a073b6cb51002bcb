"""Pathogens and tumours as sets of peptides: how many cells answer to any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.selection.peptides import point_mutants, random_peptides
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.biology.repertoire.selection.host import Host, Mature

    Residues = NDArray[np.uint8]

MODELLED = "model-based: no table of receptors for fungi exists, so nothing here was compared with one"
KINDS = ("virus", "fungus", "tumour")
USUAL = {"virus": 50, "fungus": 50, "tumour": 10}
"""Peptides presented of each, assumed; an answer scales with them as long as answers are rare."""


@dataclass(frozen=True)
class Pathogen:
    """Peptides that are presented together.

    kind     : virus, fungus or tumour
    peptides : contact residues (peptide, contact)
    note     : what its reader must know
    """

    kind: str
    peptides: Residues
    note: str = ""


def pathogen(kind: str, host: Host, number: int, seed: int) -> Pathogen:
    """A virus or fungus of random peptides, the same for all hosts; a tumour of mutants of this host's self.

    Residues of pathogens follow the law of human proteins, from which theirs hardly differ.
    """
    rng = stream(seed, f"repertoire.pathogen.{kind}")
    if kind == "tumour":
        return Pathogen(kind, point_mutants(host.thymic, number, rng))
    peptides = random_peptides(number, rng, host.energies.contacts)
    return Pathogen(kind, peptides, MODELLED if kind == "fungus" else "")


def answering(cells: Mature, against: Pathogen) -> tuple[float, float]:
    """Chance that a cell recognises at least one of the peptides, and its standard error."""
    able = cells.recognised(against.peptides).by_receptor > 0
    if not len(able):
        return float("nan"), float("nan")
    p = float(able.mean())
    return p, float(np.sqrt(p * (1 - p) / len(able)))
