"""The cells of one row of a plate file, each checked by itself."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import cast, get_args

from thymos.io.quantity import NUMBER
from thymos.io.well import Kind
from thymos.lang.errors import DataError
from thymos.lang.nearest import nearest

_RATIO = re.compile(rf"\s*({NUMBER})\s*(?::\s*({NUMBER})\s*)?")


@dataclass(frozen=True)
class Cells:
    """The cells of one row by column; each method returns one of them, checked."""

    row: dict[str, str]
    where: str

    def error(self, column: str, wanted: str, got: str, try_: str = "") -> DataError:
        """The error that names row and column."""
        return DataError(f"{self.where}, column {column}", wanted, got, try_)

    def has(self, column: str) -> bool:
        """Whether anything stands there."""
        return bool(self.row.get(column))

    def words(self, column: str) -> str:
        """A name."""
        if not self.has(column):
            raise self.error(column, "a name", "an empty cell")
        return self.row[column]

    def number(self, column: str, hint: str = "") -> float:
        """A finite number."""
        text = self.row[column]
        if not re.fullmatch(NUMBER, text) or not math.isfinite(float(text)):
            hint = "write the decimal point: 1.5" if "," in text else hint
            raise self.error(column, "a number", f"{text!r}" if text else "an empty cell", hint)
        return float(text)

    def above_zero(self, column: str) -> float:
        """A number above 0."""
        value = self.number(column, "leave the row out where the well failed")
        if value <= 0:
            raise self.error(
                column, "a number above 0", self.row[column], "leave the row out where the well failed"
            )
        return value

    def lysis(self, unit: str | None) -> float:
        """Specific lysis [percent]; noise may carry it below 0 or above 100, a unit mistaken further."""
        value = self.number("lysis") * (100.0 if unit == "1" else 1.0)
        if not -50 <= value <= 150:
            raise self.error("lysis", "-50 to 150 percent", f"{value:g} percent")
        return value

    def whole(self, column: str) -> int:
        """A whole number from 1 on."""
        value = self.number(column)
        if value < 1 or value != int(value):
            raise self.error(column, "a whole number from 1 on", self.row[column])
        return int(value)

    def ratio(self) -> float:
        """Effectors per target: 10:1, 1:2 or 10."""
        text = self.row["ratio"]
        match = _RATIO.fullmatch(text)
        parts = [float(part) for part in match.groups("1")] if match else []
        if not parts or min(parts) <= 0 or not math.isfinite(parts[0] / parts[1]):
            raise self.error(
                "ratio",
                "effectors to targets above 0, such as 10:1",
                f"{text!r}" if text else "an empty cell",
            )
        return parts[0] / parts[1]

    def kind(self) -> Kind:
        """What the well is for."""
        text = self.row["kind"].lower()
        if text not in get_args(Kind):
            kinds = get_args(Kind)
            raise self.error("kind", f"one of {', '.join(kinds)}", f"{text!r}", nearest(text, kinds))
        return cast("Kind", text)
