"""Who the virtual patients of a study are, before anything is done to them: by a registry, or by shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.datasets import body_weight, cmv_seroprevalence
from thymos.evidence.datasets.transplant_recipients import shares
from thymos.trial.draw import draw
from thymos.trial.registries import registry_of
from thymos.trial.registries.registry import Given, Traits

if TYPE_CHECKING:
    from thymos.io.study_schema import Population as Section

Floats = NDArray[np.float64]
Words = NDArray[Any]
Rng = Callable[[str], np.random.Generator]
"""The stream of a named decision, from its beginning at each call."""
LEUKAEMIAS = ("aml", "all")


@dataclass(frozen=True)
class People:
    """Traits of patients; arrays (patient,), flags as 0 and 1."""

    age: Floats
    """Age [year]."""
    female: Floats
    diagnosis: Words
    disease_status: Words
    donor: Words
    infected: Floats
    residual_disease: Floats
    cmv_recipient: Floats
    cmv_donor: Floats

    def at(self, index: NDArray[np.int64]) -> People:
        """Some of them, in this order."""
        return People(**{f.name: getattr(self, f.name)[index] for f in fields(self)})


def joined_people(parts: Iterable[People]) -> People:
    """One after the other."""
    listed = list(parts)
    return People(
        **{f.name: np.concatenate([getattr(part, f.name) for part in listed]) for f in fields(People)}
    )


def drawn(people: Section, n: int, rng: Rng) -> People:
    """`n` patients of a study that names a registry, or gives shares of each trait."""
    who = _by_shares(people, n, rng) if people.registry is None else _by_registry(people, n, rng)
    recipient = _happens(rng, "cmv", _cmv(people, who), n)
    return People(
        age=who.age,
        female=who.female.astype(np.float64),
        diagnosis=who.diagnosis,
        disease_status=who.status,
        donor=who.donor,
        infected=who.infected,
        residual_disease=_residual(people, who, rng("residual disease").random(n)),
        cmv_recipient=recipient,
        cmv_donor=_happens(rng, "donor cmv", _donor_cmv(people, recipient), n),
    )


def sources_of(people: Section) -> frozenset[str]:
    """Keys of references.bib that traits rest on; of a file, what it was made from has said it."""
    if people.file is not None:
        return frozenset()
    keys = {row["source"] for row in body_weight.CODEBOOK.read()}
    if people.registry is not None:
        keys |= {row["source"] for row in cmv_seroprevalence.CODEBOOK.read()}
        keys |= set(registry_of(people).sources())
    return frozenset(keys)


def _by_shares(people: Section, n: int, rng: Rng) -> Traits:
    """Each trait for itself. The schema has seen to it that each is said."""
    donor = {} if people.donor is None else people.donor.match or {}
    return Traits(
        age=draw(people.age, rng("age"), n),  # type: ignore[arg-type]  # the schema asks for it here
        female=rng("sex").random(n) < (people.female or 0.0),
        diagnosis=_words(people.diagnosis or {}, rng("diagnosis"), n),
        status=np.full(n, "none"),
        donor=_words(donor, rng("donor"), n),
        infected=_happens(rng, "infection", people.infection_at_transplant or 0.0, n),
    )


def _by_registry(people: Section, n: int, rng: Rng) -> Traits:
    """As the registry has them; what the study gives as well stands, and the rest depends on it."""
    given = Given(
        age=None if people.age is None else draw(people.age, rng("age"), n),
        diagnosis=None if people.diagnosis is None else _words(people.diagnosis, rng("diagnosis"), n),
    )
    who = registry_of(people).draw(n, lambda name: rng(name).random(n), people.eligible, given)
    own = {f.name: getattr(who, f.name) for f in fields(who)}
    if people.female is not None:
        own["female"] = rng("sex").random(n) < people.female
    if people.donor is not None and people.donor.match is not None:
        own["donor"] = _words(people.donor.match, rng("donor"), n)
    if people.infection_at_transplant is not None:
        own["infected"] = _happens(rng, "infection", people.infection_at_transplant, n)
    return Traits(**own)


def _cmv(people: Section, who: Traits) -> float | Floats:
    if people.cmv_positive is not None:
        return people.cmv_positive
    return cmv_seroprevalence.cmv_seroprevalence(who.age, who.female)


def _donor_cmv(people: Section, recipient: Floats) -> float | Floats:
    """Chance that the donor is positive: donors of positive patients more often are."""
    if people.donor is not None and people.donor.cmv_positive is not None:
        return people.donor.cmv_positive
    negative, positive = (
        shares("leukaemia", f"cmv_recipient_{name}")["positive"] for name in ("negative", "positive")
    )
    return np.where(recipient > 0, positive, negative)


def _residual(people: Section, who: Traits, u: Floats) -> Floats:
    """Leukaemia beyond remission is disease that anyone can measure."""
    beyond = np.isin(who.diagnosis, LEUKAEMIAS) & (who.status == "advanced")
    return np.where(beyond, 1.0, (u < people.residual_disease).astype(np.float64))


def _happens(rng: Rng, name: str, share: float | Floats, n: int) -> Floats:
    return np.asarray((rng(name).random(n) < share).astype(np.float64))


def _words(shares: Mapping[str, float], rng: np.random.Generator, n: int) -> Words:
    return rng.choice(list(shares), size=n, p=np.array(list(shares.values())))
