"""The names that were probably meant, where a name is unknown."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """What to try instead of `name`: up to three of the `known` names that look like it; empty where none does."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(dict.fromkeys(known)))
    return f"did you mean {' or '.join(near)}?" if near else ""
