"""What the file behind `thymos design infusion` may say: for whom, what is wanted, what may be chosen, what there is.

No biology: names of studies, diagnoses, values and switches are checked where they live.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from thymos.io.distribution import Section
from thymos.io.quantity import Age, CellDose, Duration, InfusionDay, Quantity, refusal
from thymos.io.study_schema import Name, Quarrel, Switch, Text

Cells = Annotated[float, Quantity("cell", low=1, high=1e15, example="5e7 cell", reason="at least one cell")]
BodyWeight = Annotated[float, Quantity("kg", low=0.3, high=300, example="25 kg", reason="0.3 to 300 kg")]
AtgLevel = Annotated[float, Quantity("AU/mL", low=0, high=200, example="1 AU/mL")]
Share = Annotated[float, Field(strict=True, gt=0, lt=1)]
AWhile = Annotated[Duration, Field(ge=1)]


class Patients(Section):
    """For whom: the patients of a study, or those who are like one patient."""

    study: Text | None = None
    """Name of a shipped study, or a study file."""
    age: Age | None = None
    diagnosis: Name | None = None
    weight: BodyWeight | None = None
    """Of all of them; without it that of their age."""

    @model_validator(mode="after")
    def one_way(self) -> Self:
        """A study, or age and diagnosis."""
        like = (self.age is not None, self.diagnosis is not None)
        if (self.study is None) == (True not in like) or (any(like) and not all(like)):
            given = [name for name in ("study", "age", "diagnosis") if getattr(self, name) is not None]
            got = " and ".join(given) or "none of them"
            raise refusal("`study`, or `age` and `diagnosis`", got, "for example {study: scid-haplo}")
        return self


class Reach(Section):
    """Enough patients who reach a level, for the fewest cells."""

    kind: Literal["reach"]
    value: Name = "recovery"
    level: Annotated[float, Field(strict=True, gt=0)] | None = None
    """In the unit of the value; none for recovery, which has its own."""
    at_least: Share
    """Share of patients who shall reach it."""


class Gain(Section):
    """The largest mean gain over the untreated twins, with no more cells than it takes."""

    kind: Literal["gain"]
    value: Name = "cd4"


class Early(Section):
    """The first day on which ATG is low enough, with no more cells than it takes."""

    kind: Literal["early"]
    value: Name = "cd4"


class Doses(Section):
    """Cells per kg in all, on a log scale."""

    low: Annotated[CellDose, Field(gt=0)] = 1e4
    high: Annotated[CellDose, Field(gt=0, le=1e9)] = 1e7

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """From low to high."""
        if self.low >= self.high:
            raise refusal("low < high", f"{self.low:g} >= {self.high:g}", "swap them", "low")
        return self


class InfusionDays(Section):
    """Days of the first infusion."""

    low: InfusionDay = 4.0
    high: InfusionDay = 14.0

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """From low to high, which may be the same day."""
        if self.low > self.high:
            raise refusal("low <= high", f"{self.low:g} > {self.high:g}", "swap them", "low")
        return self


def once_each(doses: tuple[int, ...]) -> tuple[int, ...]:
    """`doses`, which must rise."""
    if any(a >= b for a, b in pairwise(doses)):
        raise refusal("each number of doses once, rising", f"{list(doses)}", "[1, 2]")
    return doses


class Choices(Section):
    """What may be chosen."""

    dose: Doses = Doses()
    day: InfusionDays = InfusionDays()
    doses: Annotated[
        tuple[Annotated[int, Field(strict=True, ge=1, le=2)], ...],
        Field(min_length=1, max_length=2),
        AfterValidator(once_each),
    ] = (1, 2)
    """Numbers of infusions; two of them share the cells."""
    gap: AWhile = 14.0
    """From the first infusion to the second."""


class Limits(Section):
    """What there is, and what must hold."""

    cells: Cells | None = None
    """Cells of the product for one patient."""
    lot: Switch = False
    """Whether there are as many as the patient's own simulated lot holds."""
    dose: Annotated[CellDose, Field(gt=0)] | None = None
    """The most for one kg in all."""
    atg: AtgLevel | None = None
    """The most active ATG at the first infusion ..."""
    atg_share: Share = 0.9
    """... in this share of patients."""

    @model_validator(mode="after")
    def one_number(self) -> Self:
        """A number of cells, or those of a lot."""
        if self.lot and self.cells is not None:
            raise refusal(
                "a number of cells, or those of a lot", "both", "remove one of the two", key="cells"
            )
        return self


class InfusionDesign(Section):
    """One question: which day, which dose, once or twice."""

    format: Literal[1]
    name: Name
    title: Text
    patients: Patients
    aim: Annotated[Reach | Gain | Early, Field(discriminator="kind")]
    choices: Choices = Choices()
    limits: Limits = Limits()
    switches: dict[Quarrel, Name] = Field(default_factory=dict)
    """Choices in scientific quarrels by the name of the switch, where they are not those of the study."""
    equivalent: Annotated[float, Field(strict=True, ge=0, lt=1)] = 0.05
    """Loss of gain, as a share of the largest, or more cells, as a share of the fewest, that does not matter."""
    pairs: Annotated[int, Field(strict=True, ge=8, le=20_000)] = 400
    """Treated patients, each with an untreated twin."""
    draws: Annotated[int, Field(strict=True, ge=2, le=20_000)] = 50
    """Of what is not known, shared by a few pairs each."""

    @model_validator(mode="after")
    def whole(self) -> Self:
        """An early day needs a level of ATG; a level belongs to values that have one."""
        if isinstance(self.aim, Early) and self.limits.atg is None:
            raise refusal("a limit of ATG for an early day", "none", 'limits: {atg: "1 AU/mL"}', "limits")
        if isinstance(self.aim, Reach) and (self.aim.value == "recovery") == (self.aim.level is not None):
            wanted = "no level for recovery, and one for any other value"
            got = "none" if self.aim.level is None else f"{self.aim.level:g}"
            raise refusal(wanted, f"{self.aim.value} with {got}", key="aim")
        return self
