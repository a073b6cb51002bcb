"""Body weight by age and sex: published growth references up to 20 years, a national survey above."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.evidence.datasets.codebook import Codebook

Floats = NDArray[np.float64]
FURTHEST = 3.0
"""Standard scores beyond this are taken as this: the references are not meant to be read further out."""

CODEBOOK = Codebook(
    name="body_weight",
    text="Distribution of body weight [kg] by age and sex as L, M and S: weight = M (1 + L S z)^(1/L) for a standard"
    " score z.",
    columns={
        "sex": "female or male",
        "age": "age [year]",
        "L": "power that makes weight normal",
        "M": "median [kg]",
        "S": "coefficient of variation",
        "source": "key of references.bib",
        "where": "row of the source",
    },
    sha256="927d235184e17801fd92c490d7cdc30808ca6dc94fc93e4bf0e61a4beaf38019",
    licence="Facts, no licence needed; the publications of the CDC are in the public domain.",
    processing="WHO to 24 months (13 of its days), CDC from 2 to 20 years (every sixth month), five significant"
    " digits; adults from the 5th, 50th and 95th percentiles of a survey of 2021-2023, which L and S reproduce"
    " exactly, the 10th, 25th, 75th and 90th within 4.3 %. Adults of the survey are heavier than the references of"
    " 2000 would have them: the median man gains 13 kg between 20 and 25 years.",
)


@cache
def _curves(female: bool) -> tuple[Floats, Floats, Floats, Floats]:
    """Age, L, M and S of one sex."""
    sex = "female" if female else "male"
    rows = [r for r in CODEBOOK.read() if r["sex"] == sex]
    age, power, median, spread = (np.array([float(r[c]) for r in rows]) for c in ("age", "L", "M", "S"))
    return age, power, median, spread


def body_weight(age: ArrayLike, female: ArrayLike, z: ArrayLike) -> Floats:
    """Weight [kg] at a standard score, by age [year] and sex; L, M and S are linear between ages.

    Reference: `cole1992`.
    """
    age, female, z = np.broadcast_arrays(
        np.asarray(age, np.float64), np.asarray(female, bool), np.clip(z, -FURTHEST, FURTHEST)
    )
    found = np.empty(age.shape)
    for sex in (False, True):
        here = female == sex
        power, median, spread = _at(sex, age[here])
        found[here] = median * np.exp(_box_cox(power, spread * z[here]))
    return found


def standard_score(age: ArrayLike, female: ArrayLike, weight: ArrayLike) -> Floats:
    """Standard score of a weight [kg]: what `body_weight` is the inverse of."""
    age, female, weight = np.broadcast_arrays(
        np.asarray(age, np.float64), np.asarray(female, bool), np.asarray(weight, np.float64)
    )
    found = np.empty(age.shape)
    for sex in (False, True):
        here = female == sex
        power, median, spread = _at(sex, age[here])
        found[here] = np.expm1(power * np.log(weight[here] / median)) / (power * spread)
    return found


def _at(female: bool, age: Floats) -> tuple[Floats, Floats, Floats]:
    ages, *columns = _curves(female)
    power, median, spread = (np.interp(age, ages, column) for column in columns)
    # A power of 0 is the logarithm, which this small one cannot be told from.
    return np.where(np.abs(power) < 1e-6, 1e-6, power), median, spread


def _box_cox(power: Floats, score: Floats) -> Floats:
    """Logarithm of (1 + power x score)^(1/power)."""
    return np.asarray(np.log1p(power * score) / power)
