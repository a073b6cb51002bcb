"""What every registered population gives: traits of patients, jointly, for those whom a trial takes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import StudyError
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from thymos.io.study_schema import Eligible

Floats = NDArray[np.float64]
Words = NDArray[Any]
Uniform = Callable[[str], Floats]
"""Uniform numbers in [0, 1) for a named decision (patient,)."""


@dataclass(frozen=True)
class Traits:
    """Patients as they come to transplant; arrays (patient,)."""

    age: Floats
    """Age [year]."""
    female: NDArray[np.bool_]
    diagnosis: Words
    status: Words
    """Of the disease: early (first remission, or MDS without blasts), intermediate (second remission) or advanced;
    none where there is no such thing."""
    donor: Words
    infected: Floats
    """1 where an infection is active at transplant."""


@dataclass(frozen=True)
class Given:
    """What is drawn elsewhere and kept, for example by an age distribution of the study (patient,)."""

    age: Floats | None = None
    diagnosis: Words | None = None


class Registry(ABC):
    """A population from published tables. Drawing needs one uniform number per patient and decision."""

    name: str
    text: str
    diagnoses: tuple[str, ...]
    donors: tuple[str, ...]
    statuses: tuple[str, ...]

    @abstractmethod
    def draw(self, n: int, uniform: Uniform, eligible: Eligible | None, given: Given) -> Traits:
        """`n` patients whom the trial takes; traits that are given keep their values, and the rest depends on them."""

    @abstractmethod
    def sources(self) -> tuple[str, ...]:
        """Keys of references.bib that it rests on."""

    def check(self, eligible: Eligible | None, diagnoses: Collection[str], where: str) -> None:
        """Raise `StudyError` that names the field where nobody could be taken.

        diagnoses : those that the study gives itself;  where : the study, for messages
        """
        self._known("population.diagnosis", diagnoses, self.diagnoses, where)
        if eligible is None:
            return
        self._known("population.eligible.diagnosis", eligible.diagnosis or (), self.diagnoses, where)
        self._known("population.eligible.status", eligible.status or (), self.statuses, where)
        self._known("population.eligible.donor", eligible.donor or (), self.donors, where)
        if self.share(eligible) <= 0:
            got = "ages, statuses or donors that none of them has"
            raise StudyError(f"{where} [population.eligible]", f"some patients of {self.name}", got)

    def _known(self, field: str, levels: Collection[str], known: tuple[str, ...], where: str) -> None:
        for level in levels:
            if level not in known:
                wanted = f"one of {', '.join(known)}" if known else f"none, as {self.name} has no such trait"
                raise StudyError(f"{where} [{field}]", wanted, level, nearest(level, known))

    @abstractmethod
    def share(self, eligible: Eligible) -> float:
        """Share of the population that the trial takes."""
