"""The cells of one row of a laboratory's counts, each read by itself."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.io.count_unit import ACCEPTED, CountUnit, read_unit, unit_hint
from thymos.io.lineage_name import LINEAGES, lineage_of, meant
from thymos.io.personal_data import HINT, personal_value
from thymos.io.quantity import NUMBER
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_DAY, LAST_DAY = -60.0, 7305.0
"""Days after transplant that are read: from before conditioning to 20 years."""
BELOW = ("below", "below limit", "bdl", "blq", "nd", "not detected", "undetectable", "<")
WORDS = ("lineage", "unit", "assay", "patient")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:0,\d+|\d+,(?:\d{1,2}|\d{4,}))")


@dataclass(frozen=True)
class LaboratoryCells:
    """The cells of one row by column; each method returns one of them, checked, or raises `DataError`."""

    row: Mapping[str, str]
    where: str

    def error(self, column: str, wanted: str, got: str, try_: str = "") -> DataError:
        """The error that names row and column."""
        return DataError(f"{self.where}, column {column}", wanted, got, try_)

    def refuse_personal(self) -> None:
        """Words that look like a number or an address of a person are refused, and not repeated."""
        for column in WORDS:
            if what := personal_value(self.row.get(column, "")):
                raise self.error(column, "no personal data", f"what looks like {what}", HINT)

    def lineage(self) -> str:
        """What was counted."""
        text = self.row["lineage"]
        if not (found := lineage_of(text)):
            raise self.error("lineage", f"one of {', '.join(LINEAGES)}", _shown(text), meant(text))
        return found

    def unit(self, lineage: str, titled: str | None) -> CountUnit:
        """The unit of the count; `titled` is the one in the title of its column."""
        column, text = "unit" if "unit" in self.row else "count", self.row.get("unit", "")
        written = text or titled or ""
        unit = read_unit(written)
        if unit is None:
            raise self.error(column, f"a unit such as {ACCEPTED}", _shown(written), unit_hint(written))
        if titled and text and read_unit(titled) != unit:
            raise self.error(column, f"[{titled}] as in the title of the column", repr(text))
        if unit.thing and (unit.thing == "copy") != (lineage == "trec"):
            things = "copies" if lineage == "trec" else "cells"
            raise self.error(column, f"{things} per volume of blood for {lineage}", repr(written))
        return unit

    def number(self, column: str, text: str | None = None) -> float:
        """A finite number, 0 or more, with a decimal point or an unmistakable decimal comma."""
        text = self.row[column] if text is None else text
        value = _number(text)
        if value is None:
            hint = "1234 or 1.234? write it without a comma" if re.fullmatch(r"\d+(,\d{3})+", text) else ""
            hint = hint if text else "leave the row out where nothing was counted"
            raise self.error(column, "a number", _shown(text), hint)
        if value < 0:
            raise self.error(column, "0 or more", text)
        return value

    def count(self, limit: float | None) -> tuple[float, float | None]:
        """The count and the limit it is below, else None; all in the unit of the row.

        limit : what the column `limit` says
        """
        text = self.row["count"]
        if stated := re.fullmatch(r"(?:<=|<|≤)\s*(\S.*)", text):
            value = self.number("count", stated[1])
            if value == 0:
                raise self.error("count", "a limit above 0", repr(text))
            return value, value
        if text.startswith((">", "≥")):
            hint = "give the number that the diluted sample had, or leave the row out"
            raise self.error("count", "a number, or one below a limit", repr(text), hint)
        value = 0.0 if text.lower() in BELOW else self.number("count")
        if value == 0 and not limit:
            hint = "write <1 where the assay reports down to 1, or give a column limit"
            raise self.error("count", "the limit of the assay: no count is exactly 0", repr(text), hint)
        return (limit, limit) if limit is not None and value < limit else (value, None)

    def day(self, per: float) -> float:
        """Days after transplant; `per` is what the column's unit has of them."""
        text = self.row["day"]
        if re.fullmatch(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.*", text):
            raise self.error("day", "a number of days after transplant", "a date", "call the column `date`")
        number = _number(text)
        if number is None:
            raise self.error("day", "a number of days after transplant", _shown(text))
        return self._in_time("day", number * per, f"day {text}")

    def date(self, transplant: dt.date) -> float:
        """Days after transplant of a date, which no message repeats."""
        text = self.row["date"]
        match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}.*)?", text)
        try:
            days = float((dt.date.fromisoformat(match[1] if match else "") - transplant).days)
        except ValueError:
            got = "another text" if text else "an empty cell"
            hint = "year, month and day with hyphens"
            raise self.error("date", "a date as 2026-01-31", got, hint) from None
        return self._in_time(
            "date", days, f"a date {abs(days):g} days {'before' if days < 0 else 'after'} it"
        )

    def _in_time(self, column: str, day: float, got: str) -> float:
        if not FIRST_DAY <= day <= LAST_DAY:
            wanted = f"a day from {-FIRST_DAY:g} before to {LAST_DAY:g} after transplant"
            raise self.error(column, wanted, got, "day 0 is the day of transplant")
        return day


def _number(text: str) -> float | None:
    """A finite number; None for anything else."""
    plain = text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text
    value = float(plain) if re.fullmatch(NUMBER, plain) else math.nan
    return value if math.isfinite(value) else None


def _shown(text: str) -> str:
    return repr(text) if text else "an empty cell"
