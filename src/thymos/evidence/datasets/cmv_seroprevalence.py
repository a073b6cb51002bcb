"""Share of people with antibodies against cytomegalovirus, by age and sex."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.evidence.datasets.codebook import Codebook

Floats = NDArray[np.float64]

CODEBOOK = Codebook(
    name="cmv_seroprevalence",
    text="People with antibodies against cytomegalovirus [percent] by age and sex, United States.",
    columns={
        "sex": "female or male; a figure for both stands in both",
        "age": "middle of the age group [year]",
        "percent": "people with antibodies",
        "source": "key of references.bib",
        "where": "row of the source",
    },
    sha256="d76d433a92c0ccffb686e596eba75692a2713175f3aee9cd9696dc81d1623cf8",
    licence="Facts, no licence needed; the sources are named row by row.",
    processing="Transcribed by hand. At birth it is infection, not antibodies, which come from the mother.",
)


@cache
def _curve(female: bool) -> tuple[Floats, Floats]:
    sex = "female" if female else "male"
    rows = [r for r in CODEBOOK.read() if r["sex"] == sex]
    return np.array([float(r["age"]) for r in rows]), np.array([float(r["percent"]) for r in rows])


def cmv_seroprevalence(age: ArrayLike, female: ArrayLike) -> Floats:
    """Share with antibodies, 0 to 1, by age [year] and sex; linear between the published ages."""
    age, female = np.broadcast_arrays(np.asarray(age, np.float64), np.asarray(female, bool))
    percent = np.where(female, np.interp(age, *_curve(True)), np.interp(age, *_curve(False)))
    return np.asarray(percent / 100)
