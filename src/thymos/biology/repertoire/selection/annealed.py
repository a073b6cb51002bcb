"""Exact selection by random peptides: the law of a bond as a convolution of integers, for every receptor there is.

With the same table at all contacts and independent residues of the peptide, a receptor enters by which residues it
has, not by where: 42,504 multisets for five contacts stand for 3.2 million receptors. What a receptor meets in a thymus
with M random peptides then is a power of one number. This averages over self sets; a host has one, see `host`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from thymos.evidence.datasets.residue_frequencies import residue_frequencies
from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from thymos.biology.repertoire.selection.contact_energy import OfResidues
    from thymos.biology.repertoire.selection.thresholds import Thresholds

    Floats = NDArray[np.float64]
    Residues = NDArray[np.uint8]

MOST = 6
"""Contacts for which the table is still made: 177,100 multisets."""


@dataclass(frozen=True)
class Annealed:
    r"""Chances of a bond with one random peptide, for each multiset of contact residues.

    limits    : energies [0.01 kT] (limit,)
    multisets : contact residues in ascending order (multiset, contact)
    below     : P(E <= limit) (limit, multiset)

    With M independent peptides a receptor survives with probability $(1-p_n)^M - (1-p_p)^M$, where p_n and p_p are its
    chances at the two thresholds.
    """

    limits: tuple[int, ...]
    multisets: Residues
    below: Floats

    def of(self, residues: Residues) -> Floats:
        """P(E <= limit) (limit, chain) of receptors by their contact residues (chain, contact)."""
        return np.asarray(self.below[:, np.searchsorted(self._codes, _code(np.sort(residues, axis=1)))])

    @cached_property
    def _codes(self) -> NDArray[np.int64]:
        return _code(self.multisets)

    @cached_property
    def shares(self) -> Floats:
        """Share of each multiset (multiset,) among receptors of independent residues of human proteins."""
        from scipy.special import gammaln

        frequency = np.log(residue_frequencies())[self.multisets].sum(axis=1)
        counts = (self.multisets[:, :, None] == np.arange(20)).sum(axis=1)
        arrangements = gammaln(self.multisets.shape[1] + 1) - gammaln(counts + 1).sum(axis=1)
        return np.asarray(np.exp(frequency + arrangements))


def annealed(energies: OfResidues, limits: tuple[int, ...]) -> Annealed:
    """The chances of every multiset at several limits [0.01 kT]; a second or two for five contacts.

    Raises `StudyError` where contacts have tables of their own, or are too many.
    """
    contacts = energies.contacts
    if (energies.pairs != energies.pairs[0]).any() or contacts > MOST:
        wanted = f"one table of residues at each of at most {MOST} contacts"
        got = f"{contacts} contacts" if contacts > MOST else "contacts that differ"
        raise StudyError("annealed selection", wanted, got, "a host with a drawn self set takes any energies")
    pairs = energies.pairs[0].astype(np.int64)
    parts = [_last(group, law, pairs, limits) for group, law in _laws(pairs, contacts - 1)]
    multisets = np.concatenate([m for m, _ in parts])
    order = np.argsort(_code(multisets))
    below = np.concatenate([b for _, b in parts], axis=1)
    return Annealed(tuple(limits), multisets[order].astype(np.uint8), below[:, order])


def survival(at_negative: Floats, at_positive: Floats, peptides: int) -> Floats:
    """P(no bond of M is at or below E_n, and at least one at or below E_p), from the chances of one bond."""
    nothing = peptides * np.log1p(-np.minimum(at_positive, 1 - 1e-16))
    return np.asarray(np.exp(peptides * np.log1p(-np.minimum(at_negative, 1 - 1e-16))) - np.exp(nothing))


def outcomes(table: Annealed, thresholds: Thresholds, peptides: int) -> dict[str, float]:
    """Shares of receptors of independent residues that are deleted, survive, or are neglected.

    table : made for the limits (E_n, E_p), or (E_n,) alone where no cell is neglected
    """
    none_strong = (1 - table.below[0]) ** peptides
    deleted = float(table.shares @ (1 - none_strong))
    if thresholds.positive is None:
        return {"deleted": deleted, "survives": 1 - deleted, "neglected": 0.0}
    survives = float(table.shares @ survival(table.below[0], table.below[1], peptides))
    return {"deleted": deleted, "survives": survives, "neglected": 1 - deleted - survives}


def _laws(pairs: NDArray[np.int64], contacts: int) -> Iterator[tuple[NDArray[np.int64], Floats]]:
    """Multisets of fewer contacts that end in the same residue, and the law of their energy above the lowest."""
    shares, lowest = residue_frequencies(), int(pairs.min())
    width = contacts * (int(pairs.max()) - lowest) + 1
    if contacts == 0:
        yield np.empty((1, 0), dtype=np.int64), np.ones((1, 1))
        return
    groups: dict[int, tuple[list[NDArray[np.int64]], list[Floats]]] = {}
    for before, law in _laws(pairs, contacts - 1):
        for residue in range(int(before[0, -1]) if contacts > 1 else 0, 20):
            wider = np.zeros((len(before), width))
            for a, share in enumerate(shares):
                shift = int(pairs[residue, a]) - lowest
                wider[:, shift : shift + law.shape[1]] += share * law
            sets, laws = groups.setdefault(residue, ([], []))
            sets.append(np.column_stack((before, np.full(len(before), residue))))
            laws.append(wider)
    for sets, laws in groups.values():
        yield np.concatenate(sets), np.concatenate(laws)


def _last(
    before: NDArray[np.int64], law: Floats, pairs: NDArray[np.int64], limits: tuple[int, ...]
) -> tuple[NDArray[np.int64], Floats]:
    """The multisets that one more residue makes, and their chances: of the last contact only sums are needed."""
    shares, lowest = residue_frequencies(), int(pairs.min())
    floor = before.shape[1] * lowest
    sums = np.concatenate((np.zeros((len(law), 1)), np.cumsum(law, axis=1)), axis=1)
    start = int(before[0, -1]) if before.shape[1] else 0
    sets, below = [], []
    for residue in range(start, 20):
        found = np.zeros((len(limits), len(before)))
        for a, share in enumerate(shares):
            for k, limit in enumerate(limits):
                place = limit - int(pairs[residue, a]) - floor + 1
                found[k] += share * sums[:, min(max(place, 0), law.shape[1])]
        sets.append(np.column_stack((before, np.full(len(before), residue))))
        below.append(found)
    return np.concatenate(sets), np.concatenate(below, axis=1)


def _code(multisets: NDArray[np.integer]) -> NDArray[np.int64]:
    return np.asarray(multisets.astype(np.int64) @ 20 ** np.arange(multisets.shape[1])[::-1])
