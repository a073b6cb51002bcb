"""One person: the self peptides of their thymus, and which receptors come out of it.

Every host has a self set of their own, drawn from a stream of their own: how many cells survive, and which foreign
peptides no survivor answers, differs from host to host, and one fixed self set would hide it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from thymos.biology.repertoire.selection.affinity import Recognised, recognised, strongest
from thymos.biology.repertoire.selection.contacts import contacts_of
from thymos.biology.repertoire.selection.peptides import random_peptides
from thymos.lang.errors import StudyError
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.biology.repertoire.receptors import Receptors
    from thymos.biology.repertoire.selection.contact_energy import Energies
    from thymos.biology.repertoire.selection.thresholds import Thresholds

    Residues = NDArray[np.uint8]
    Hundredths = NDArray[np.int16]
    Floats = NDArray[np.float64]


class Outcome(IntEnum):
    """What becomes of a thymocyte."""

    neglected = 0
    survives = 1
    deleted = 2


@dataclass(frozen=True)
class Recognition:
    """How many of some cells recognise each peptide.

    hits  : cells that do (peptide,)
    cells : how many were asked
    """

    hits: NDArray[np.int64]
    cells: int

    @property
    def probability(self) -> Floats:
        """Chance that one cell recognises each peptide (peptide,); not a number without cells."""
        return self.hits / self.cells if self.cells else np.full(len(self.hits), np.nan)

    @property
    def error(self) -> Floats:
        """Its standard error (peptide,), from the number of cells asked; 0 where none recognised it: see `upper`."""
        p = self.probability
        return np.sqrt(p * (1 - p) / max(self.cells, 1))

    @property
    def upper(self) -> Floats:
        """Upper end of its exact 95 % interval (peptide,): 3.7 over the number of cells where there was no hit."""
        from scipy.special import betaincinv

        some = self.hits < self.cells
        rest = np.where(some, self.cells - self.hits, 1)
        return np.where(some, betaincinv(self.hits + 1.0, rest, 0.975), 1.0)

    @property
    def mean(self) -> float:
        """Chance that one cell recognises one of these peptides."""
        return float(self.hits.mean() / self.cells) if self.cells and len(self.hits) else float("nan")


@dataclass(frozen=True)
class Host:
    """One person's thymus.

    thymic     : contact residues of the self peptides that thymocytes meet (peptide, contact)
    hidden     : of those that they do not meet there
    energies   : how receptors bind
    thresholds : E_n, E_p and that of recognition
    by_v       : what a receptor of each V gene binds the host's HLA itself with [0.01 kT] (V gene,); E_c
    workers    : threads; results do not depend on it

    Raises `StudyError` where a bond could leave 16 bits.
    """

    thymic: Residues
    hidden: Residues
    energies: Energies
    thresholds: Thresholds
    by_v: Hundredths | None = None
    workers: int = 1

    def __post_init__(self) -> None:
        if self.by_v is not None:
            from thymos.biology.repertoire.selection.contact_energy import check_range

            check_range(self.energies.largest + int(np.abs(self.by_v.astype(np.int64)).max(initial=0)))

    def at(self, thresholds: Thresholds) -> Self:
        """The same person with other thresholds."""
        return replace(self, thresholds=thresholds)

    @property
    def self_peptides(self) -> Residues:
        """All of them, met in the thymus or not (peptide, contact)."""
        return np.concatenate((self.thymic, self.hidden))

    def strongest_self(self, receptors: Receptors, alpha: Receptors | None = None) -> Hundredths:
        """Strongest bond of each receptor with self in the thymus [0.01 kT] (chain,)."""
        residues, offsets = self.binding(receptors, alpha)
        return strongest(residues, self.thymic, self.energies, offsets, self.workers)

    def select(self, receptors: Receptors, alpha: Receptors | None = None) -> NDArray[np.int8]:
        """The `Outcome` of each receptor (chain,); `alpha` where energies are of both chains."""
        return self.outcome(self.strongest_self(receptors, alpha))

    def outcome(self, lowest: Hundredths) -> NDArray[np.int8]:
        """The `Outcome` (chain,) of receptors by their strongest bond with self in the thymus [0.01 kT]."""
        found = np.full(len(lowest), Outcome.survives, dtype=np.int8)
        found[lowest <= self.thresholds.negative] = Outcome.deleted
        if self.thresholds.positive is not None:
            found[lowest > self.thresholds.positive] = Outcome.neglected
        return found

    def mature(self, receptors: Receptors, alpha: Receptors | None = None) -> Mature:
        """The cells that come out of this thymus."""
        residues, offsets = self.binding(receptors, alpha)
        lowest = strongest(residues, self.thymic, self.energies, offsets, self.workers)
        return Mature(self, residues, offsets).kept(self.outcome(lowest) == Outcome.survives)

    def recognition(
        self, peptides: Residues, receptors: Receptors, alpha: Receptors | None = None
    ) -> Recognition:
        """Chance of each peptide that one cell which came out of this thymus recognises it, with its error.

        peptides  : contact residues (peptide, contact)
        receptors : before selection; the more of them survive, the smaller the error
        """
        return self.mature(receptors, alpha).recognition(peptides)

    def binding(
        self, receptors: Receptors, alpha: Receptors | None = None
    ) -> tuple[Residues, Hundredths | None]:
        """Contact residues (chain, contact), those of alpha behind, and the bond with HLA (chain,)."""
        residues = contacts_of(receptors, self.energies.contacts)
        if alpha is not None:
            residues = np.concatenate((residues, contacts_of(alpha, self.energies.contacts)), axis=1)
        return residues, None if self.by_v is None else self.by_v[receptors.v]


@dataclass(frozen=True)
class Mature:
    """Cells that came out of a thymus: contact residues (cell, contact) and bond with HLA [0.01 kT] (cell,)."""

    host: Host
    residues: Residues
    offsets: Hundredths | None

    def __len__(self) -> int:
        return len(self.residues)

    def kept(self, which: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Mature:
        """Some of the cells."""
        return Mature(self.host, self.residues[which], None if self.offsets is None else self.offsets[which])

    def recognised(self, peptides: Residues) -> Recognised:
        """How many peptides each cell recognises, and how many cells each peptide."""
        host = self.host
        limit = host.thresholds.recognition
        return recognised(self.residues, peptides, host.energies, limit, self.offsets, host.workers)

    def recognition(self, peptides: Residues) -> Recognition:
        """Chance of each peptide that one of these cells recognises it."""
        return Recognition(self.recognised(peptides).by_peptide, len(self))

    @cached_property
    def strongest_self(self) -> Hundredths:
        """Strongest bond of each cell with self in the thymus [0.01 kT] (cell,)."""
        host = self.host
        return strongest(self.residues, host.thymic, host.energies, self.offsets, host.workers)


def drawn_host(
    seed: int,
    patient: int,
    energies: Energies,
    thresholds: Thresholds,
    self_peptides: int | Residues,
    presented: float,
    workers: int = 1,
) -> Host:
    """A host whose self set, and the part of it that the thymus presents, are chance of their own.

    self_peptides : how many are drawn, or the contact residues of all (peptide, contact)
    presented     : share of them that thymocytes meet

    Raises `StudyError` where no peptide is presented.
    """
    rng = stream(seed, "repertoire.self", patient)
    if isinstance(self_peptides, int):
        every = random_peptides(self_peptides, rng, energies.contacts)
    else:
        every = rng.permutation(self_peptides)
    met = round(presented * len(every))
    if not 0 < presented <= 1 or met < 1:
        raise StudyError(
            "self peptides", "at least one that the thymus presents", f"{presented:g} of {len(every)}"
        )
    return Host(every[:met], every[met:], energies, thresholds, workers=workers)
