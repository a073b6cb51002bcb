"""Whom a question is about: a study, or one patient in the shipped study of a diagnosis."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thymos.io.study_schema import Study

StudyName = Annotated[
    str | None,
    typer.Argument(help="scid-haplo, leukaemia-tdepleted, adult-cord-blood, or a study file (.yaml)"),
]
Age = Annotated[float | None, typer.Option(help="in place of a study: age of one patient [year]", min=0)]
Diagnosis = Annotated[
    str | None, typer.Option(help="and the diagnosis: scid, a genotype of it, aml, all or mds")
]
Day = Annotated[float, typer.Option(help="with --age: day of the infusion after transplant", min=0)]
Dose = Annotated[float, typer.Option(help="with --age: CD7+CD3- cells per kg", min=0)]


def asked_study(
    study: str | None, age: float | None, diagnosis: str | None, day: float, dose: float
) -> "Study":
    """The study; raises `StudyError` where neither or both are named, or where no product is given."""
    from thymos.lang.errors import StudyError
    from thymos.trial.patient import study_of
    from thymos.trial.run import load_study

    wanted = "a study, or --age and --diagnosis of one patient"
    if study is not None and (age is not None or diagnosis is not None):
        raise StudyError("question", wanted, "both", "leave one of them out")
    if study is None and (age is None or diagnosis is None):
        raise StudyError("question", wanted, "neither", "thymos sensitivity scid-haplo")
    found = load_study(study) if study is not None else study_of(age or 0.0, diagnosis or "", day, dose)
    if len(found.arms) < 2 or found.arms[-1].dose <= 0:
        raise StudyError(
            found.name, "a last arm that gets the product", "none", "add an arm with a dose and days"
        )
    return found
