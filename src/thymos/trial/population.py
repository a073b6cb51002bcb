"""Virtual patients: their covariates, drawn from the study and from the platform's own variability."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.biology.risk.clinical_course import CHANCES, exponential
from thymos.evidence.datasets.body_weight import body_weight
from thymos.io.study_schema import Population as Section
from thymos.lang.streams import stream
from thymos.therapy import THERAPIES
from thymos.therapy.genotype import host_of
from thymos.therapy.posterior import NOTHING, Posterior, posterior
from thymos.therapy.preparation import conditioning
from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import Block, Sample, join, sample, values_of
from thymos.trial.draw import draw
from thymos.trial.recorded import recorded
from thymos.trial.traits import People, drawn, joined_people

if TYPE_CHECKING:
    from collections.abc import Mapping

    from thymos.io.study_schema import Study
    from thymos.lang.model import Model

Floats = NDArray[np.float64]
NEVER = np.inf
GRAFT_T_CELLS = ("graft_naive_share", "graft_cd4_share", "graft_burst", "residual_t_cells")
OLDER = 3.5 / 12  # year; age from which the risk of death is higher (P198)
SHAPE = 2000  # patients drawn to learn how many are older infants, and infected


@dataclass(frozen=True)
class Population:
    """Patients of one block; arrays (patient,)."""

    parameters: Sample
    """Recipient parameters by full name."""
    covariates: Sample
    """Covariates of the recipient, without dose and day."""
    people: People
    """Who they are."""
    severe: NDArray[np.bool_]
    """Whether acute GvHD, if it comes, is III-IV."""
    risk: Floats
    """Factor on non-relapse mortality."""
    chance: Sample
    """Uniform numbers that decide the course of events."""

    @property
    def size(self) -> int:
        """Number of patients."""
        return len(self.severe)

    @property
    def diagnosis(self) -> NDArray[Any]:
        """Diagnosis or genotype."""
        return self.people.diagnosis

    def at(self, which: NDArray[np.intp]) -> Population:
        """Some of them, in this order; one may come again and again."""
        return Population(
            parameters={name: x[which] for name, x in self.parameters.items()},
            covariates={name: x[which] for name, x in self.covariates.items()},
            people=self.people.at(which),
            severe=self.severe[which],
            risk=self.risk[which],
            chance={name: x[which] for name, x in self.chance.items()},
        )


def joined(parts: list[Population]) -> Population:
    """Blocks one after the other."""
    return Population(
        parameters=join(part.parameters for part in parts),
        covariates=join(part.covariates for part in parts),
        people=joined_people(part.people for part in parts),
        severe=np.concatenate([part.severe for part in parts]),
        risk=np.concatenate([part.risk for part in parts]),
        chance=join(part.chance for part in parts),
    )


def models_of(study: Study) -> tuple[Model, ...]:
    """Every model whose values make up a patient: the recipient, and the platform of its transplant.

    Patients from a file carry what the platform did to them, so its values are not among those of the study.
    """
    platform = () if study.population.file is not None else (THERAPIES[study.therapy](),)
    return (*recipient_models(), *platform)


def learnt_by(study: Study) -> Posterior:
    """What the study takes from data."""
    return posterior() if study.knowledge == "posterior" else NOTHING


def population(
    study: Study,
    seed: int,
    block: Block,
    fixed: Mapping[str, float] | None = None,
    learnt: Posterior | None = None,
) -> Population:
    """The patients of one block; the same for every arm.

    fixed : typical values that are given rather than drawn, by full name
    learnt : joint draws of typical values and switches; as the study says where not given
    """
    if study.population.file is not None:
        return _from_file(study, seed, block)
    values = sample(models_of(study), seed, block, fixed, learnt or learnt_by(study))
    return Recruiter(study, seed, block, values, np.arange(block.size)).population()


def under(
    typical: Mapping[str, Floats], study: Study, seed: int, block: Block, which: NDArray[np.intp]
) -> Population:
    """Patients of a block, each under typical values of its own: row r is patient `which[r]` of the block.

    typical : values by full name (row,); the others are as they stand in their rows of evidence
    A patient has the same ranks among patients, covariates and chances in every row. Patients from a file keep what
    they have, apart from the values given here.
    """
    values = {}
    for name, value in values_of(models_of(study)).items():
        middle = np.broadcast_to(np.asarray(typical.get(name, value.value), dtype=np.float64), which.shape)
        u = 1.0 - stream(seed, f"variability.{name}", block.draw, block.part).random(block.size)[which]
        spread = (middle > 0) & np.isfinite(middle) & (not value.variability.fixed)
        values[name] = np.where(spread, value.individual(u, np.where(spread, middle, value.value)), middle)
    if study.population.file is None:
        return Recruiter(study, seed, block, values, which).population()
    found = _from_file(study, seed, block).at(which)
    return replace(found, parameters=found.parameters | {n: x for n, x in values.items() if n in typical})


def _from_file(study: Study, seed: int, block: Block) -> Population:
    """Patients as the study's population file has them; their courses are of this trial's own chance."""
    found = recorded(study.population, seed, block)
    chance = {
        name: stream(seed, f"population.course {name}", block.draw, block.part).random(block.size)
        for name in CHANCES
    }
    return Population(found.parameters, found.covariates, found.people, found.severe, found.risk, chance)


class Recruiter:
    """Draws the patients of one block; every decision has a name, and its chance comes from `rng` of that name."""

    people: People

    def __init__(
        self, study: Study, seed: int, block: Block, values: Sample, which: NDArray[np.intp]
    ) -> None:
        self.study, self.seed, self.block, self.which = study, seed, block, which
        self.n = len(which)
        own = f"{THERAPIES[study.therapy].named()}."
        self.parameters = {name: x for name, x in values.items() if not name.startswith(own)}
        self.platform = {name.removeprefix(own): x for name, x in values.items() if name.startswith(own)}

    def rng(self, name: str) -> np.random.Generator:
        """The stream of one decision, from its beginning."""
        return stream(self.seed, f"population.{name}", self.block.draw, self.block.part)

    def uniform(self, name: str) -> Floats:
        """Uniform numbers of one decision (patient,)."""
        return np.asarray(self.rng(name).random(self.block.size)[self.which])

    def of(self, name: str, distribution: Any) -> Floats:
        """Values of one decision from a distribution of the study (patient,)."""
        return np.asarray(draw(distribution, self.rng(name), self.block.size)[self.which])

    def weight(self, age: Floats) -> Floats:
        """Body weight [kg] by age [year] and sex."""
        spread = self.rng("weight").standard_normal(self.block.size)[self.which]
        return body_weight(age, self.people.female, spread)

    def population(self) -> Population:
        """The patients of the block."""
        people = self.people = drawn(self.study.population, self.block.size, self.rng).at(self.which)
        severe = self.uniform("grade") < self.platform["severe_share"]
        covariates = {
            **self._transplant(people.diagnosis),
            **self._hazards(people.residual_disease, severe),
            **self._steroid(),
            "age": people.age,
            "weight": self.weight(people.age),
            "cmv": np.maximum(people.cmv_recipient, people.cmv_donor),
            "healthy": np.zeros(self.n),
            "second_dose": np.zeros(self.n),
            "second_infusion_day": np.full(self.n, NEVER),
        }
        chance = {name: self.uniform(f"course {name}") for name in CHANCES}
        return Population(self.parameters, covariates, people, severe, self._risk(people), chance)

    def _steroid(self) -> Sample:
        given = self.study.conditioning.steroid
        first, last = (NEVER, NEVER) if given is None else (given.from_day, given.to_day)
        return {"steroid_start": np.full(self.n, first), "steroid_end": np.full(self.n, last)}

    def _transplant(self, diagnosis: NDArray[Any]) -> Sample:
        study, platform = self.study, self.platform
        hosts = np.array([host_of(str(d)) for d in diagnosis]).reshape(self.n, 3)
        engraftment, chimerism = study.graft.engraftment_day, study.graft.donor_chimerism
        drugs = study.conditioning
        none = np.zeros(self.n)
        atg = none if drugs.atg is None else self.of("atg dose", drugs.atg.dose)
        alemtuzumab = (
            none if drugs.alemtuzumab is None else self.of("alemtuzumab dose", drugs.alemtuzumab.dose)
        )
        return {
            **conditioning(drugs, platform, atg, alemtuzumab),
            "engraftment_day": platform["engraftment_day"]
            if engraftment is None
            else self.of("engraftment", engraftment),
            "chimerism": platform["chimerism"] if chimerism is None else self.of("chimerism", chimerism),
            "graft_t_cells": self.of("graft T cells", study.graft.cd3_dose),
            **{name: platform[name] for name in GRAFT_T_CELLS},
            "initial_nk": platform["initial_nk"] * hosts[:, 2],
            "rituximab_doses": platform["rituximab_doses"],
            "host_progenitors": hosts[:, 0],
            "host_block": hosts[:, 1],
        }

    def _hazards(self, residual: Floats, severe: NDArray[np.bool_]) -> Sample:
        platform = self.platform
        same = (
            "gvhd_baseline",
            "infection_baseline",
            "mortality_baseline",
            "reference_cd4",
            "reference_cd4_slope",
            "reference_nk",
            "reference_cd4_allo",
            "reference_naive",
            "reference_naive_slope",
        )
        return {
            **{name: platform[name] for name in same},
            "relapse_baseline": platform["relapse_baseline"] * platform["residual_disease_ratio"] ** residual,
            "gvhd_threshold": exponential(self.uniform("gvhd")),
            "gvhd_severity": np.where(severe, 1.0, platform["moderate_severity"]),
        }

    def _risk(self, people: People) -> Floats:
        """Factor on non-relapse mortality, 1 on average: published survival is that of a whole population."""
        if self.study.therapy != "haploidentical-scid":
            return np.ones(self.n)
        p = self.parameters
        ratios = (p["mortality.active_infection_ratio"], p["mortality.older_infant_ratio"])
        has = (people.infected, (people.age >= OLDER).astype(np.float64))
        among = shape(self.study.population)
        mean = sum(among[i, j] * ratios[0] ** i * ratios[1] ** j for i in (0, 1) for j in (0, 1))
        return np.asarray(ratios[0] ** has[0] * ratios[1] ** has[1] / mean)


def shape(people: Section) -> Floats:
    """Share of patients by infection and by being an older infant (2, 2); the same for every seed."""
    return _shape(people.model_dump_json(exclude_none=True))


@lru_cache(maxsize=8)
def _shape(text: str) -> Floats:
    people = Section.model_validate_json(text)
    many = drawn(people, SHAPE, lambda name: stream(0, f"population.{name} shape"))
    older = many.age >= OLDER
    found = np.empty((2, 2))
    for j, here in enumerate((~older, older)):
        # A share that the study gives is taken as it is, not as it happened to come out.
        said = people.infection_at_transplant
        share = float(many.infected[here].sum()) / max(int(here.sum()), 1) if said is None else said
        found[:, j] = np.mean(here) * np.array([1 - share, share])
    return found
