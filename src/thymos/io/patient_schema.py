"""What a patient file may say: the covariates of one patient, and nothing that says who it is.

No biology: names of platforms and diagnoses are checked where they live.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from thymos.io.distribution import Section
from thymos.io.personal_data import HINT, OLDEST, POOLED, personal_title, personal_value
from thymos.io.quantity import (
    QUANTITY,
    Age,
    CellDose,
    Day,
    DrugDose,
    Duration,
    InfusionDay,
    Quantity,
    refusal,
    shown,
)
from thymos.io.study_schema import Interval, Name, Ptcy, Share, Switch

Weight = Annotated[float, Quantity("kg", low=0.5, high=400, example="48 kg")]


def _pooled(age: float) -> float:
    return POOLED if age > OLDEST else age


PooledAge = Annotated[Age, AfterValidator(_pooled)]
"""Age [year]; whoever is older than 89 is read as 90, for a higher age may name a person."""


def _date(value: Any) -> Any:
    """A date as YAML or ISO 8601 has it: 2026-01-31."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise refusal("a date as 2026-01-31", shown(value), "year, month and day with hyphens") from None


class PatientGraft(Section):
    """The cells that were transplanted; what is left out is as on the platform."""

    source: Literal["mobilised-blood", "cord-blood"] | None = None
    depletion: Literal["none", "cd34-selection", "alpha-beta-depletion"] | None = None
    """How mature T cells were taken out of the graft."""
    cd34_dose: CellDose | None = None
    cd3_dose: CellDose | None = None
    """Mature T cells that came with the graft."""
    engraftment_day: Duration | None = None
    """Day of neutrophil engraftment."""
    donor_chimerism: Share | None = None
    """Share of donor cells in the marrow."""


class PatientConditioning(Section):
    """What prepared the patient, and the drugs against GvHD."""

    intensity: Literal["none", "RIC", "MAC"]
    total_body_irradiation: Switch = False
    ptcy: Ptcy | None = None
    calcineurin_inhibitor: Interval | None = None


class Antibody(Section):
    """An antibody against lymphocytes: total dose, given in equal parts from the first to the last day."""

    dose: DrugDose
    first_day: Day
    last_day: Day

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """It does not end before it begins."""
        if self.first_day > self.last_day:
            got = f"{self.first_day:g} > {self.last_day:g} day"
            raise refusal("first_day <= last_day", got, "swap them", key="first_day")
        return self


class Serotherapy(Section):
    """Antibodies that still act on donor cells after transplant."""

    atg: Antibody | None = None
    alemtuzumab: Antibody | None = None


class Cmv(Section):
    """Antibodies against cytomegalovirus before transplant."""

    recipient: Literal["positive", "negative"] | None = None
    donor: Literal["positive", "negative"] | None = None


class Gvhd(Section):
    """Acute graft-versus-host disease, as far as it has come."""

    grade: Literal["none", "I", "II", "III", "IV"]
    onset_day: Duration | None = None


class Steroids(Section):
    """Systemic steroids, from a day until they were stopped; without an end they go on."""

    from_day: Day
    to_day: Day | None = None

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """They do not stop before they start."""
        if self.to_day is not None and self.from_day > self.to_day:
            got = f"{self.from_day:g} > {self.to_day:g} day"
            raise refusal("from_day <= to_day", got, "swap them", key="from_day")
        return self


class Infusion(Section):
    """One dose of the product: CD7+CD3- cells per kg on a day."""

    dose: CellDose
    day: InfusionDay


class PatientFile(Section):
    """One patient: what is known before the counts. Nothing in it may say who the patient is."""

    format: Literal[1] = 1
    label: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,31}$")] = "patient"
    """A code of the study, never a name or a record number."""
    age: PooledAge
    """At transplant; above 89 year it is read as 90."""
    weight: Weight | None = None
    """At transplant; without it that of the age."""
    sex: Literal["female", "male"] | None = None
    diagnosis: Name
    """scid, or il2rg-jak3, il7r, rag-artemis, ada; aml, all, mds."""
    platform: Name | None = None
    """Name of a shipped study whose transplant this was; without it the diagnosis says."""
    transplant: Annotated[
        dt.date | None,
        BeforeValidator(_date, json_schema_input_type=str),
        Field(exclude=True, repr=False),
    ] = None
    """Turns dates of the counts into days; no result holds it."""
    graft: PatientGraft = PatientGraft()
    conditioning: PatientConditioning | None = None
    serotherapy: Serotherapy | None = None
    """Without it as on the platform; `serotherapy: {}` says that there was none."""
    cmv: Cmv = Cmv()
    infection_at_transplant: Switch | None = None
    residual_disease: Switch | None = None
    gvhd: Gvhd | None = None
    steroids: tuple[Steroids, ...] = ()
    product: tuple[Infusion, ...] = ()
    """One or two doses in the order of their days; none for a patient without the product."""

    @model_validator(mode="before")
    @classmethod
    def nameless(cls, data: Any) -> Any:
        """Refuse what would say who the patient is, before anything else is looked at."""
        _refuse_personal(data)
        return data

    @model_validator(mode="after")
    def doses_in_order(self) -> Self:
        """Doses follow each other, and the recipient knows of two."""
        if len(self.product) > 2:
            raise refusal(
                "at most two doses", f"{len(self.product)}", "leave the later ones out", key="product"
            )
        days = [infusion.day for infusion in self.product]
        if any(a >= b for a, b in pairwise(days)):
            raise refusal("doses on days that rise", str(days), "sort them", key="product")
        return self

    @property
    def pooled(self) -> bool:
        """Whether the age stands for all above 89."""
        return self.age == POOLED


def _refuse_personal(data: Any, depth: int = 0) -> None:
    if isinstance(data, dict) and depth < 8:
        for key, value in data.items():
            if what := personal_title(str(key)):
                raise refusal("no personal data", f"{what} ({shown(key)})", HINT, key=str(key))
            written = isinstance(value, str) and not QUANTITY.fullmatch(value)
            if written and (what := personal_value(value)):
                raise refusal("no personal data", f"what looks like {what}", HINT, key=str(key))
            for inner in value if isinstance(value, list) else [value]:
                _refuse_personal(inner, depth + 1)
