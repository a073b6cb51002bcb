"""The file that was probably meant, where there is none of the name given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from pathlib import Path


def near_file(path: Path) -> str:
    """A hint that names the most similar file of the same folder; empty where none is, or it cannot be listed."""
    try:
        beside = [other.name for other in path.parent.iterdir()]
    except OSError:
        return ""
    return nearest(path.name, beside)
