"""The reconstitution chart as a file: a picture, or a page with its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.io.atomic import check_place
from thymos.lang.errors import StudyError
from thymos.report.canvas import PICTURES

if TYPE_CHECKING:
    from pathlib import Path

KINDS = (*PICTURES, "html")


def check_kind(path: Path) -> str:
    """Which kind of file a name asks for; raises `StudyError` for another ending, and where none can be written."""
    kind = path.suffix.removeprefix(".").lower()
    if kind not in KINDS:
        raise StudyError("option --out", f"a name that ends in {', '.join(KINDS)}", str(path))
    check_place(path)
    return kind


def write(found: dict[str, Any], path: Path) -> None:
    """Write what `trial.chart` found, whole or not at all."""
    if check_kind(path) == "html":
        from thymos.report.chart_page import write_page

        write_page(found, path)
    else:
        from thymos.report.chart_picture import draw

        draw(found, path)
