"""The documented form of a result: the object in summary.json and behind `thymos trial --json`.

Every quantity is a median with a 95 % interval and a unit, or a proportion with a 95 % interval and the
number of virtual patients behind it. docs/reference/json.md says the same in prose.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT: Literal[1] = 1
LINEAGES = ("cd3", "cd4", "cd8", "cd19", "nk", "trec")
EVENTS = ("agvhd_2_4", "agvhd_3_4", "relapse", "serious_infection", "nrm", "overall_survival")

Number = Annotated[float, Field(allow_inf_nan=False)]
Probability = Annotated[float, Field(ge=0, le=1)]
Day = Annotated[str, Field(pattern=r"^\d+$", description="day after transplant, as a JSON key")]


class Part(BaseModel):
    """A block of the summary: nothing unknown in it, nothing changed after it was made."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True
    )


class Quantity(Part):
    """Median and 95 % interval. null where more than that share of patients never gets there."""

    median: Number | None
    low: Number | None
    high: Number | None
    unit: str


class Proportion(Part):
    """Share of patients or replicates, its 95 % interval, and their number."""

    p: Probability
    low: Probability
    high: Probability
    n: Annotated[int, Field(ge=0)]


class Waiting(Quantity):
    """Time until something happens, and the share in whom it does within the follow-up."""

    reached: Proportion


class Difference(Quantity):
    """Treated minus untreated twin, patient by patient; `median` holds the mean over pairs."""

    paired: Literal[True] = True


class Arm(Part):
    """What became of one arm."""

    name: str
    title: str
    dose: Quantity
    """CD7+CD3- cells per kg."""
    cd4_ir_day100: Proportion
    """CD4 above 50/uL on two consecutive visits, the first of them by day 100."""
    day_cd4_200: Waiting
    """First day with CD4 above 200/uL."""
    counts: dict[str, dict[Day, Quantity]]
    """By lineage (cd3, cd4, cd8, cd19, nk) and day."""
    trec_month6: Quantity
    """Signal-joint TREC in blood at 6 months."""
    outcomes: dict[str, dict[Day, Proportion]]
    """By event and day: cumulative incidence with competing risks; for overall_survival the share alive."""


class Compared(Part):
    """Which arm is compared with which."""

    arm: str
    against: str


class RegisteredSize(Part):
    """The same trial at its registered size, repeated: how often would it show the difference?"""

    n: int
    design: str
    endpoint: str
    reference_rate: Probability
    reference: str
    """Key of the source of that rate, or `untreated-twins`."""
    critical_value: int
    """Least number of responders that rejects the reference rate."""
    alpha: Probability
    power: Proportion
    untreated: Proportion
    """Share of the same trials that would reject with the untreated twins: not the product's merit."""
    type_one_error: Probability
    """The same test on patients who truly have the reference rate; exact, so without an interval."""
    replicates: int


class Failed(Part):
    """Virtual patients whose equations could not be solved. They stay in every denominator."""

    n: int
    of: int
    by_status: dict[str, int]


class Assumption(Part):
    """The result when one assumption alone is moved between its limits; the strongest comes first."""

    name: str
    text: str
    kind: Literal["parameter", "switch"]
    from_: Annotated[float | str, Field(alias="from")]
    to: float | str
    unit: str
    """Unit of `from` and `to`; empty for a switch."""
    endpoint: str
    """The paired difference that is watched."""
    effect_low: Number
    """That difference with the assumption at `from`."""
    effect_high: Number
    """That difference with the assumption at `to`."""
    effect_unit: str
    direction: Literal["raises", "lowers", "none"]
    """What going from `from` to `to` does to the difference."""
    grade: str
    source: str


class Source(Part):
    """One entry of the bibliography that this run rested on."""

    key: str
    text: str


class Assumed(Part):
    """One value that no source supports."""

    name: str
    value: float | str
    unit: str
    where: str


class BandPoint(Part):
    """The reference range of healthy people on one day of follow-up."""

    day: float
    low: Number
    median: Number
    high: Number


class ReferenceBand(Part):
    """Counts of healthy people of the same age, and who measured them."""

    source: str
    lineages: dict[str, list[BandPoint]]


class SwitchShare(Part):
    """How often one choice of a scientific quarrel was drawn, or that the study pinned it."""

    name: str
    choice: str
    share: float
    pinned: bool


class Knowledge(Part):
    """What typical values and switches were drawn from."""

    typical: Literal["posterior", "prior"]
    """Joint draws given published patients without product, or each row's own range."""
    joint_draws: int
    """How many joint draws there are; 0 for none."""
    switches: list[SwitchShare]


class Diversity(Part):
    """How diverse the T cells of some twin pairs are, in closed form."""

    pairs: int
    depth: Number
    """T cells that are sequenced."""
    measures: dict[str, str]
    """What each measure is."""
    arms: dict[str, dict[str, dict[Day, Quantity]]]
    """By arm, measure and day."""
    difference: dict[str, dict[Day, Difference]]
    """By measure and day: last arm over twin where the unit is fold, minus twin elsewhere."""


class Summary(Part):
    """One run."""

    format: Literal[1] = FORMAT
    study: str
    title: str
    version: str
    seed: int
    patients: int
    """Virtual patients of each arm."""
    draws: int
    """Draws of the uncertain typical values."""
    lot: dict[str, Quantity]
    """fold, cd7_percent, cd7_per_cd34, cd3_per_kg, dose_per_kg; of a transduced product also its copies."""
    arms: Annotated[list[Arm], Field(min_length=1)]
    compared: Compared | None
    difference: dict[str, Difference]
    """By endpoint: cd4_ir_day100, day_cd4_200, <lineage>_day<day>, trec_month6, <event>_day<day>."""
    registered_size: RegisteredSize | None
    failed: Failed
    knowledge: Knowledge | None = None
    diversity: Diversity | None = None
    assumptions: list[Assumption]
    sources: list[Source]
    assumed: list[Assumed]
    reference_band: ReferenceBand
    digest: str = ""
    """SHA-256 over all stored numbers; set when the run is complete."""
    seconds: Number
    """Wall time of the computation."""
