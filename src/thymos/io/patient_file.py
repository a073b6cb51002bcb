"""Reading patient files. Every failure says file, line, field, wanted, got and what to try, as for a study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from thymos.io.patient_schema import PatientFile
from thymos.io.study_file import build, complaint, compose, read_text

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PatientFile", "json_schema", "parse_patient", "read_patient"]

SHOW = "thymos schema patient"


def read_patient(path: Path) -> PatientFile:
    """The patient in the YAML file at `path`; raises `StudyError`."""
    return parse_patient(read_text(path, "patient"), str(path))


def parse_patient(text: str, where: str) -> PatientFile:
    """The patient in `text`; `where` names it in messages."""
    root = compose(text, where, "patient file", SHOW)
    try:
        return PatientFile.model_validate(build(root, where))
    except ValidationError as problem:
        raise complaint(problem, root, where) from None


def json_schema() -> dict[str, Any]:
    """JSON schema of a patient file, for completion and checks in an editor."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PatientFile.model_json_schema()}
