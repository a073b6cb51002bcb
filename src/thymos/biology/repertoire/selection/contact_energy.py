"""How strongly the residues of a receptor bind those of a peptide: random energies, or a table of residues.

Energies are integers of 0.01 kT, negative where residues attract. For each receptor they form a table (contact,
residue of the peptide), and a bond is the sum of one entry for each contact. Random energies are the default: tables
of residues from protein structures predict a repertoire poor in hydrophobic residues, which blood does not show.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.biology.repertoire.genetic_code import NO_RESIDUE
from thymos.biology.repertoire.kernel import outer
from thymos.biology.repertoire.selection.lanes import HIGHEST
from thymos.biology.repertoire.selection.thresholds import HUNDREDTHS
from thymos.biology.repertoire.xoshiro import key as key_of
from thymos.biology.repertoire.xoshiro import mixed
from thymos.evidence.datasets.contact_energies import contact_energies
from thymos.evidence.datasets.residue_frequencies import residue_frequencies
from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Residues = NDArray[np.uint8]
    Tables = NDArray[np.int16]

GRAIN = 1 << 16
"""Quantiles of a random energy, one for each 16 random bits."""


class Energies(ABC):
    """Interface: the energies of receptors."""

    @property
    @abstractmethod
    def contacts(self) -> int:
        """Residues of a peptide that are touched."""

    @property
    @abstractmethod
    def largest(self) -> int:
        """No bond is stronger or weaker than this [0.01 kT]."""

    @abstractmethod
    def tables(self, residues: Residues) -> Tables:
        """Energies [0.01 kT] (chain, contact, residue of the peptide) of receptors by their contact residues.

        A contact that a short receptor lacks, `NO_RESIDUE`, has energy 0.
        """


@dataclass(frozen=True)
class OfResidues(Energies):
    """Each contact has a table of pairs of residues, the same for all receptors.

    pairs : energies [0.01 kT] (contact, residue of the receptor, residue of the peptide)

    Raises `StudyError` where a sum of them would not fit 16 bits.
    """

    pairs: Tables

    def __post_init__(self) -> None:
        check_range(self.largest)

    @property
    def contacts(self) -> int:
        """Residues of a peptide that are touched."""
        return len(self.pairs)

    @property
    def largest(self) -> int:
        """No bond is stronger or weaker than this [0.01 kT]."""
        return int(np.abs(self.pairs.astype(np.int64)).max(axis=(1, 2)).sum())

    def tables(self, residues: Residues) -> Tables:
        """Energies [0.01 kT] (chain, contact, residue of the peptide)."""
        lacking = np.zeros((self.contacts, 1, 20), dtype=np.int16)
        pairs = np.concatenate((self.pairs, lacking), axis=1)
        return np.asarray(pairs[np.arange(self.contacts), np.minimum(residues, 20)])


@dataclass(frozen=True)
class OfReceptors(Energies):
    r"""Each receptor has energies of its own, drawn by its contact residues: another receptor, other energies.

    $$ W_t(i, a) \sim N(\mu, \sigma^2) $$

    independently for receptor t, contact i and residue a of the peptide, with the moments that a table of residues
    has among human proteins. The same receptor has the same energies wherever it is met, as what is drawn is a hash
    of its residues. Reference: `george2017`.

    key      : the number that all of them follow from
    contacts : residues of a peptide that are touched
    mean, sd : of one energy [kT]
    """

    key: np.uint64
    touched: int
    mean: float
    sd: float

    def __post_init__(self) -> None:
        check_range(self.largest)

    @property
    def contacts(self) -> int:
        """Residues of a peptide that are touched."""
        return self.touched

    @property
    def largest(self) -> int:
        """No bond is stronger or weaker than this [0.01 kT]."""
        return self.touched * int(np.abs(self._wide()).max())

    def tables(self, residues: Residues) -> Tables:
        """Energies [0.01 kT] (chain, contact, residue of the peptide)."""
        found = np.empty((len(residues), self.touched, 20), dtype=np.int16)
        hashed(np.ascontiguousarray(residues), self.key, self._wide().astype(np.int16), found)
        return found

    def _wide(self) -> NDArray[np.int64]:
        """The quantiles [0.01 kT] (GRAIN,)."""
        return np.rint(HUNDREDTHS * (self.mean + self.sd * _normal_quantiles())).astype(np.int64)


@dataclass(frozen=True)
class Weighted(Energies):
    """Contacts that count more or less than others: energies times a weight for each. Reference: `chen2018`."""

    energies: Energies
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.weights) != self.energies.contacts or not np.isfinite(self.weights).all():
            raise StudyError(
                "weights of contacts", f"{self.energies.contacts} finite numbers", f"{self.weights}"
            )
        check_range(self.largest)

    @property
    def contacts(self) -> int:
        """Residues of a peptide that are touched."""
        return self.energies.contacts

    @property
    def largest(self) -> int:
        """No bond is stronger or weaker than this [0.01 kT]."""
        return int(np.ceil(self.energies.largest * max(map(abs, self.weights))))

    def tables(self, residues: Residues) -> Tables:
        """Energies [0.01 kT] (chain, contact, residue of the peptide), rounded."""
        plain = self.energies.tables(residues)
        return np.asarray(np.rint(plain * np.array(self.weights)[:, None]).astype(np.int16))


@dataclass(frozen=True)
class Paired(Energies):
    """Both chains on the same residues of the peptide: contact residues of beta, then as many of alpha."""

    beta: Energies
    alpha: Energies

    def __post_init__(self) -> None:
        if self.beta.contacts != self.alpha.contacts:
            got = f"{self.beta.contacts} and {self.alpha.contacts}"
            raise StudyError("energies of both chains", "as many contacts of beta as of alpha", got)
        check_range(self.largest)

    @property
    def contacts(self) -> int:
        """Residues of a peptide that are touched."""
        return self.beta.contacts

    @property
    def largest(self) -> int:
        """No bond is stronger or weaker than this [0.01 kT]."""
        return self.beta.largest + self.alpha.largest

    def tables(self, residues: Residues) -> Tables:
        """Energies [0.01 kT] (chain, contact, residue of the peptide), the sum of both chains."""
        beta, alpha = residues[:, : self.contacts], residues[:, self.contacts :]
        return np.asarray(self.beta.tables(beta) + self.alpha.tables(alpha))


def check_range(largest: int) -> None:
    """Refuse energies whose sums [0.01 kT] leave 16 bits: contacts x largest |100 J| must stay below 32,767."""
    if largest >= HIGHEST:
        raise StudyError(
            "energies of contacts",
            f"bonds, the largest energies of all contacts together, below {HIGHEST / HUNDREDTHS:g} kT",
            f"{largest / HUNDREDTHS:g} kT",
            "energies are in kT: divide them, or take fewer contacts",
        )


def miyazawa_jernigan(contacts: int = 5) -> OfResidues:
    """The table of Miyazawa and Jernigan at every contact. Reference: `miyazawa1996`."""
    return of_table(contact_energies(), contacts)


def of_table(pairs: NDArray[np.integer], contacts: int = 5) -> OfResidues:
    """One table [0.01 kT] (residue of the receptor, residue of the peptide) at every contact."""
    wide = np.asarray(pairs, dtype=np.int64)
    check_range(contacts * int(np.abs(wide).max()))  # before 16 bits cut them
    return OfResidues(np.repeat(wide[None], contacts, axis=0).astype(np.int16))


def moments() -> tuple[float, float]:
    """Mean and standard deviation [kT] of a contact between residues of human proteins: -2.957 and 1.517.

    References: `miyazawa1996`, `yin2024`.
    """
    shares, energy = residue_frequencies(), contact_energies() / HUNDREDTHS
    mean = float(shares @ energy @ shares)
    return mean, float(np.sqrt(shares @ energy**2 @ shares - mean**2))


def random_energies(seed: int, host: int, contacts: int = 5, chain: str = "beta") -> OfReceptors:
    """Energies of their own for each receptor, with the moments of real contacts.

    A host has energies of its own too, as the same peptide in another HLA is another target.
    """
    return OfReceptors(key_of(seed, f"repertoire.energies.{chain}", host), contacts, *moments())


def random_table(seed: int, host: int, contacts: int = 5) -> OfResidues:
    """A random table of residues for each contact: receptors that share residues share energies.

    With the moments of real contacts, as `random_energies`, for what depends on similar receptors binding alike.
    """
    from thymos.lang.streams import stream

    mean, sd = moments()
    drawn = stream(seed, "repertoire.energies.table", host).normal(mean, sd, (contacts, 20, 20))
    return OfResidues(np.rint(HUNDREDTHS * drawn).astype(np.int16))


def _normal_quantiles() -> NDArray[np.float64]:
    from scipy.special import ndtri

    return np.asarray(ndtri((np.arange(GRAIN) + 0.5) / GRAIN))


@outer
def hashed(residues: Any, key: np.uint64, quantiles: Any, tables: Any) -> None:
    """Tables whose entries are quantiles picked by 16 bits each of a hash of the receptor's residues."""
    chains, contacts, amino = tables.shape
    for t in range(chains):
        state = key
        for i in range(contacts):
            state = mixed(state ^ mixed(np.uint64(residues[t, i]) + np.uint64(0x9E3779B97F4A7C15)))
        word = np.uint64(0)
        for k in range(contacts * amino):
            if k % 4 == 0:
                state += np.uint64(0x9E3779B97F4A7C15)
                word = mixed(state)
            i = k // amino
            here = quantiles[word & np.uint64(0xFFFF)]
            tables[t, i, k % amino] = 0 if residues[t, i] == NO_RESIDUE else here
            word >>= np.uint64(16)
