"""The vector in a study file: what is refused, and how."""

from pathlib import Path

import pytest

import thymos
from thymos.io.study_file import parse_study
from thymos.lang.errors import StudyError

TEXT = (Path(thymos.__file__).parent / "trial" / "studies" / "scid-haplo.yaml").read_text()


def study(vector: str):
    return parse_study(
        TEXT.replace('  days: "7 day"\n', f'  days: "7 day"\n  vector: {vector}\n', 1), "mine.yaml"
    )


def test_a_vector_is_a_day_a_dose_and_a_name():
    found = study('{day: "36 hour", moi: 20, transgene: CAR}').culture.vector
    assert (found.day, found.moi, found.transgene) == (1.5, 20.0, "CAR")


@pytest.mark.parametrize(
    ("vector", "said"),
    [
        ("{moi: 10}", r"culture.vector.day\]: expected the field `day`"),
        ("{day: 1, moi: 10}", r"culture.vector.day\].*with its unit|culture.vector.day\].*without a unit"),
        ('{day: "1 day"}', r"culture.vector.moi\]: expected the field `moi`"),
        ('{day: "1 day", moi: -1}', r"culture.vector.moi\].*greater than or equal to 0"),
        ('{day: "1 day", moi: "10"}', r"culture.vector.moi\].*number"),
        ('{day: "7 day", moi: 10}', r"culture.vector\]: expected a day before the harvest on day 7"),
        ('{day: "1 day", moi: 10, dose: 3}', r"culture.vector.dose\]"),
        ('{day: "1 day", moi: 10, transgene: ""}', r"culture.vector.transgene\]"),
    ],
)
def test_a_vector_that_cannot_be_is_refused_with_its_line(vector, said):
    with pytest.raises(StudyError, match=rf"mine.yaml line \d+ \[{said}"):
        study(vector)
