"""Recipients with acute leukaemia or myelodysplasia: age, sex, disease, its status and donor, jointly."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.datasets.transplant_recipients import counted, shares
from thymos.trial.registries.joint_table import JointTable
from thymos.trial.registries.registry import Given, Registry, Traits, Uniform

if TYPE_CHECKING:
    from thymos.io.study_schema import Eligible

Floats = NDArray[np.float64]
EDGES = np.array([0, 5, 10, 15, 18, *range(20, 81, 5)], dtype=np.float64)
"""Age bands [year]; 18 parts children from adults."""
# Adults with MDS: median and range from `saber2013`, a normal with this spread assumed.
ADULT_MDS = {"median": 53.0, "sd": 12.0, "from": 18.0, "to": 78.0}
INFECTED = 0.05  # active infection at transplant; assumed, as in the shipped studies before


class Leukaemia(Registry):
    r"""AML, ALL and MDS as registries of 1998-2015 report them.

    $$ P(d)\, P(a \mid d)\, P(x \mid d)\, P(s \mid d, a)\, P(m \mid d) $$

    for disease d, age a, sex x, status s and donor m: each factor a published table, and independent given its
    condition, since no source tells more. Donors are HLA-identical siblings or unrelated; for ALL they are taken
    as for AML. References: `cibmtr2018_table`, `majhail2012`, `copelan2013`, `bejanyan2021`, `all_cibmtr_table`,
    `shaw2010`, `saber2013`.
    """

    name = "leukaemia"
    text = "first allogeneic transplants for AML, ALL or MDS, sibling or unrelated donor"
    diagnoses = ("aml", "all", "mds")
    statuses = ("early", "intermediate", "advanced")
    donors = ("matched-sibling", "matched-unrelated", "mismatched-unrelated")

    def sources(self) -> tuple[str, ...]:
        """Keys of references.bib that it rests on."""
        return (
            "cibmtr2018_table", "majhail2012", "copelan2013", "bejanyan2021",
            "all_cibmtr_table", "shaw2010", "saber2013",
        )  # fmt: skip

    def draw(self, n: int, uniform: Uniform, eligible: Eligible | None, given: Given) -> Traits:
        """Patients by one uniform number for the joint table and one for the age within its band."""
        known = {}
        if given.age is not None:
            known["age"] = np.clip(np.searchsorted(EDGES, given.age, side="right") - 1, 0, len(EDGES) - 2)
        if given.diagnosis is not None:
            known["diagnosis"] = np.array([self.diagnoses.index(str(d)) for d in given.diagnosis], np.int64)
        # An age distribution of the study stands as it is; the window of eligible ages is for ages drawn here.
        table = self._eligible(eligible, given.age is None)
        index = table.draw(uniform("person"), known)
        age = given.age
        if age is None:
            low, high = _window(eligible)
            ends = np.clip(EDGES, low, high)
            at = index["age"]
            age = ends[at] + (ends[at + 1] - ends[at]) * uniform("age")
        words = {name: np.array(levels)[index[name]] for name, levels in table.axes.items() if name != "age"}
        return Traits(
            age=age,
            female=words["sex"] == "female",
            diagnosis=words["diagnosis"],
            status=words["status"],
            donor=words["donor"],
            infected=(uniform("infection") < INFECTED).astype(np.float64),
        )

    def share(self, eligible: Eligible) -> float:
        """Share of the population that the trial takes."""
        return float(self._eligible(eligible, True).p.sum() / joint().p.sum())

    def _eligible(self, eligible: Eligible | None, ages: bool) -> JointTable:
        if eligible is None:
            return joint()
        table = joint().only(diagnosis=eligible.diagnosis, status=eligible.status, donor=eligible.donor)
        if not ages:
            return table
        low, high = _window(eligible)
        ends = np.clip(EDGES, low, high)
        return table.weighted("age", np.diff(ends) / np.diff(EDGES))


def _window(eligible: Eligible | None) -> tuple[float, float]:
    ages = eligible.age if eligible is not None else None
    return (EDGES[0], EDGES[-1]) if ages is None else (ages.low, ages.high)


@cache
def joint() -> JointTable:
    """Probability of each age band, sex, disease, status and donor."""
    who = LEUKAEMIA
    axes = {
        "age": tuple(f"{low:g}-{high:g}" for low, high in pairwise(EDGES)),
        "sex": ("female", "male"),
        "diagnosis": who.diagnoses,
        "status": who.statuses,
        "donor": who.donors,
    }
    disease = shares("leukaemia", "diagnosis")
    p = np.zeros([len(levels) for levels in axes.values()])
    for i, name in enumerate(who.diagnoses):
        sex = shares(name, "sex")
        # No table of sibling and unrelated donors of all patients with ALL was found.
        donor = shares("mds" if name == "mds" else "aml", "donor")
        p[:, :, i] = (
            disease[name]
            * age_shares(name)[:, None, None, None]
            * np.array([sex[level] for level in axes["sex"]])[:, None, None]
            * _status(name)[:, None, :, None]
            * np.array([donor[level] for level in who.donors])
        )
    return JointTable(axes, p)


def age_shares(disease: str) -> Floats:
    """Share of each age band of `EDGES` among recipients with one disease; even within a published group."""
    if disease == "mds":
        return _mds_ages()
    below = _below(disease, "age")
    if disease == "aml":
        below = _refined(below, _below("aml", "age_within"))
    return np.asarray(np.diff(np.interp(EDGES, *below)) / below[1][-1])


def _below(disease: str, variable: str) -> tuple[Floats, Floats]:
    """Ages [year] and how many are younger."""
    groups = sorted(row.ages for row in counted(disease, variable) if row.ages is not None)
    size = {row.ages: row.number for row in counted(disease, variable)}
    ends = [groups[0][0]]
    number = [0.0]
    for group in groups:
        if group[0] > ends[-1]:
            ends.append(group[0])
            number.append(number[-1])
        ends.append(group[1])
        number.append(number[-1] + size[group])
    return np.array(ends), np.array(number)


def _refined(coarse: tuple[Floats, Floats], fine: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """The coarse counts, spread within each group as the fine ones are."""
    ages = np.unique(np.concatenate([coarse[0], fine[0]]))
    number = np.interp(ages, *coarse)
    for low, high in pairwise(coarse[0]):
        inside = (ages >= low) & (ages <= high)
        start, end = np.interp([low, high], *fine)
        first, last = np.interp([low, high], *coarse)
        number[inside] = first + (last - first) * (np.interp(ages[inside], *fine) - start) / (end - start)
    return ages, number


def _mds_ages() -> Floats:
    """Children in proportion to children with AML, adults normal around their published median."""
    from scipy.special import ndtr

    child = {row.level: row.number for row in counted("mds", "child")}
    disease = {row.level: row.number for row in counted("leukaemia", "diagnosis")}
    adult = ADULT_MDS["from"]
    young = float(np.interp(adult, EDGES, np.append(0, np.cumsum(age_shares("aml")))))
    children = young * disease["aml"] * child["mds"] / child["aml"] / disease["mds"]
    ages = np.unique(np.append(EDGES, ADULT_MDS["to"]))
    z = ndtr((np.clip(ages, adult, ADULT_MDS["to"]) - ADULT_MDS["median"]) / ADULT_MDS["sd"])
    grown = (z - z[0]) / (z[-1] - z[0])
    below = children * np.minimum(ages / adult, 1) + (1 - children) * grown
    return np.asarray(np.diff(np.interp(EDGES, ages, below)))


def _status(disease: str) -> Floats:
    """Share of each status in each age band (band, status)."""
    found = []
    for low, high in pairwise(EDGES):
        middle = (low + high) / 2
        if disease == "all":
            remission = shares("all", "remission", middle)["yes"]
            number = shares("all", "remission_number")
            row = [remission * number["early"], remission * number["intermediate"], 1 - remission]
        else:
            known = shares(disease, "status", middle)
            row = [known.get(level, 0.0) for level in LEUKAEMIA.statuses]
        found.append(row)
    return np.array(found)


LEUKAEMIA = Leukaemia()
