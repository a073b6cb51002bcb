"""Reading design files. Every failure says file, line, field, wanted, got and what to try, as for a study."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from thymos.io.design_schema import Design, InformationAim, YieldAim
from thymos.io.study_file import build, complaint, compose, read_text, three_parts
from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = "dl4-yield"
SHOW = "thymos design culture --show"
OPTIONS = {"at_least": "purity", "parameters": "parameter", "runs": "batch"}
"""Options of the command line whose field has another name."""


def read_design(path: Path) -> Design:
    """The design in the file at `path`."""
    return parse_design(read_text(path, "design"), str(path))


def shipped_text() -> str:
    """The design that is used where none is given, as YAML with its comments."""
    return (files("thymos.io") / "designs" / f"{SHIPPED}.yaml").read_text(encoding="utf-8")


def shipped_design() -> Design:
    """The design that is used where none is given."""
    return parse_design(shipped_text(), f"{SHIPPED}.yaml")


def parse_design(text: str, where: str) -> Design:
    """The design in `text`; `where` names it in messages."""
    root = compose(text, where, "design", SHOW)
    try:
        return Design.model_validate(build(root, where))
    except ValidationError as problem:
        raise complaint(problem, root, where) from None


def override(
    design: Design,
    runs: int | None = None,
    budget: float | None = None,
    aim: str | None = None,
    purity: float | None = None,
    probability: float | None = None,
    parameters: tuple[str, ...] = (),
) -> Design:
    """The design with what the command line says instead, checked like the file's own.

    purity : percent
    """
    said = design.model_dump(mode="json", exclude_none=True)
    if runs is not None:
        said["batch"]["runs"] = runs
    if budget is not None:
        said["budget"] = budget
    said["aim"] = _aim(design.aim, aim or design.aim.kind, purity, probability, parameters)
    try:
        return Design.model_validate(said)
    except ValidationError as problem:
        error = problem.errors(include_url=False)[0]
        wanted, got, try_ = three_parts(error)
        field = [part for part in error["loc"] if isinstance(part, str)][-1]
        option = OPTIONS.get(field, field)
        raise StudyError(f"option --{option}", wanted, got, try_) from None


def _aim(
    now: YieldAim | InformationAim,
    kind: str,
    purity: float | None,
    probability: float | None,
    parameters: tuple[str, ...],
) -> dict[str, object]:
    said: dict[str, Any] = now.model_dump(mode="json") if now.kind == kind else {"kind": kind}
    if kind == "information":
        if purity is not None or probability is not None:
            raise StudyError("option --purity", "an aim of yield", "an aim of information")
        return said | ({"parameters": list(parameters)} if parameters else {})
    if parameters:
        raise StudyError(
            "option --parameter", "an aim of information", "an aim of yield", "--aim information"
        )
    limits: dict[str, Any] = dict(said.get("purity", {}))
    if purity is not None:
        limits["at_least"] = f"{purity!r} percent"
    if probability is not None:
        limits["probability"] = probability
    return said | {"purity": limits}
