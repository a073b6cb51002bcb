r"""Receptors against peptides: the strongest bond of each receptor, and who recognises what.

$$ E(t, s) = \sum_{i=1}^{N} W_t(i, s_i) $$

in exact integers of 0.01 kT. Reference: `kosmrlj2008`.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.kernel import over_blocks
from thymos.biology.repertoire.selection.lanes import HIGHEST, LOWEST, TALLY, lowest_any, tally_any
from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.biology.repertoire.selection.contact_energy import Energies

    Residues = NDArray[np.uint8]
    Hundredths = NDArray[np.int16]

BLOCK = 1024
"""Receptors whose tables are held at a time, 200 kB with five contacts."""


@dataclass(frozen=True)
class Recognised:
    """How many bonds are strong enough.

    by_receptor : peptides that each receptor recognises (chain,)
    by_peptide  : receptors that recognise each peptide (peptide,)
    """

    by_receptor: NDArray[np.int64]
    by_peptide: NDArray[np.int64]

    @property
    def probability(self) -> float:
        """Chance that one of these receptors recognises one of these peptides; not a number without any."""
        pairs = len(self.by_receptor) * len(self.by_peptide)
        return float(self.by_receptor.sum() / pairs) if pairs else float("nan")


def strongest(
    residues: Residues,
    peptides: Residues,
    energies: Energies,
    offsets: Hundredths | None = None,
    workers: int = 1,
) -> Hundredths:
    """Energy of the strongest bond of each receptor [0.01 kT] (chain,); without peptides the weakest there is.

    residues : contact residues of the receptors (chain, contact), see `contacts_of`
    peptides : contact residues of the peptides (peptide, contact)
    offsets  : what each receptor binds HLA itself with [0.01 kT] (chain,)
    workers  : threads; results do not depend on it
    """
    seen = _checked(peptides, energies)
    lowest = np.empty(len(residues), dtype=np.int16)
    loop = LOWEST.get(energies.contacts, lowest_any)

    def part(first: int, last: int) -> None:
        loop(_tables(residues, energies, offsets, first, last), seen, lowest[first:last])

    over_blocks(part, len(residues), BLOCK, workers)
    return lowest


def recognised(
    residues: Residues,
    peptides: Residues,
    energies: Energies,
    limit: int,
    offsets: Hundredths | None = None,
    workers: int = 1,
) -> Recognised:
    """How many bonds are at or below `limit` [0.01 kT], by receptor and by peptide; see `strongest`."""
    seen = _checked(peptides, energies)
    by_receptor = np.zeros(len(residues), dtype=np.int64)
    by_peptide = np.zeros(len(peptides), dtype=np.int64)
    loop, adding = TALLY.get(energies.contacts, tally_any), Lock()
    # Lanes without a receptor hold the highest energies there are, and must stay above any limit.
    capped = min(int(limit), energies.contacts * (HIGHEST // energies.contacts) - 1)

    def part(first: int, last: int) -> None:
        mine = np.zeros(len(peptides), dtype=np.int64)
        tables = _tables(residues, energies, offsets, first, last)
        loop(tables, seen, capped, by_receptor[first:last], mine)
        with adding:  # sums of integers: the same in any order
            np.add(by_peptide, mine, out=by_peptide)

    over_blocks(part, len(residues), BLOCK, workers)
    return Recognised(by_receptor, by_peptide)


def bonds(
    residues: Residues, peptides: Residues, energies: Energies, offsets: Hundredths | None = None
) -> Hundredths:
    """Every energy [0.01 kT] (chain, peptide), for few receptors or few peptides."""
    seen = _checked(peptides, energies)
    tables = _tables(residues, energies, offsets, 0, len(residues))
    total = tables[:, 0, seen[:, 0]]
    for i in range(1, energies.contacts):
        total += tables[:, i, seen[:, i]]
    return total


def _tables(
    residues: Residues, energies: Energies, offsets: Hundredths | None, first: int, last: int
) -> Hundredths:
    tables = np.ascontiguousarray(energies.tables(residues[first:last]))
    if offsets is not None:
        tables[:, 0] += offsets[first:last, None]
    return tables


def _checked(peptides: Residues, energies: Energies) -> Residues:
    if peptides.ndim != 2 or peptides.shape[1] != energies.contacts:
        wanted = f"peptides of {energies.contacts} contacts, as the energies have"
        raise StudyError("thymic selection", wanted, f"an array of shape {peptides.shape}")
    return np.ascontiguousarray(peptides, dtype=np.uint8)
