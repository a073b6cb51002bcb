"""What a file of population targets may say: published figures of patients, each with its unit."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from thymos.io.distribution import Section
from thymos.io.quantity import Day, Quantity, refusal, shown
from thymos.io.study_schema import Key, Share, Text
from thymos.lang.nearest import nearest

COUNTS = {
    "cd3": "cell/uL",
    "cd4": "cell/uL",
    "cd8": "cell/uL",
    "cd4_naive": "cell/uL",
    "cd19": "cell/uL",
    "nk": "cell/uL",
    "trec": "copy/uL",
}
"""Quantities with a day."""
MEASURES = {
    "age": "year",
    "weight": "kg",
    "atg_level": "AU/mL",
    "graft_t_cells": "cell/kg",
    "engraftment_day": "day",
}
"""Quantities on the day of transplant."""
KINDS = ("sex", "diagnosis", "disease_status", "donor")
"""Traits with a few values."""
FLAGS = ("infected", "residual_disease", "cmv_recipient", "cmv_donor")
"""Traits that a patient has or has not."""
ALL = (*COUNTS, *MEASURES, *KINDS, *FLAGS)
UNITS = COUNTS | MEASURES


class Target(Section):
    """Published figures of one quantity: any of median, quartiles, mean, a share, and limits within which all lie."""

    of: str
    """cd4, cd3, cd8, cd4_naive, cd19, nk, trec; age, weight, atg_level, ...; sex, diagnosis, ...; infected, ..."""
    day: Day | None = None
    """Day after transplant on which it is counted."""
    median: Any = None
    quartiles: Any = None
    """Lower and upper quartile."""
    mean: Any = None
    above: Any = None
    """A level; `share` says how many lie above it."""
    value: str | None = None
    """A value of a trait; `share` says how many have it."""
    share: Annotated[float, Field(strict=True, gt=0, lt=1)] | None = None
    within: Any = None
    """Lowest and highest value; patients outside are not taken."""
    source: Key = "assumed"

    @field_validator("of", mode="after")
    @classmethod
    def known(cls, of: str) -> str:
        """It is something that virtual patients have."""
        if of not in ALL:
            raise refusal(f"one of {', '.join(ALL)}", shown(of), nearest(of, ALL))
        return of

    @model_validator(mode="after")
    def sensible(self) -> Self:
        """Figures fit the quantity, and units convert."""
        if (self.of in COUNTS) != (self.day is not None):
            wanted, got = (
                ("a day of the count", "none") if self.day is None else ("no day", f"{self.day:g} day")
            )
            raise refusal(wanted, got, 'for example day: "100 day"', key="day")
        figures = [name for name in ("median", "quartiles", "mean", "above", "within") if self.said(name)]
        if self.of in UNITS:
            self._measured(figures)
        else:
            self._counted(figures)
        return self

    def said(self, name: str) -> bool:
        """Whether a figure is given."""
        return getattr(self, name) is not None

    def number(self, name: str) -> float:
        """A figure in the unit of the quantity."""
        return self._read(name, getattr(self, name))

    def pair(self, name: str) -> tuple[float, float]:
        """Two figures in the unit of the quantity, the lower first."""
        both = getattr(self, name)
        if not isinstance(both, list) or len(both) != 2:
            unit = UNITS[self.of]
            raise refusal("two figures, lower and upper", shown(both), f'["1 {unit}", "2 {unit}"]', key=name)
        low, high = (self._read(name, one) for one in both)
        if not low < high:
            raise refusal("the lower figure first", f"{low:g}, {high:g}", "swap them", key=name)
        return low, high

    def _measured(self, figures: list[str]) -> None:
        if self.said("value"):
            raise refusal(
                f"a figure of {self.of}", "`value`", "use above, median, quartiles or mean", key="value"
            )
        if self.said("share") != self.said("above"):
            missing = "above" if self.said("share") else "share"
            raise refusal("`above` and `share` together", f"no `{missing}`", f"add `{missing}:`", key=missing)
        if not figures:
            raise refusal("median, quartiles, mean, above with share, or within", "none of them", key="of")
        for name in figures:
            if name in ("quartiles", "within"):
                self.pair(name)
            else:
                self.number(name)
        if self.said("median") and self.said("quartiles"):
            low, high = self.pair("quartiles")
            if not low <= self.number("median") <= high:
                raise refusal("a median between the quartiles", shown(self.median), "", key="median")

    def _counted(self, figures: list[str]) -> None:
        if figures:
            raise refusal(f"the share of {self.of}", f"`{figures[0]}`", "use value and share", key=figures[0])
        if not self.said("share"):
            raise refusal("a share", "none", "add `share:`, above 0 and below 1", key="share")
        if (self.of in KINDS) != self.said("value"):
            wanted = f"`value`, one of {self.of}" if self.of in KINDS else "`share` alone"
            raise refusal(wanted, "none" if self.of in KINDS else f"`value: {self.value}`", "", key="value")

    def _read(self, name: str, value: Any) -> float:
        try:
            return Quantity(UNITS[self.of], low=0).read(value)
        except PydanticCustomError as problem:
            parts = problem.context or {}
            raise refusal(parts["wanted"], parts["got"], parts["try_"], key=name) from None


class Targets(Section):
    """A population as published."""

    format: Literal[1]
    title: Text = "published population"
    targets: Annotated[tuple[Target, ...], Field(max_length=64)]
    at_least: Annotated[float, Field(strict=True, ge=1)] = 100.0
    """Smallest effective number of patients that is accepted."""
    at_least_share: Share = 0.02
    """Smallest share of the candidates that they may be."""

    @field_validator("targets", mode="after")
    @classmethod
    def some(cls, targets: tuple[Target, ...]) -> tuple[Target, ...]:
        """There is something to meet."""
        if not targets:
            raise refusal("at least one target", "none", "`thymos population --show` prints some")
        return targets
