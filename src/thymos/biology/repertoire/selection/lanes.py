"""Compiled loops over receptors and peptides: 64 receptors at a time, as lanes of 16-bit integers.

For 64 receptors the energies of each contact with each residue lie side by side, 12.8 kB for five contacts, which
stays in the first cache; a peptide then costs as many additions of 64 lanes as it has contacts, and one minimum.
Nothing but the rows that a peptide picks depends on it, so the sum over contacts is written out by composition.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thymos.biology.repertoire.kernel import inner, outer

Energies = NDArray[np.int16]
Residues = NDArray[np.uint8]
LANES = 64
HIGHEST = 32767
RUN = 32_000
"""Peptides after which counts of a lane, themselves 16 bits wide, are emptied."""


def rows_of(contacts: int) -> Callable[..., Any]:
    """A compiled function: the rows of lanes, one for each contact, that a peptide picks."""
    last = contacts - 1
    if contacts == 1:

        @inner
        def only(lanes: Energies, peptide: Residues) -> Any:
            return (lanes[0, peptide[0]],)

        return only
    before = rows_of(last)

    @inner
    def rows(lanes: Energies, peptide: Residues) -> Any:
        return before(lanes, peptide) + (lanes[last, peptide[last]],)  # noqa: RUF005  numba joins tuples by +

    return rows


def sum_of(contacts: int) -> Callable[..., Any]:
    """A compiled function: the sum of these rows at one lane."""
    last = contacts - 1
    if contacts == 1:

        @inner
        def only(rows: Any, lane: int) -> Any:
            return rows[0][lane]

        return only
    before = sum_of(last)

    @inner
    def total(rows: Any, lane: int) -> Any:
        return np.int16(before(rows, lane) + rows[last][lane])

    return total


@inner
def fill(lanes: Energies, tables: Energies, first: int) -> None:
    """The tables of 64 receptors, lane by lane; where there are no more, energies above every limit."""
    chains, contacts, residues = tables.shape
    for lane in range(LANES):
        for i in range(contacts):
            for a in range(residues):
                known = first + lane < chains
                lanes[i, a, lane] = tables[first + lane, i, a] if known else HIGHEST // contacts


@inner
def sweep(tables: Energies, peptides: Residues, lowest: Energies, rows_at: Any, total: Any) -> None:
    """Lowest energy of each receptor."""
    chains, contacts, residues = tables.shape
    lanes = np.empty((contacts, residues, LANES), np.int16)
    least = np.empty(LANES, np.int16)
    for first in range(0, chains, LANES):
        fill(lanes, tables, first)
        least[:] = HIGHEST
        for p in range(peptides.shape[0]):
            rows = rows_at(lanes, peptides[p])
            for lane in range(LANES):
                least[lane] = min(least[lane], total(rows, lane))
        lowest[first : first + LANES] = least[: chains - first]


@inner
def tally(
    tables: Energies, peptides: Residues, limit: int, by_chain: Any, by_peptide: Any, rows_at: Any, total: Any
) -> None:
    """How many peptides each receptor binds at or below `limit`, and how many receptors each peptide."""
    chains, contacts, residues = tables.shape
    lanes = np.empty((contacts, residues, LANES), np.int16)
    bound = np.empty(LANES, np.int16)
    for first in range(0, chains, LANES):
        here = min(LANES, chains - first)
        fill(lanes, tables, first)
        for start in range(0, peptides.shape[0], RUN):
            bound[:] = 0
            for p in range(start, min(start + RUN, peptides.shape[0])):
                rows = rows_at(lanes, peptides[p])
                binding = np.int16(0)
                for lane in range(LANES):
                    binds = np.int16(total(rows, lane) <= limit)
                    bound[lane] += binds
                    binding += binds
                by_peptide[p] += binding
            for lane in range(here):
                by_chain[first + lane] += bound[lane]


ROWS_5, SUM_5 = rows_of(5), sum_of(5)
ROWS_9, SUM_9 = rows_of(9), sum_of(9)


@outer
def lowest_5(tables: Energies, peptides: Residues, lowest: Energies) -> None:
    """Lowest energy of each receptor over peptides with five contacts."""
    sweep(tables, peptides, lowest, ROWS_5, SUM_5)


@outer
def lowest_9(tables: Energies, peptides: Residues, lowest: Energies) -> None:
    """Lowest energy of each receptor over peptides with nine contacts."""
    sweep(tables, peptides, lowest, ROWS_9, SUM_9)


@outer
def tally_5(tables: Energies, peptides: Residues, limit: int, by_chain: Any, by_peptide: Any) -> None:
    """Bonds at or below `limit` by receptor and by peptide, five contacts; added to what is there."""
    tally(tables, peptides, limit, by_chain, by_peptide, ROWS_5, SUM_5)


@outer
def tally_9(tables: Energies, peptides: Residues, limit: int, by_chain: Any, by_peptide: Any) -> None:
    """Bonds at or below `limit` by receptor and by peptide, nine contacts; added to what is there."""
    tally(tables, peptides, limit, by_chain, by_peptide, ROWS_9, SUM_9)


@inner
def energies_of(lanes: Energies, peptide: Residues, energy: Energies) -> None:
    """Energies of 64 receptors with one peptide, whatever the number of contacts."""
    first = lanes[0, peptide[0]]
    for lane in range(LANES):
        energy[lane] = first[lane]
    for i in range(1, lanes.shape[0]):
        row = lanes[i, peptide[i]]
        for lane in range(LANES):
            energy[lane] += row[lane]


@outer
def lowest_any(tables: Energies, peptides: Residues, lowest: Energies) -> None:
    """Lowest energy of each receptor, whatever the number of contacts."""
    chains, contacts, residues = tables.shape
    lanes = np.empty((contacts, residues, LANES), np.int16)
    least = np.empty(LANES, np.int16)
    energy = np.empty(LANES, np.int16)
    for first in range(0, chains, LANES):
        fill(lanes, tables, first)
        least[:] = HIGHEST
        for p in range(peptides.shape[0]):
            energies_of(lanes, peptides[p], energy)
            for lane in range(LANES):
                least[lane] = min(least[lane], energy[lane])
        lowest[first : first + LANES] = least[: chains - first]


@outer
def tally_any(tables: Energies, peptides: Residues, limit: int, by_chain: Any, by_peptide: Any) -> None:
    """Bonds at or below `limit` by receptor and by peptide, any number of contacts; added to what is there."""
    chains, contacts, residues = tables.shape
    lanes = np.empty((contacts, residues, LANES), np.int16)
    energy = np.empty(LANES, np.int16)
    bound = np.empty(LANES, np.int16)
    for first in range(0, chains, LANES):
        here = min(LANES, chains - first)
        fill(lanes, tables, first)
        for start in range(0, peptides.shape[0], RUN):
            bound[:] = 0
            for p in range(start, min(start + RUN, peptides.shape[0])):
                energies_of(lanes, peptides[p], energy)
                binding = np.int16(0)
                for lane in range(LANES):
                    binds = np.int16(energy[lane] <= limit)
                    bound[lane] += binds
                    binding += binds
                by_peptide[p] += binding
            for lane in range(here):
                by_chain[first + lane] += bound[lane]


LOWEST = {5: lowest_5, 9: lowest_9}
TALLY = {5: tally_5, 9: tally_9}
