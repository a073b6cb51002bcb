"""What a criterion asked, what was found, and whether that meets it; nothing that is unknown meets anything."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """One line of a criterion.

    found : what came out, nan where nothing did;  limit : in words, as the criterion says it
    """

    asked: str
    found: float
    met: bool
    limit: str

    def plain(self) -> dict[str, Any]:
        """The verdict as JSON holds it; a number that is not finite becomes None."""
        found = float(self.found)
        return asdict(self) | {"found": found if math.isfinite(found) else None, "met": bool(self.met)}


def at_most(asked: str, found: float, limit: float) -> Verdict:
    """Met by a number that is not above the limit."""
    return Verdict(asked, float(found), bool(found <= limit), f"at most {limit:g}")


def at_least(asked: str, found: float, limit: float) -> Verdict:
    """Met by a number that is not below the limit."""
    return Verdict(asked, float(found), bool(found >= limit), f"at least {limit:g}")


def below(asked: str, found: float, limit: float) -> Verdict:
    """Met by a number that is below the limit."""
    return Verdict(asked, float(found), bool(found < limit), f"below {limit:g}")


def between(asked: str, found: float, low: float, high: float) -> Verdict:
    """Met by a number from low to high, both included."""
    return Verdict(asked, float(found), bool(low <= found <= high), f"{low:g} to {high:g}")
