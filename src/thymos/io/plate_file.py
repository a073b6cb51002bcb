"""A plate of a killing assay as a tidy CSV file: one row a well, each unit in the header of its column.

    # comment
    effector,target,ratio,time [hour],replicate,well,kind,signal [cpm],targets [cell]
    NK,K562,10:1,4,1,A1,sample,2210,5000
    ,K562,,4,1,H1,spontaneous,410,5000
    ,K562,,4,1,H7,maximum,3950,5000

A file is taken whole or not at all: the first fault ends in a `DataError` with row and column.
"""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, cast, get_args

from thymos.io.atomic import write_text
from thymos.io.plate_check import check_plate
from thymos.io.quantity import NUMBER
from thymos.io.well import Kind, Plate, Scale, Well
from thymos.lang.errors import DataError, UnitError
from thymos.lang.units import convert

if TYPE_CHECKING:
    from pathlib import Path

SIGNALS = ("count", "cpm", "RFU", "RLU", "OD", "AU", "percent")
"""What a signal may be measured in; "percent" is the share of dead targets, whose maximum is 100."""
REQUIRED = ("effector", "target", "ratio", "time", "replicate", "well", "kind")
VALUES = ("signal", "lysis")
OPTIONAL = ("plate", "targets")
UNITS = {"time": "hour", "targets": "cell"}
ALIASES = {"hours": "time [hour]"}
"""`hours` says its unit in its name."""
LARGEST = 10_000_000
"""Bytes: a hundred times more than any plate has."""
_HEADER = re.compile(r"\s*(?P<name>\w+)\s*(?:\[\s*(?P<unit>[^\]]*?)\s*\])?\s*")
_RATIO = re.compile(rf"\s*({NUMBER})\s*(?::\s*({NUMBER})\s*)?")


def read_plate(path: Path) -> Plate:
    """The plate in a file; raises `DataError` at the first fault, with its row and column."""
    return parse_plate(_text(path), path.name)


def parse_plate(text: str, name: str) -> Plate:
    """The plate in the text of a file that messages call `name`."""
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip(" ,;\t")]
    lines = [(n, line) for n, line in lines if not line.startswith("#")]
    if len(lines) < 2:
        raise DataError(
            name, "a header and a row for each well", "an empty sheet" if not lines else "a header alone"
        )
    mark = max(",;\t", key=lines[0][1].count)
    header = Header(next(csv.reader([lines[0][1]], delimiter=mark)), f"{name}, row {lines[0][0]}")
    cells = zip(
        (n for n, _ in lines[1:]), csv.reader((line for _, line in lines[1:]), delimiter=mark), strict=False
    )
    wells = tuple(header.well(row, f"{name}, row {n}", n) for n, row in cells)
    plate = Plate(name, header.scale, header.unit, wells)
    check_plate(plate)
    return plate


def write_plate(path: Path, plate: Plate, comment: str = "") -> None:
    """Write a plate so that `read_plate` gives the same wells."""
    write_text(path, plate_text(plate, comment))


def plate_text(plate: Plate, comment: str = "") -> str:
    """The plate as CSV, with `comment` before it."""
    out = io.StringIO()
    out.writelines(f"# {line}\n" for line in comment.splitlines())
    value = f"lysis [{plate.unit}]" if plate.scale == "lysis" else f"signal [{plate.unit}]"
    counted = all(well.targets is not None for well in plate.wells)
    head = ["plate", "effector", "target", "ratio", "time [hour]", "replicate", "well", "kind", value]
    table = csv.writer(out, lineterminator="\n")
    table.writerow([*head, "targets [cell]"] if counted else head)
    for w in plate.wells:
        ratio = f"{w.ratio:g}:1" if w.kind == "sample" else ""
        row = [
            w.plate,
            w.effector,
            w.target,
            ratio,
            f"{w.hours:g}",
            w.replicate,
            w.well,
            w.kind,
            f"{w.signal:.6g}",
        ]
        table.writerow([*row, f"{w.targets:g}"] if counted else row)
    return out.getvalue()


def _text(path: Path) -> str:
    """The file as text; a workbook or another binary file is refused by name."""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= LARGEST else b""
    except OSError as problem:
        raise DataError(str(path), "a file that can be read", problem.strerror or str(problem)) from None
    if size > LARGEST:
        raise DataError(str(path), f"a plate of at most {LARGEST // 10**6} MB", f"{size / 1e6:.0f} MB")
    if raw.startswith(b"PK"):
        raise DataError(str(path), "a CSV file", "a workbook", "save the sheet as CSV (UTF-8)")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise DataError(
            str(path), "text in UTF-8", f"byte {raw[problem.start]:#04x}", "save the sheet as CSV (UTF-8)"
        ) from None


class Header:
    """Which column holds what, in which unit; reads a row into a well."""

    def __init__(self, titles: list[str], where: str) -> None:
        self.where = where
        self.titles = [ALIASES.get(title.strip(), title.strip()) for title in titles]
        self.columns: dict[str, tuple[int, str | None]] = {}
        for place, title in enumerate(self.titles):
            self._add(place, title)
        self._complete()
        self.scale, self.unit = self._scale()
        self.factors = {name: self._factor(name) for name in UNITS if name in self.columns}

    def _add(self, place: int, title: str) -> None:
        match = _HEADER.fullmatch(title)
        name = match["name"] if match else title
        known = (*REQUIRED, *VALUES, *OPTIONAL)
        if match is None or name not in known:
            near = get_close_matches(name, known, n=1)
            hint = (
                f"{near[0]}?"
                if near
                else "remove the column, or put it into a comment line that begins with #"
            )
            raise DataError(self.where, f"columns among {', '.join(known)}", f"{title!r}", hint)
        if name in self.columns:
            raise DataError(self.where, f"one column {name}", "two of them")
        self.columns[name] = place, match["unit"]

    def _complete(self) -> None:
        missing = [name for name in REQUIRED if name not in self.columns]
        values = [name for name in VALUES if name in self.columns]
        if missing:
            raise DataError(
                self.where, f"the columns {', '.join(REQUIRED)}", f"none named {', '.join(missing)}"
            )
        if len(values) != 1:
            got = "both" if values else "neither"
            raise DataError(
                self.where, "a column `signal` (wells as read) or `lysis` (already computed)", got
            )

    def _scale(self) -> tuple[Scale, str]:
        """What the values are: wells as read, percent dead, or specific lysis; and their unit."""
        name = "lysis" if "lysis" in self.columns else "signal"
        unit = self.columns[name][1]
        choices = {c.lower(): c for c in (("percent", "1") if name == "lysis" else SIGNALS)}
        if unit is None or unit.lower() not in choices:
            wanted = f"a unit among {', '.join(choices.values())}"
            got = "no unit" if unit is None else f"{unit!r}"
            raise DataError(f"{self.where}, column {name}", wanted, got, f'"{name} [percent]"?')
        unit = choices[unit.lower()]
        if name == "lysis":
            return "lysis", "percent"
        return ("percent" if unit == "percent" else "signal"), unit

    def _factor(self, name: str) -> float:
        unit, wanted = self.columns[name][1], UNITS[name]
        hint = f'"{name} [{wanted}]"?'
        where = f"{self.where}, column {name}"
        if not unit:
            raise DataError(where, f"a unit that converts to {wanted}", "no unit", hint)
        try:
            return convert(1.0, unit.removesuffix("/well"), wanted)
        except UnitError:
            raise DataError(where, f"a unit that converts to {wanted}", f"{unit!r}", hint) from None

    def well(self, row: list[str], where: str, line: int) -> Well:
        """One row, checked by itself."""
        if len(row) != len(self.titles):
            hint = "a decimal comma? write 1.5, or quote the cell"
            raise DataError(where, f"{len(self.titles)} cells", f"{len(row)}", hint)
        cells = Cells({name: row[place].strip() for name, (place, _) in self.columns.items()}, where)
        kind = cells.kind()
        if kind != "sample" and self.scale == "lysis":
            raise cells.error("kind", "samples alone, as lysis is already computed", kind)
        value = cells.lysis(self.columns["lysis"][1]) if self.scale == "lysis" else cells.above_zero("signal")
        targets = cells.above_zero("targets") if cells.has("targets") else None
        return Well(
            line=line,
            plate=cells.row.get("plate", ""),
            well=cells.words("well").upper(),
            kind=kind,
            effector=cells.words("effector") if kind == "sample" else "",
            target=cells.words("target"),
            ratio=cells.ratio() if kind == "sample" else 0.0,
            hours=cells.above_zero("time") * self.factors["time"],
            replicate=cells.whole("replicate"),
            signal=value,
            targets=None if targets is None else targets * self.factors["targets"],
        )


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
            near = get_close_matches(text, get_args(Kind), n=1)
            raise self.error(
                "kind", f"one of {', '.join(get_args(Kind))}", f"{text!r}", f"{near[0]}?" if near else ""
            )
        return cast("Literal['sample', 'spontaneous', 'maximum']", text)
