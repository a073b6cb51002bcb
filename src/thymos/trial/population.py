"""Virtual patients: their covariates, drawn from the study and from the platform's own variability."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.biology.recipient.body import Body
from thymos.biology.risk.clinical_course import CHANCES, exponential
from thymos.lang.streams import stream
from thymos.therapy import THERAPIES
from thymos.therapy.genotype import host_of
from thymos.therapy.posterior import NOTHING, Posterior, posterior
from thymos.therapy.preparation import conditioning
from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import Block, Sample, join, sample, values_of
from thymos.trial.draw import draw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from thymos.io.study_schema import Study
    from thymos.lang.model import Model

Floats = NDArray[np.float64]
WEIGHT_CV = 0.12  # spread of weight around the reference of the age; assumed, cancels in cells per kg
NEVER = np.inf
GRAFT_T_CELLS = ("graft_naive_share", "graft_cd4_share", "graft_burst", "residual_t_cells")
OLDER = 3.5 / 12  # year; age from which the risk of death is higher (P198)
SHAPE = 2000  # ages drawn to learn the share of older infants


@dataclass(frozen=True)
class Population:
    """Patients of one block; arrays (patient,)."""

    parameters: Sample
    """Recipient parameters by full name."""
    covariates: Sample
    """Covariates of the recipient, without dose and day."""
    diagnosis: NDArray[Any]
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


def joined(parts: list[Population]) -> Population:
    """Blocks one after the other."""
    return Population(
        parameters=join(part.parameters for part in parts),
        covariates=join(part.covariates for part in parts),
        diagnosis=np.concatenate([part.diagnosis for part in parts]),
        severe=np.concatenate([part.severe for part in parts]),
        risk=np.concatenate([part.risk for part in parts]),
        chance=join(part.chance for part in parts),
    )


def models_of(study: Study) -> tuple[Model, ...]:
    """Every model whose values make up a patient: the recipient and the platform of its transplant."""
    return (*recipient_models(), THERAPIES[study.therapy]())


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
    drawn = sample(models_of(study), seed, block, fixed, learnt or learnt_by(study))
    return _Recruiter(study, seed, block, drawn, np.arange(block.size)).population()


def under(
    typical: Mapping[str, Floats], study: Study, seed: int, block: Block, which: NDArray[np.intp]
) -> Population:
    """Patients of a block, each under typical values of its own: row r is patient `which[r]` of the block.

    typical : values by full name (row,); the others are as they stand in their rows of evidence
    A patient has the same ranks among patients, covariates and chances in every row.
    """
    drawn = {}
    for name, value in values_of(models_of(study)).items():
        middle = np.broadcast_to(np.asarray(typical.get(name, value.value), dtype=np.float64), which.shape)
        u = 1.0 - stream(seed, f"variability.{name}", block.draw, block.part).random(block.size)[which]
        spread = (middle > 0) & np.isfinite(middle) & (not value.variability.fixed)
        drawn[name] = np.where(spread, value.individual(u, np.where(spread, middle, value.value)), middle)
    return _Recruiter(study, seed, block, drawn, which).population()


class _Recruiter:
    def __init__(self, study: Study, seed: int, block: Block, drawn: Sample, which: NDArray[np.intp]) -> None:
        self.study, self.seed, self.block, self.which = study, seed, block, which
        self.n = len(which)
        own = f"{THERAPIES[study.therapy].named()}."
        self.parameters = {name: x for name, x in drawn.items() if not name.startswith(own)}
        self.platform = {name.removeprefix(own): x for name, x in drawn.items() if name.startswith(own)}

    def rng(self, name: str) -> np.random.Generator:
        return stream(self.seed, f"population.{name}", self.block.draw, self.block.part)

    def uniform(self, name: str) -> Floats:
        return np.asarray(self.rng(name).random(self.block.size)[self.which])

    def of(self, name: str, distribution: Any) -> Floats:
        return np.asarray(draw(distribution, self.rng(name), self.block.size)[self.which])

    def happens(self, name: str, share: float) -> Floats:
        return (self.uniform(name) < share).astype(np.float64)

    def weight(self, age: Floats) -> Floats:
        body = Body()
        p = SimpleNamespace(**{d.name: self.parameters[f"body.{d.name}"] for d in body.parameters()})
        spread = self.rng("weight").standard_normal(self.block.size)[self.which]
        return np.asarray(body.reference_weight(p, age) * np.exp(WEIGHT_CV * spread))

    def population(self) -> Population:
        people = self.study.population
        age = self.of("age", people.age)
        shares = people.diagnosis
        p = np.array(list(shares.values()))
        names = self.rng("diagnosis").choice(list(shares), size=self.block.size, p=p)[self.which]
        infected = self.happens("infection", people.infection_at_transplant)
        residual = self.happens("residual disease", people.residual_disease)
        severe = self.uniform("grade") < self.platform["severe_share"]
        covariates = {
            **self._transplant(names),
            **self._hazards(residual, severe),
            "age": age,
            "weight": self.weight(age),
            "cmv": np.maximum(
                self.happens("cmv", people.cmv_positive), self.happens("donor cmv", people.donor.cmv_positive)
            ),
            "healthy": np.zeros(self.n),
            "steroid_start": np.full(self.n, NEVER),
            "steroid_end": np.full(self.n, NEVER),
            "second_dose": np.zeros(self.n),
            "second_infusion_day": np.full(self.n, NEVER),
        }
        chance = {name: self.uniform(f"course {name}") for name in CHANCES}
        return Population(self.parameters, covariates, names, severe, self._risk(infected, age), chance)

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
        )
        return {
            **{name: platform[name] for name in (*same, "reference_nk", "reference_cd4_allo")},
            "relapse_baseline": platform["relapse_baseline"] * platform["residual_disease_ratio"] ** residual,
            "gvhd_threshold": exponential(self.uniform("gvhd")),
            "gvhd_severity": np.where(severe, 1.0, platform["moderate_severity"]),
        }

    def _risk(self, infected: Floats, age: Floats) -> Floats:
        """Factor on non-relapse mortality, 1 on average: published survival is that of a whole population."""
        if self.study.therapy != "haploidentical-scid":
            return np.ones(self.n)
        people, p = self.study.population, self.parameters
        ages = draw(people.age, stream(0, "population.age shape"), SHAPE)
        shares = (people.infection_at_transplant, float(np.mean(ages >= OLDER)))
        ratios = (p["mortality.active_infection_ratio"], p["mortality.older_infant_ratio"])
        has = (infected, (age >= OLDER).astype(np.float64))
        risk = np.ones(self.n)
        for share, ratio, here in zip(shares, ratios, has, strict=True):
            risk = risk * ratio**here / (1 + share * (ratio - 1))
        return risk
