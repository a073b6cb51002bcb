"""The header of a plate file: which column holds what, in which unit."""

from __future__ import annotations

from collections.abc import Sequence

from thymos.io.column_title import factor_to, name_and_unit
from thymos.io.plate_cells import Cells
from thymos.io.well import Scale, Well
from thymos.lang.errors import DataError
from thymos.lang.nearest import nearest

SIGNALS = ("count", "cpm", "RFU", "RLU", "OD", "AU", "percent")
"""What a signal may be measured in; "percent" is the share of dead targets, whose maximum is 100."""
REQUIRED = ("effector", "target", "ratio", "time", "replicate", "well", "kind")
VALUES = ("signal", "lysis")
OPTIONAL = ("plate", "targets")
UNITS = {"time": "hour", "targets": "cell"}
ALIASES = {"hours": "time [hour]"}
"""`hours` says its unit in its name."""


class Header:
    """Which column holds what, in which unit; reads a row into a well."""

    def __init__(self, titles: Sequence[str], where: str) -> None:
        self.where = where
        self.columns: dict[str, tuple[int, str | None]] = {}
        for place, title in enumerate(titles):
            self._add(place, ALIASES.get(title, title))
        self._complete()
        self.scale, self.unit = self._scale()
        self.factors = {name: self._factor(name) for name in UNITS if name in self.columns}

    def _add(self, place: int, title: str) -> None:
        name, unit = name_and_unit(title)
        known = (*REQUIRED, *VALUES, *OPTIONAL)
        if name not in known:
            hint = (
                nearest(name, known) or "remove the column, or put it into a comment line that begins with #"
            )
            raise DataError(self.where, f"columns among {', '.join(known)}", f"{title!r}", hint)
        if name in self.columns:
            raise DataError(self.where, f"one column {name}", "two of them")
        self.columns[name] = place, unit

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
        given = unit and unit.removesuffix("/well")
        return factor_to(wanted, given, f"{self.where}, column {name}", f'"{name} [{wanted}]"?')

    def well(self, row: Sequence[str], where: str, line: int) -> Well:
        """One row, checked by itself."""
        cells = Cells({name: row[place] for name, (place, _) in self.columns.items()}, where)
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
