"""Reading the file behind `thymos design infusion`; a failure says file, line, field, wanted, got and what to try."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from thymos.io.infusion_options import option_of
from thymos.io.infusion_schema import InfusionDesign
from thymos.io.study_file import build, complaint, compose, read_text, three_parts
from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SHIPPED = "recovery"
SHOW = "thymos design infusion --show"


def read_infusion(path: Path) -> InfusionDesign:
    """The design in the file at `path`."""
    return parse_infusion(read_text(path, "design"), str(path))


def shipped_infusion_text() -> str:
    """The design that is used where none is given, as YAML with its comments."""
    return (files("thymos.io") / "infusions" / f"{SHIPPED}.yaml").read_text(encoding="utf-8")


def shipped_infusion() -> InfusionDesign:
    """The design that is used where none is given."""
    return parse_infusion(shipped_infusion_text(), f"{SHIPPED}.yaml")


def parse_infusion(text: str, where: str) -> InfusionDesign:
    """The design in `text`; `where` names it in messages."""
    root = compose(text, where, "design", SHOW)
    try:
        return InfusionDesign.model_validate(build(root, where))
    except ValidationError as problem:
        raise complaint(problem, root, where) from None


def with_options(design: InfusionDesign, options: Mapping[str, Any]) -> InfusionDesign:
    """The design with what the command line says instead (`infusion_options.blocks_of_options`).

    Another kind of aim, or other patients, replace the whole block.
    """
    said: dict[str, Any] = design.model_dump(mode="json", exclude_none=True)
    for name, given in options.items():
        now = said.get(name)
        if not isinstance(given, dict) or not isinstance(now, dict):
            said[name] = given
            continue
        other_aim = name == "aim" and given.get("kind", now.get("kind")) != now.get("kind")
        other_people = name == "patients" and bool({"study", "age", "diagnosis"} & set(given))
        said[name] = given if other_aim or other_people else {**now, **given}
    try:
        return InfusionDesign.model_validate(said)
    except ValidationError as problem:
        error = problem.errors(include_url=False)[0]
        wanted, got, try_ = three_parts(error)
        path = [str(part) for part in error["loc"] if part not in ("reach", "gain", "early")]
        blamed = (error.get("ctx") or {}).get("key")
        raise StudyError(option_of([*path, *([blamed] if blamed else [])]), wanted, got, try_) from None
