"""How specific a receptor is: the contacts that matter, and whether similar receptors share their peptides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.selection.affinity import bonds
from thymos.biology.repertoire.selection.host import Mature, Outcome
from thymos.biology.repertoire.selection.peptides import substituted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Residues = NDArray[np.uint8]

TOGETHER = 256
"""Receptors whose bonds with all peptides are held at a time."""


@dataclass(frozen=True)
class Degeneracy:
    """Receptors that differ at d contacts, and the peptides they recognise together.

    distance : d
    pairs    : both of which came out of the thymus
    together : peptides that both of a pair recognise, over all pairs
    expected : the same of as many pairs of cells at random
    """

    distance: int
    pairs: int
    together: int
    expected: float

    @property
    def enrichment(self) -> float:
        """Together over expected; not a number where nothing is expected."""
        return self.together / self.expected if self.expected else float("nan")


def one_bond_each(
    cells: Mature, peptides: Residues, most: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of at most so many cells that recognise anything, each with one of its peptides at random (cell,), (cell,)."""
    found: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    for chosen, strong in _strong(cells, peptides, most):
        order = np.cumsum(strong, axis=1)
        picked = rng.integers(order[:, -1]) + 1
        found.append((chosen, (order >= picked[:, None]).argmax(axis=1)))
    if not found:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    cell, peptide = (np.concatenate(column) for column in zip(*found, strict=True))
    return cell, peptide


def _strong(
    cells: Mature, peptides: Residues, most: int | None = None
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.bool_]]]:
    """The first cells that recognise anything, some at a time, and what each of them recognises (cell, peptide)."""
    able = np.flatnonzero(cells.recognised(peptides).by_receptor)[:most]
    for first in range(0, len(able), TOGETHER):
        chosen = able[first : first + TOGETHER]
        yield chosen, _bound(cells.kept(chosen), peptides)


def _bound(cells: Mature, peptides: Residues) -> NDArray[np.bool_]:
    host = cells.host
    energy = bonds(cells.residues, peptides, host.energies, cells.offsets)
    return np.asarray(energy <= host.thresholds.recognition)


def important_contacts(
    cells: Mature, peptides: Residues, rng: np.random.Generator, most: int = 2000
) -> float:
    """Mean number of contacts at which more than half of the 19 other residues of the peptide abolish recognition.

    Over at most so many cells, one bond of each: a cell that recognises much counts no more than one that recognises
    little. Not a number where no cell recognises anything. Reference: `kosmrlj2008`.
    """
    cell, peptide = one_bond_each(cells, peptides, most, rng)
    if not len(cell):
        return float("nan")
    host, seen = cells.host, peptides[peptide]
    tables = host.energies.tables(cells.residues[cell]).astype(np.int64)
    mine = np.take_along_axis(tables, seen[:, :, None].astype(np.intp), axis=2)
    energy = mine.sum(axis=(1, 2))
    if cells.offsets is not None:
        energy = energy + cells.offsets[cell]
    changed = energy[:, None, None] - mine + tables
    abolished = (changed > host.thresholds.recognition).sum(axis=2)
    return float((abolished > 19 / 2).sum(axis=1).mean())


def degeneracy(cells: Mature, peptides: Residues, distance: int, rng: np.random.Generator) -> Degeneracy:
    r"""Whether receptors at `distance` substitutions from these recognise the same peptides.

    $$ \frac{P(t\,and\,t'\,recognise\,s \mid d(t,t') = d)}{P(t\,and\,t'\,recognise\,s)}
       = \frac{p_C(d)\,of\,cells\,specific\,for\,s}{p_C(d)\,of\,all\,cells} $$

    The partner of each cell is made, by d other residues among its contacts, and passes the same thymus, so that no
    pairs have to be searched for. Energies of their own for each receptor give 1 from d = 1 on: what is not built in
    does not come out. Reference: `mayer2023`.
    """
    host = cells.host
    partner = Mature(host, _neighbours(cells.residues, distance, rng), cells.offsets)
    both = host.outcome(partner.strongest_self) == Outcome.survives
    mine, other = cells.kept(both), partner.kept(both)
    together = 0
    for chosen, strong in _strong(mine, peptides):
        together += int((strong & _bound(other.kept(chosen), peptides)).sum())
    hits = cells.recognition(peptides).hits
    n = len(cells)
    at_random = float((hits * (hits - 1.0)).sum()) / (n * (n - 1.0)) if n > 1 else 0.0
    return Degeneracy(distance, len(mine), together, len(mine) * at_random)


def _neighbours(residues: Residues, distance: int, rng: np.random.Generator) -> Residues:
    """Receptors with other residues at `distance` different contacts."""
    changed = residues.copy()
    order = rng.permuted(np.tile(np.arange(residues.shape[1]), (len(residues), 1)), axis=1)
    for place in order[:, :distance].T:
        substituted(changed, place, rng)
    return changed
