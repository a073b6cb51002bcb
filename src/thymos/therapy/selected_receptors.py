"""Receptors of one patient's clones, as the thymus that made them lets them out, and whom they recognise.

Clones of graft stem cells, of infused progenitors and of the host come out of the patient's own thymus, mature cells of
the graft out of the donor's. Every receptor binds a peptide with the same energy wherever it is; the two thymuses
differ in their self peptides. That they share none makes mature cells of the graft as alloreactive as can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.biology.repertoire.receptors import Receptors, joined
from thymos.biology.repertoire.selection.calibrated import calibrated
from thymos.biology.repertoire.selection.contact_energy import random_energies
from thymos.biology.repertoire.selection.contacts import random_receptors
from thymos.biology.repertoire.selection.host import Host, Mature, Outcome, drawn_host
from thymos.biology.repertoire.selection.pathogen import KINDS, USUAL, pathogen
from thymos.biology.repertoire.selection.peptides import random_peptides
from thymos.biology.repertoire.selection.thresholds import around, value
from thymos.biology.repertoire.vdj.drawn import BLOCK, Sampler
from thymos.lang.errors import RunError
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from thymos.biology.repertoire.vdj.recombination import Recombination

Counts = NDArray[np.int64]
PATIENT, DONOR = 0, 1
DONORS = ("G",)
"""Origins whose cells were selected by the donor."""
CALIBRATING, FOREIGN = 20_000, 500
START = -27.0  # kT; any other E_n gives the same after calibration
MOST_ROUNDS = 60
"""Rounds of as many receptors as are wanted, of which a quarter usually survive."""


@dataclass(frozen=True)
class Thymuses:
    """Patient and donor, each with a self set of their own; one of each for a seed."""

    seed: int
    workers: int = 1

    @cached_property
    def hosts(self) -> tuple[Host, Host]:
        """Patient and donor, with one threshold, calibrated as `thymos selection` does."""
        energies = random_energies(self.seed, 0)
        limits = around(START, value("window"))
        drawn = [
            drawn_host(
                self.seed,
                who,
                energies,
                limits,
                int(value("self_peptides")),
                value("presented"),
                self.workers,
            )
            for who in (PATIENT, DONOR)
        ]
        rng = stream(self.seed, "selected receptors.calibration")
        some, foreign = random_receptors(CALIBRATING, rng), random_peptides(FOREIGN, rng)
        found = calibrated(drawn[:1], some, foreign, value("foreign_recognition"))
        return drawn[0].at(found), drawn[1].at(found)

    def mature(self, origin: np.str_ | str) -> Host:
        """Whose thymus cells of an origin come out of."""
        return self.hosts[DONOR if origin in DONORS else PATIENT]

    def receptors(self, model: Recombination, origin: NDArray[np.str_]) -> Receptors:
        """One receptor for each clone of an origin (clone,), drawn from `model` until its thymus lets it out."""
        donors = np.isin(origin, DONORS)
        ours = self._survivors(model, int((~donors).sum()), PATIENT)
        theirs = self._survivors(model, int(donors.sum()), DONOR)
        place = np.where(donors, len(ours) + np.cumsum(donors) - 1, np.cumsum(~donors) - 1)
        return joined(ours, theirs).take(place)

    def _survivors(self, model: Recombination, number: int, who: int) -> Receptors:
        sampler, host = Sampler(model), self.hosts[who]
        kept = sampler.draw(0, self.seed, bases=True)
        batch = -(-max(number, 1) // BLOCK) * BLOCK
        for i in range(MOST_ROUNDS):
            if len(kept) >= number:
                return kept.take(slice(number))
            # Patient and donor draw in turns, so that no chain is drawn for both.
            first = (2 * i + who) * batch
            drawn = sampler.draw(batch, self.seed, bases=True, workers=self.workers, first=first)
            kept = joined(kept, drawn.take(host.select(drawn) == Outcome.survives))
        raise RunError(
            "selected receptors", f"{number} that survive of {MOST_ROUNDS} times as many", f"{len(kept)}"
        )

    def recognition(
        self, receptors: Receptors, origin: NDArray[np.str_], cells: Counts
    ) -> dict[str, dict[str, float]]:
        """Share of the cells of each origin that recognise any peptide of a kind.

        cells : of each clone, over all samples (clone,)
        Kinds are `self` (what the patient's thymus presents), `hidden` (self that it does not), and those of pathogens.
        """
        patient = self.hosts[PATIENT]
        against = {"self": patient.thymic, "hidden": patient.hidden} | {
            kind: pathogen(kind, patient, USUAL[kind], self.seed).peptides for kind in KINDS
        }
        able = {
            kind: Mature(patient, *patient.binding(receptors)).recognised(peptides).by_receptor > 0
            for kind, peptides in against.items()
        }
        found = {}
        for one in sorted(set(origin.tolist())):
            mine = np.where(origin == one, cells, 0)
            total = mine.sum()
            if total:
                found[one] = {kind: float(mine[here].sum() / total) for kind, here in able.items()}
        return found
