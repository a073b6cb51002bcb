"""Infants with severe combined immunodeficiency: genotype, sex, how it was found, age, infection and donor."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.datasets.transplant_recipients import counted, shares
from thymos.trial.registries.joint_table import JointTable
from thymos.trial.registries.registry import Given, Registry, Traits, Uniform

if TYPE_CHECKING:
    from thymos.io.study_schema import Eligible

Floats = NDArray[np.float64]
FOUND = ("screening or family", "illness")
# Age at transplant [year], lognormal: (median, sd of the logarithm). After illness the median of `fernandes2012`,
# 6.5 months in the years before screening; found early, 2.5 months, within the 3.5 months that screening aims at;
# that and both spreads are assumed.
AGES = {"screening or family": (2.5 / 12, 0.45), "illness": (6.5 / 12, 0.6)}
OLDEST = 3.0
GENOTYPES = {
    "il2rg-jak3": ("il2rg", "jak3"),
    "il7r": ("il7r",),
    "rag-artemis": ("rag1", "rag2", "dclre1c"),
    "ada": ("ada",),
}
"""Genotypes that the model tells apart, and the genes in each."""


class Scid(Registry):
    r"""SCID as the PIDTC reports it, 82 % of genotypes being those the model knows.

    $$ P(g)\, P(x \mid g)\, P(f)\, P(m)\, p(a \mid f)\, P(i \mid f) $$

    for genotype g, sex x (IL2RG is on the X chromosome, so its patients are boys; else even), how it was found f,
    donor m, age a, and infection i. Infection of those found ill is the viral infection of the years before
    screening; that of the others follows from survival of all, of the infected and of the others. Age and infection
    depend on each other through f alone. References: `pidtc2023`, `heimall2017`, `fernandes2012`,
    `scid_cibmtr_table`.
    """

    name = "scid"
    text = "first transplants for SCID with a genotype that the model knows"
    diagnoses = tuple(GENOTYPES)
    statuses = ()
    donors = ("haploidentical", "matched-sibling", "matched-unrelated")

    def sources(self) -> tuple[str, ...]:
        """Keys of references.bib that it rests on."""
        return ("pidtc2023", "heimall2017", "fernandes2012", "scid_cibmtr_table")

    def draw(self, n: int, uniform: Uniform, eligible: Eligible | None, given: Given) -> Traits:
        """Patients by one uniform number for the joint table, one for the age, and one for infection."""
        known = {}
        if given.diagnosis is not None:
            known["diagnosis"] = np.array([self.diagnoses.index(str(d)) for d in given.diagnosis], np.int64)
        table = self._eligible(eligible, given.age is None)
        if given.age is not None:
            known["found"] = _found_at(given.age, uniform("found"))
        index = table.draw(uniform("person"), known)
        found = index["found"]
        age = given.age if given.age is not None else _ages(found, uniform("age"), _window(eligible))
        ill = np.array(list(infection_shares().values()))[found]
        return Traits(
            age=age,
            female=index["sex"] == table.axes["sex"].index("female"),
            diagnosis=np.array(table.axes["diagnosis"])[index["diagnosis"]],
            status=np.full(n, "none"),
            donor=np.array(table.axes["donor"])[index["donor"]],
            infected=(uniform("infection") < ill).astype(np.float64),
        )

    def share(self, eligible: Eligible) -> float:
        """Share of the population that the trial takes."""
        return float(self._eligible(eligible, True).p.sum() / joint().p.sum())

    def _eligible(self, eligible: Eligible | None, ages: bool) -> JointTable:
        table = joint()
        if eligible is not None:
            table = table.only(diagnosis=eligible.diagnosis, status=None, donor=eligible.donor)
        if not ages:
            return table
        return table.weighted("found", np.array([np.diff(_levels(f, _window(eligible)))[0] for f in FOUND]))


@cache
def joint() -> JointTable:
    """Probability of each genotype, sex, way of finding and donor."""
    genes = {row.level: row.number for row in counted("scid", "genotype")}
    found, donor = shares("scid", "found_by"), shares("scid", "donor")
    axes = {
        "diagnosis": tuple(GENOTYPES),
        "sex": ("female", "male"),
        "found": FOUND,
        "donor": SCID.donors,
    }
    p = np.zeros([len(levels) for levels in axes.values()])
    for i, group in enumerate(GENOTYPES.values()):
        number = sum(genes[gene] for gene in group)
        girls = sum(genes[gene] / 2 for gene in group if gene != "il2rg")
        p[i] = (
            np.array([girls, number - girls])[:, None, None]
            * np.array([found[level] for level in FOUND])[:, None]
            * np.array([donor[level] for level in SCID.donors])
        )
    return JointTable(axes, p / p.sum())


@cache
def infection_shares() -> dict[str, float]:
    """Share with active infection at transplant, by how SCID was found."""
    alive = {row.level: row.number for row in counted("scid", "infection")}
    among = (alive["alive among others"], alive["alive among infected"])
    infected = (among[0] - alive["alive"]) / (among[0] - among[1])
    found = shares("scid", "found_by")
    ill = shares("scid", "infection_by_illness")["yes"]
    early = (infected - found["illness"] * ill) / found["screening or family"]
    return {"screening or family": early, "illness": ill}


def _levels(found: str, window: tuple[float, float]) -> Floats:
    """Shares of one way of finding that are younger than the two ages of the window."""
    from scipy.special import ndtr

    median, sd = AGES[found]
    with np.errstate(divide="ignore"):
        return np.asarray(ndtr(np.log(np.array(window) / median) / sd))


def _ages(found: NDArray[np.int64], u: Floats, window: tuple[float, float]) -> Floats:
    """Lognormal ages, cut at the window."""
    from scipy.special import ndtri

    low, high = np.array([_levels(f, window) for f in FOUND])[found].T
    median, sd = np.array([AGES[f] for f in FOUND])[found].T
    # 1 - u lies in (0, 1], where the youngest age has a quantile and 0 would not.
    return np.asarray(np.clip(median * np.exp(sd * ndtri(low + (high - low) * (1 - u))), *window))


def _found_at(age: Floats, u: Floats) -> NDArray[np.int64]:
    """How SCID was found, given the age at transplant: shares times densities."""
    share = shares("scid", "found_by")
    log = [
        np.log(share[f]) - np.log(sd) - (np.log(np.maximum(age, 1e-3) / median) / sd) ** 2 / 2
        for f, (median, sd) in AGES.items()
    ]
    late = 1 / (1 + np.exp(np.clip(log[0] - log[1], -500, 500)))
    return np.asarray((u < late).astype(np.int64))


def _window(eligible: Eligible | None) -> tuple[float, float]:
    ages = eligible.age if eligible is not None else None
    return (0.0, OLDEST) if ages is None else (ages.low, min(ages.high, OLDEST))


SCID = Scid()
