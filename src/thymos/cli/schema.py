"""`thymos schema`: JSON schemas, for an editor or a program."""

from enum import StrEnum
from typing import Annotated

import typer


class Subject(StrEnum):
    """What can be described."""

    study = "study"
    patient = "patient"
    summary = "summary"


def command(
    subject: Annotated[
        Subject, typer.Argument(help="a study file, a patient file, or the object that --json prints")
    ] = Subject.study,
) -> None:
    """Print the JSON schema of a study or patient file, or of a result; an editor completes and checks with it."""
    from thymos.cli.screen import print_json

    if subject is Subject.study:
        from thymos.io.study_file import json_schema

        print_json(json_schema())
    elif subject is Subject.patient:
        from thymos.io.patient_file import json_schema

        print_json(json_schema())
    else:
        from thymos.io.summary_schema import Summary

        print_json(Summary.model_json_schema(by_alias=True))
