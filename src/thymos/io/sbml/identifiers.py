"""Identifiers that SBML takes, one for each thing that has a name."""

from __future__ import annotations

import re


class Identifiers:
    """`periphery.naive[H,CD4]` is `periphery__naive_H_CD4`; no identifier is given twice.

    They depend on the names and on the order in which they are asked for, on nothing else.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, name: str) -> str:
        """An identifier that recalls the name; where another thing has it, with a number behind."""
        wanted = found = plain(name)
        n = 1
        while found in self._taken:
            n += 1
            found = f"{wanted}__{n}"
        self._taken.add(found)
        return found


def plain(name: str) -> str:
    """Letters, digits and underscores that recall a name, the first no digit."""
    words = re.sub(r"[^A-Za-z0-9_]+", "_", name.replace(".", "__")).rstrip("_")
    return words if re.match(r"[A-Za-z_]", words) else f"_{words}"
