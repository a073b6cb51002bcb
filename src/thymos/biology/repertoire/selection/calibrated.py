"""The threshold of negative selection at which surviving cells recognise foreign peptides as often as people's do.

The energy scale of a string model is not that of a T cell, so its threshold is not taken from residue statistics but
from what was counted: naive human CD8+ T cells for one epitope, 0.6 to 130 of a million. Positive selection is left out
of this: cells whose strongest self peptide lies within a narrow window recognise about one foreign peptide in as many
as there are self peptides, wherever the window stands. What comes out with both thresholds is reported beside it.
Reference: `alanio2010`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.selection.affinity import strongest
from thymos.biology.repertoire.selection.host import Mature
from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from thymos.biology.repertoire.receptors import Receptors
    from thymos.biology.repertoire.selection.host import Host
    from thymos.biology.repertoire.selection.thresholds import Thresholds

    Residues = NDArray[np.uint8]

QUANTILES = (0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99)
"""Shares of receptors deleted at the thresholds that are tried first; beyond, what is left is too few to judge."""
FEWEST = 100
"""Bonds counted at the threshold: 10 % of it."""


def calibrated(hosts: Sequence[Host], receptors: Receptors, foreign: Residues, target: float) -> Thresholds:
    """Thresholds, moved together, at which what negative selection leaves recognises a foreign peptide with `target`.

    hosts   : with the window between their thresholds that is to be kept
    foreign : contact residues (peptide, contact)

    Raises `StudyError` for a target that is met nowhere, or too rare to be seen with so few receptors and peptides.
    """
    if not 0 < target < 1:
        raise StudyError("recognition of foreign peptides", "a probability between 0 and 1", f"{target:g}")
    every = [_Pool(host, receptors, foreign) for host in hosts]
    low, high = _crossing(every, target, -hosts[0].energies.largest)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _probability(every, middle)[0] >= target else (middle, high)
    _, bonds = _probability(every, high)
    if bonds < FEWEST:
        wanted = f"receptors and foreign peptides enough for {FEWEST} bonds at a probability of {target:g}"
        raise StudyError("recognition of foreign peptides", wanted, f"{bonds} bonds", "more of both")
    return hosts[0].thresholds.moved(high)


class _Pool:
    """Receptors before selection in one host, and their strongest bonds with self, which no threshold changes."""

    def __init__(self, host: Host, receptors: Receptors, foreign: Residues) -> None:
        residues, offsets = host.binding(receptors)
        self.all, self.foreign = Mature(host, residues, offsets), foreign
        self.lowest = strongest(residues, host.thymic, host.energies, offsets, host.workers)

    def bonds(self, negative: int) -> tuple[int, int]:
        """Bonds with foreign peptides of what negative selection leaves at another threshold, and pairs of them."""
        host = self.all.host.at(self.all.host.thresholds.moved(negative))
        cells = Mature(host, self.all.residues, self.all.offsets).kept(self.lowest > negative)
        return int(cells.recognised(self.foreign).by_receptor.sum()), len(cells) * len(self.foreign)


def _crossing(pools: Sequence[_Pool], target: float, weakest: int) -> tuple[int, int]:
    """Thresholds between which recognition first rises to `target`, coming from where nothing is deleted.

    With tables of residues it need not rise all the way: deletion takes the receptors that recognise most.
    """
    lowest = np.concatenate([pool.lowest for pool in pools])
    steps = np.quantile(lowest, QUANTILES, method="lower").astype(int).tolist()
    below, best = weakest, 0.0
    for step in (int(lowest.min()) - 1, *steps):
        here, _ = _probability(pools, step)
        if here >= target:
            return below, step
        below, best = step, max(best, here)
    raise StudyError(
        "recognition of foreign peptides",
        "a probability that some threshold reaches",
        f"{target:g}, where at most {best:.2g} is reached",
        "a smaller --recognition, fewer self peptides, or --negative with a threshold of your own",
    )


def _probability(pools: Sequence[_Pool], negative: int) -> tuple[float, int]:
    """Recognition of foreign peptides by what is left in all hosts, and how many bonds it was counted from."""
    counted = [pool.bonds(negative) for pool in pools]
    bonds, pairs = (sum(column) for column in zip(*counted, strict=True))
    return (bonds / pairs if pairs else 0.0), bonds
