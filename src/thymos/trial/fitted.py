"""A weighted population as the columns of a file, and the check that a study may take such a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos import __version__
from thymos.io.columns import Column
from thymos.io.population_file import FORMAT, PopulationFile, file_digest, read_population
from thymos.io.study_file import parse_study, study_text
from thymos.io.target_schema import UNITS
from thymos.lang.errors import StudyError
from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import values_of
from thymos.trial.simulation import traits_of
from thymos.trial.tables import PATIENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from thymos.io.study_schema import Study
    from thymos.trial.candidates import Candidates

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
OWN: tuple[Column, ...] = (
    Column("candidate", "int", "", "number among the candidates"),
    Column("draw", "int", "", "draw of the uncertain typical values"),
    Column("probability", "float", "1", "weight of the patient; all add up to 1"),
)
REST: tuple[Column, ...] = (
    Column("severe", "flag", "", "acute GvHD, if it comes, is III-IV"),
    Column("risk", "float", "1", "factor on non-relapse mortality"),
)
SAME = ("therapy", "graft", "conditioning")
"""Parts of a study that its patients already carry."""


def population_file(
    study: Study, found: Candidates, rows: Indices, weights: Floats, about: Mapping[str, Any]
) -> PopulationFile:
    """The patients in `rows` of the candidates, with weights that add up to 1 (row,)."""
    people = found.people
    traits = traits_of(people.people)
    data: dict[str, NDArray[Any]] = {
        "candidate": rows,
        "draw": found.draw[rows],
        "probability": weights,
        **{name: np.asarray(traits[name])[rows] for name in traits},
        "severe": people.severe[rows],
        "risk": people.risk[rows],
        **{name: x[rows] for name, x in (people.covariates | people.parameters).items()},
        **{f"{name}_day{day:g}": x[rows] for (name, day), x in found.counts.items()},
    }
    said = {
        "format": FORMAT,
        "code": __version__,
        "study": study_text(study),
        "covariates": list(people.covariates),
        "parameters": list(people.parameters),
        **about,
    }
    return PopulationFile(tuple(_columns(found, traits)), data, said)


def _columns(found: Candidates, traits: Mapping[str, Any]) -> Iterator[Column]:
    yield from OWN
    yield from (column for column in PATIENTS if column.name in traits)
    yield from REST
    models = recipient_models()
    known = {d.name: d for model in models for d in model.covariates()}
    for name in found.people.covariates:
        yield Column(name, "float", known[name].unit, known[name].text)
    rows = values_of(models)
    for name in found.people.parameters:
        row = rows.get(name)
        yield Column(
            name, "float", row.unit if row else "", row.text if row else "1 for this side of a quarrel"
        )
    for name, day in found.counts:
        yield Column(
            f"{name}_day{day:g}", "float", UNITS[name], f"true {name} on day {day:g} without the product"
        )


def located(study: Study, folder: Path) -> Study:
    """The study with its population file as a whole path and its digest; raises `StudyError` where it does not fit.

    folder : where the study file lies
    """
    people = study.population
    if people.file is None:
        return study
    path = (folder / people.file).resolve()
    made = read_population(path)
    _check_same(study, parse_study(made.about["study"], f"{path.name}, its study"), path.name)
    digest = file_digest(path)
    if people.sha256 not in (None, digest):
        raise StudyError(
            f"{path}", f"SHA-256 {people.sha256[:12]}..., as the study says", f"{digest[:12]}..."
        )
    kept = people.model_copy(update={"file": str(path), "sha256": digest})
    return study.model_copy(update={"population": kept})


def _check_same(study: Study, made: Study, name: str) -> None:
    for field in SAME:
        if getattr(study, field) != getattr(made, field):
            wanted = f"the {field} of the study from which {name} was made"
            try_ = "the patients carry it already: change it there, and run `thymos population` again"
            raise StudyError(f"{study.name} [{field}]", wanted, "another one", try_)
