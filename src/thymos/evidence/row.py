"""One row of a model's `.toml`: read, converted to the declared unit, and refused when a paper is missing.

A row is one table per parameter, for example::

    [d]
    value       = 4.5e-4
    unit        = "1/day"
    range       = [1e-4, 2e-3]
    uncertainty = { kind = "lognormal", cv = 0.15 }
    variability = { kind = "lognormal", cv = 0.25 }
    source      = "vrisekoop2008"
    where       = "P371"
    grade       = "measured"

`range` holds the plausible limits of the typical value, required when the grade is calibrated or assumed;
`reason` says why an assumed value has no spread.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from thymos.evidence.bibliography import ASSUMED, references, unknown
from thymos.evidence.distributions import KINDS, Distribution, Limits, numbers_of
from thymos.evidence.value import Grade, Value
from thymos.lang.errors import EvidenceError, UnitError
from thymos.lang.nearest import nearest
from thymos.lang.units import factor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from thymos.lang.declare import ParameterDeclaration
    from thymos.lang.model import Model

REQUIRED = ("value", "unit", "uncertainty", "variability", "source", "where", "grade")
OPTIONAL = ("range", "reason")
ASSUMED_WIDTH = 1.5  # an assumption whose 95 % interval spans less than this factor claims to be knowledge


def place(file: Path) -> str:
    """How errors name a file: folder and name."""
    return f"{file.parent.name}/{file.name}"


class Row:
    """Reads one table; each method returns a checked part of it, or raises with file and row."""

    def __init__(
        self, file: Path, kind: type[Model], declaration: ParameterDeclaration, tables: Mapping[str, Any]
    ) -> None:
        self.file, self.kind, self.declaration = file, kind, declaration
        self.where = f"{place(file)} [{declaration.name}]"
        row = tables.get(declaration.name)
        if row is None:
            raise self.error("a row", "none", f"add the table [{declaration.name}]: {declaration.text}")
        if not isinstance(row, dict):
            raise self.error("a table", f"{row!r}")
        self.row: Mapping[str, Any] = row

    def error(self, wanted: str, got: str, try_: str = "") -> EvidenceError:
        """The error that names file and row."""
        return EvidenceError(self.where, wanted, got, try_)

    def value(self) -> Value:
        """The whole row."""
        self.check_fields()
        scale = self.scale()
        value = self.number("value", self.row["value"]) * scale
        grade = self.grade()
        limits = self.range(value, scale, grade)
        uncertainty = self.distribution("uncertainty", value, scale)
        variability = self.distribution("variability", value, scale)
        source = self.source(grade)
        self.check_assumed(grade, uncertainty, value)
        return Value(
            name=f"{self.kind.named()}.{self.declaration.name}",
            value=value,
            unit=self.declaration.unit,
            text=self.declaration.text,
            range=limits,
            uncertainty=uncertainty,
            variability=variability,
            source=source,
            where=self.words("where"),
            grade=grade,
            reason=self.words("reason") if "reason" in self.row else "",
            file=self.file,
        )

    def check_fields(self) -> None:
        """Every required field, and no other than the optional ones."""
        missing = [f for f in REQUIRED if f not in self.row]
        if missing:
            raise self.error(f"the fields {', '.join(REQUIRED)}", f"none named {', '.join(missing)}")
        for field in self.row:
            if field not in REQUIRED + OPTIONAL:
                known = REQUIRED + OPTIONAL
                raise self.error(f"fields among {', '.join(known)}", field, nearest(field, known))

    def words(self, field: str) -> str:
        """A text that says something."""
        text = self.row[field]
        if not isinstance(text, str) or not text.strip():
            raise self.error(f"`{field}` as text", f"{text!r}")
        return text

    def number(self, field: str, x: Any) -> float:
        """A finite number; true is none."""
        if isinstance(x, bool) or not isinstance(x, int | float) or not math.isfinite(x):
            raise self.error(f"`{field}` as a finite number", f"{x!r}")
        return float(x)

    def scale(self) -> float:
        """Factor from the written unit to the declared one."""
        written, declared = self.row["unit"], self.declaration.unit
        if written == declared:  # the usual case needs no unit library
            return 1.0
        if not isinstance(written, str):
            raise self.error("`unit` as text", f"{written!r}")
        try:
            return factor(written, declared)
        except UnitError as problem:
            wanted = f"a unit of {declared or 'a pure number'} ({self.declaration.text})"
            raise UnitError(self.where, wanted, problem.got, problem.try_) from None

    def grade(self) -> Grade:
        """How well the value is known."""
        try:
            return Grade(self.row["grade"])
        except ValueError:
            raise self.error(f"`grade` among {', '.join(Grade)}", f"{self.row['grade']!r}") from None

    def range(self, value: float, scale: float, grade: Grade) -> tuple[float, float] | None:
        """The plausible limits, in the declared unit."""
        if "range" not in self.row:
            if grade in (Grade.calibrated, Grade.assumed):
                raise self.error(f"`range` = [low, high], as the grade is {grade}", "no range")
            return None
        limits = self.row["range"]
        if not isinstance(limits, list) or len(limits) != 2:
            raise self.error("`range` = [low, high]", f"{limits!r}")
        low, high = (self.number("range", x) * scale for x in limits)
        # One part in 10^9: the unit factor may round value and limit apart.
        slack = 1e-9 * max(abs(low), abs(high))
        if not low - slack <= value <= high + slack:
            unit = f" {self.declaration.unit}" if self.declaration.unit else ""
            raise self.error(f"`value` inside `range`, {low:g} to {high:g}{unit}", f"{value:g}{unit}")
        return low, high

    def distribution(self, field: str, value: float, scale: float) -> Distribution:
        """The spread of one kind, in the declared unit."""
        table = self.row[field]
        kind = table.get("kind") if isinstance(table, dict) else None
        if not isinstance(kind, str) or kind not in KINDS:
            raise self.error(f"`{field}` = {{ kind = one of {', '.join(KINDS)} }}", f"{table!r}")
        names = numbers_of(kind)
        if set(table) != {"kind", *names}:
            wanted = ", ".join((f'kind = "{kind}"', *(f"{n} = number" for n in names)))
            raise self.error(f"`{field}` = {{ {wanted} }}", f"{table!r}")
        numbers = {n: self.number(f"{field}.{n}", table[n]) for n in names}
        self.check_spread(field, kind, numbers)
        made = KINDS[kind](**numbers).rescaled(scale)
        refused = made.refuses(value)
        if refused:
            raise self.error(f"{refused} (`{field}`)", f"{value:g}")
        return made

    def check_spread(self, field: str, kind: str, numbers: Mapping[str, float]) -> None:
        """Limits in order, everything else above 0."""
        if issubclass(KINDS[kind], Limits):
            floor = 0.0 if kind == "loguniform" else -math.inf
            if not floor < numbers["low"] < numbers["high"]:
                more = " above 0" if kind == "loguniform" else ""
                raise self.error(f"`{field}` with low < high{more}", f"{numbers!r}")
        elif any(x <= 0 for x in numbers.values()):
            raise self.error(
                f"`{field}` with a spread above 0", f"{numbers!r}", 'kind = "fixed" for no spread'
            )

    def source(self, grade: Grade) -> str:
        """A key of the bibliography, or "assumed" for a pure assumption."""
        key = self.words("source")
        if key == ASSUMED:
            if grade is not Grade.assumed:
                raise self.error(f'grade "assumed", as the source is "{ASSUMED}"', grade)
        elif key not in references():
            raise unknown(key, self.where)
        return key

    def check_assumed(self, grade: Grade, uncertainty: Distribution, value: float) -> None:
        """An assumption says so by its width, or gives a reason."""
        if grade is not Grade.assumed:
            return
        if uncertainty.fixed:
            if "reason" not in self.row:
                raise self.error(
                    "a wide `uncertainty` for an assumption, or a `reason` for none",
                    'kind = "fixed" and no reason',
                    'reason = "why this is no matter of doubt"',
                )
        elif (width := uncertainty.width(value)) < ASSUMED_WIDTH:
            wanted = f"a wide interval for an assumption (95 % high/low at least {ASSUMED_WIDTH:g})"
            raise self.error(wanted, f"{width:.3g}", "a larger spread, or the paper that narrows it")
