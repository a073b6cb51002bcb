"""What another threshold of negative selection would mean for the same host: survival and recognition over E_n."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.selection.host import Mature, Outcome
from thymos.biology.repertoire.selection.thresholds import kt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from thymos.biology.repertoire.receptors import Receptors
    from thymos.biology.repertoire.selection.host import Host

    Floats = NDArray[np.float64]
    Residues = NDArray[np.uint8]

STEP, STEPS = 25, 16
"""Distance of the thresholds looked at [0.01 kT], and how many of them on either side of the present one."""
FEWEST = 50
"""Cells that must survive for a chance to be quoted."""


@dataclass(frozen=True)
class Course:
    """Over the threshold of negative selection, with the window kept.

    threshold   : E_n [kT] (threshold,)
    shares      : of receptors, by outcome (threshold,)
    recognition : chance that a surviving cell recognises a peptide, by kind of peptide (threshold,); not a number
                  where too few cells survive. "unselected" is that of receptors before selection and foreign peptides
    """

    threshold: Floats
    shares: Mapping[str, Floats]
    recognition: Mapping[str, Floats]


def course(host: Host, receptors: Receptors, peptides: Mapping[str, Residues]) -> Course:
    """Shares of outcomes, and recognition of each kind of `peptides`, around the present threshold of `host`.

    peptides : contact residues (peptide, contact) by kind, "foreign" among them
    """
    lowest = host.strongest_self(receptors)
    residues, offsets = host.binding(receptors)
    limits = host.thresholds.negative + STEP * np.arange(-STEPS, STEPS + 1)
    shares = {o.name: np.empty(len(limits)) for o in Outcome}
    chance = {name: np.full(len(limits), np.nan) for name in peptides}
    chance["unselected"] = np.empty(len(limits))
    for i, limit in enumerate(limits.tolist()):
        here = host.at(host.thresholds.moved(limit))
        outcome = here.outcome(lowest)
        chance["unselected"][i] = Mature(here, residues, offsets).recognition(peptides["foreign"]).mean
        for o in Outcome:
            shares[o.name][i] = (outcome == o).mean()
        alive = outcome == Outcome.survives
        if alive.sum() >= FEWEST:
            cells = Mature(here, residues, offsets).kept(alive)
            for name, seen in peptides.items():
                chance[name][i] = cells.recognition(seen).mean
    return Course(np.array([kt(x) for x in limits.tolist()]), shares, chance)
