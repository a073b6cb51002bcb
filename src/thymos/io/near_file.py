"""The file that was probably meant, where there is none of the name given."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def near_file(path: Path) -> str:
    """A hint that names the most similar file of the same folder; empty where none is, or it cannot be listed."""
    try:
        beside = [other.name for other in path.parent.iterdir()]
    except OSError:
        return ""
    near = get_close_matches(path.name, beside, n=1)
    return f"did you mean {near[0]}?" if near else ""
