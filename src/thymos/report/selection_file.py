"""Thymic selection as a file: a picture, a page with its tables, or its numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from thymos.io.atomic import check_place, write_text
from thymos.lang.errors import StudyError
from thymos.report.canvas import PICTURES

if TYPE_CHECKING:
    from pathlib import Path

KINDS = (*PICTURES, "html", "json")


def check_kind(path: Path) -> str:
    """Which kind of file a name asks for; raises `StudyError` for another ending, and where none can be written."""
    kind = path.suffix.removeprefix(".").lower()
    if kind not in KINDS:
        raise StudyError("option --out", f"a name that ends in {', '.join(KINDS)}", str(path))
    check_place(path)
    return kind


def write(found: dict[str, Any], path: Path) -> None:
    """Write what `survey` found, whole or not at all."""
    kind = check_kind(path)
    if kind == "html":
        from thymos.report.selection_page import write_page

        write_page(found, path)
    elif kind == "json":
        write_text(path, json.dumps(found, indent=1, allow_nan=False) + "\n")
    else:
        from thymos.report.selection_picture import draw

        draw(found, path)
