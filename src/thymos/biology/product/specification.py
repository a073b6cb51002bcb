"""A specification: limits that a lot has to meet before it may be given."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from thymos.io.column_title import factor_to
from thymos.io.row_file import Row, read_rows
from thymos.lang.errors import DataError
from thymos.lang.nearest import nearest

PerLot = Annotated[NDArray[np.float64], "lot"]
COLUMNS = ("attribute", "side", "limit", "unit", "source")
SIDES = ("at least", "at most")
DEFAULTS = {kind: Path(__file__).with_name(f"specification_{kind}.csv") for kind in ("t", "nk")}
"""The shipped limits of T progenitors and NK cells. None is published, so each is graded assumed."""


@dataclass(frozen=True)
class Limit:
    """One limit; `limit` in `unit`, the unit in which thymos gives the attribute."""

    attribute: str
    side: str
    limit: float
    unit: str
    source: str

    def met(self, values: PerLot) -> NDArray[np.bool_]:
        """Whether each lot meets it; a lot without a value does not (lot,)."""
        return np.asarray(values >= self.limit if self.side == "at least" else values <= self.limit)


@dataclass(frozen=True)
class Specification:
    """Limits that a lot has to meet, all of them."""

    limits: tuple[Limit, ...]

    def met(self, attributes: Mapping[str, PerLot]) -> NDArray[np.bool_]:
        """Whether each lot meets every limit (lot,)."""
        met = [limit.met(attributes[limit.attribute]) for limit in self.limits]
        return np.asarray(np.all(met, axis=0))


def read_specification(path: Path, known: Mapping[str, str]) -> Specification:
    """The specification in a CSV or YAML file with the columns `COLUMNS`.

    known : unit of each attribute that a lot has, by name

    Raises `DataError` naming file, row and column: an unknown attribute or side, no number, a unit that is missing
    or of another kind, no source, or limits that leave no room.
    """
    limits = tuple(_limit(row, known) for row in read_rows(path, COLUMNS, "specification"))
    _refuse_clash(limits, str(path))
    return Specification(limits)


def _limit(row: Row, known: Mapping[str, str]) -> Limit:
    name, side, source = (row.cells[c] for c in ("attribute", "side", "source"))
    if name not in known:
        raise DataError(row.at("attribute"), "an attribute of a lot", repr(name), nearest(name, known))
    if side not in SIDES:
        raise DataError(row.at("side"), " or ".join(SIDES), repr(side))
    if not source:
        raise DataError(row.at("source"), "where the limit is from", "nothing", "write assumed if it is")
    return Limit(name, side, _in_unit(row, known[name]), known[name], source)


def _in_unit(row: Row, unit: str) -> float:
    """The limit in the unit of its attribute; a plain number has the unit 1."""
    try:
        number = float(row.cells["limit"])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise DataError(row.at("limit"), "a finite number", repr(row.cells["limit"]))
    wanted = unit or "1"
    return number * factor_to(wanted, row.cells["unit"], row.at("unit"), f"write {wanted}, if that is meant")


def _refuse_clash(limits: Iterable[Limit], where: str) -> None:
    """No attribute has two limits of one side, or a lower limit above its upper one."""
    seen: dict[tuple[str, str], float] = {}
    for limit in limits:
        key = (limit.attribute, limit.side)
        if key in seen:
            raise DataError(where, f"one limit {limit.side} for {limit.attribute}", "two")
        seen[key] = limit.limit
    for name, side in seen:
        if side == "at least" and seen[name, side] > seen.get((name, "at most"), math.inf):
            raise DataError(where, f"room between the limits of {name}", "a lower limit above the upper one")
