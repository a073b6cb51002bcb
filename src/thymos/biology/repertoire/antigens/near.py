"""Chains that are equal to a known one, or differ from it in one residue, found by hashing with one place left open.

A chain of L residues has L + 1 keys: its own, and one for each place with the residue there struck out. Chains that
differ at one place share the key with that place struck out; so all are found in time linear in both tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.receptors import LONGEST
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.uint8]
    Whole = NDArray[np.int64]
    Keys = NDArray[np.uint64]

CHUNK = 1 << 16
"""Chains whose keys memory holds at once."""
FILTER_BITS = 22
STRUCK = 20
"""Stands for a residue that is struck out; 21 for none."""

_RNG = stream(2026, "repertoire.antigens.keys")
_WORDS = _RNG.integers(2**64, size=(LONGEST, 22), dtype=np.uint64)
_WORDS[:, 21] = 0
# Families have 16 bits; the longest CDR3 has 40 residues.
_FAMILY = _RNG.integers(2**64, size=2**16, dtype=np.uint64)
_LENGTH = _RNG.integers(2**64, size=LONGEST + 1, dtype=np.uint64)


@dataclass(frozen=True)
class Chains:
    """CDR3s with a number for their V family.

    residues : (chain, LONGEST) codes of amino acids, `NO_RESIDUE` behind the end
    length   : (chain,)
    family   : (chain,); chains of another number never match
    """

    residues: Codes
    length: Codes
    family: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.length)

    def take(self, which: NDArray[np.intp] | slice) -> Chains:
        """Some of them."""
        return Chains(self.residues[which], self.length[which], self.family[which])

    def keys(self) -> tuple[Keys, Keys]:
        """The key of each chain (chain,), and that with each place struck out (chain, place), 0 behind its end."""
        places = int(self.length.max(initial=0))
        codes = np.minimum(self.residues[:, :places], 21)  # NO_RESIDUE becomes 21
        words = _WORDS[np.arange(places), codes]
        whole = words.sum(axis=1) + _FAMILY[self.family] + _LENGTH[self.length]
        struck = whole[:, None] - words + _WORDS[:places, STRUCK]
        return whole, np.where(codes == 21, np.uint64(0), struck)


@dataclass(frozen=True)
class Matches:
    """Pairs of a chain and a known chain: (pair,) each.

    mismatches : 0 or 1
    """

    chain: Whole
    known: Whole
    mismatches: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.chain)


class Index:
    """Known chains, ready to be found."""

    def __init__(self, known: Chains) -> None:
        self.known = known
        whole, struck = known.keys()
        row, place = np.nonzero(struck)
        keys = np.concatenate([whole, struck[row, place]])
        rows = np.concatenate([np.arange(len(whole)), row])
        order = np.argsort(keys, kind="stable")
        self._keys, self._rows = keys[order], rows[order]
        self._maybe = np.zeros(1 << FILTER_BITS, dtype=bool)
        self._maybe[_slot(keys)] = True

    def matches(self, chains: Chains) -> Matches:
        """All pairs with at most one mismatch, by chain."""
        parts = [self._part(chains, first) for first in range(0, len(chains), CHUNK)]
        whole = (
            [np.concatenate(columns) for columns in zip(*parts, strict=True)] if parts else [np.empty(0)] * 3
        )
        chain, known = (column.astype(np.int64) for column in whole[:2])
        return Matches(chain, known, whole[2].astype(np.int8))

    def _part(self, chains: Chains, first: int) -> tuple[Whole, Whole, Whole]:
        part = chains.take(slice(first, first + CHUNK))
        whole, struck = part.keys()
        keys = np.concatenate([whole[:, None], struck], axis=1)
        row, column = np.nonzero(self._maybe[_slot(keys)])
        sought = keys[row, column]
        low, high = (np.searchsorted(self._keys, sought, side=side) for side in ("left", "right"))
        found = np.repeat(row, high - low)
        # The runs low .. high - 1, one behind the other.
        starts = np.cumsum(high - low) - (high - low)
        known = self._rows[np.arange(len(found)) + np.repeat(low - starts, high - low)]
        struck_out = np.repeat(column > 0, high - low)
        mismatches = (part.residues[found] != self.known.residues[known]).sum(axis=1)
        # Equal chains share every key, and are taken by their own alone; keys that clash by chance are dropped.
        alike = (part.family[found] == self.known.family[known]) & (
            part.length[found] == self.known.length[known]
        )
        kept = alike & np.where(struck_out, mismatches == 1, mismatches == 0)
        order = np.lexsort((known[kept], found[kept]))
        return (found[kept] + first)[order], known[kept][order], mismatches[kept][order]


def _slot(keys: Keys) -> Keys:
    return keys >> np.uint64(64 - FILTER_BITS)
