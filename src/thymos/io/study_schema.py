"""What a study file may say. No biology: names of endpoints and genotypes are checked where they live."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from thymos.io.distribution import Distribution, Section, sum_to_one
from thymos.io.quantity import (
    Age,
    CellDensity,
    CellDose,
    Coating,
    Concentration,
    Day,
    DrugDose,
    Duration,
    InfusionDay,
    refusal,
)

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Quarrel = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{1,79}$", description="name of a switch")]
Key = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{1,63}$", description="key in references.bib, or `assumed`")
]
Evidence = Annotated[str, Field(pattern=r"^[A-Z]\d{1,4}$", description="row of the evidence table")]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Shares = Annotated[dict[Name, Share], Field(min_length=1)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Seed = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
Switch = Annotated[bool, Field(strict=True)]


def from_line(value: Any) -> Any:
    """Several quantities in one text, the unit said once: "14, 30, 60 day"."""
    if not isinstance(value, str):
        return value
    *first, last = (item.strip() for item in value.split(","))
    unit = last.partition(" ")[2].strip()
    return [f"{item} {unit}" if item and " " not in item else item for item in first] + [last]


Days = Annotated[tuple[Day, ...], BeforeValidator(from_line), Field(min_length=1, max_length=500)]


class Fact(Section):
    """One fact of the registered protocol and where it stands."""

    text: Text
    evidence: Evidence | None = None
    source: Key


class Registry(Section):
    """The registered trial that this study copies."""

    id: Text
    title: Text
    url: Text
    facts: tuple[Fact, ...]


class Basis(Section):
    """Why a field of the study has its value: a source, or the word `assumed`."""

    field: Text
    """Path of the field, for example population.age."""
    source: Key
    evidence: Evidence | None = None
    text: Text


class Graft(Section):
    """The cells that are transplanted, and from which the product is made."""

    source: Literal["mobilised-blood", "cord-blood"]
    depletion: Literal["none", "cd34-selection", "alpha-beta-depletion"] = "none"
    """How mature T cells were taken out of the graft."""
    units: Annotated[int, Field(strict=True, ge=1, le=2)] = 1
    """Number of cord-blood units; 1 for any other graft."""
    cd34_dose: Distribution[CellDose]
    cd3_dose: Distribution[CellDose]
    """Mature T cells that come with the graft."""
    engraftment_day: Distribution[Duration] | None = None
    """Day of neutrophil engraftment; without it the model's own value for this source."""
    donor_chimerism: Distribution[Share] | None = None
    """Share of donor cells in the marrow; without it the model's own value."""


class Vector(Section):
    """Transduction of the cells in culture."""

    day: Annotated[Duration, Field(le=60)]
    """Day of the culture on which the vector is added."""
    moi: Annotated[float, Field(strict=True, ge=0, le=1e4)]
    """Multiplicity of infection: transducing units per live cell."""
    transgene: Annotated[str, Field(min_length=1, max_length=64)] = "CAR"
    """What it carries; a name, it changes no number."""


class Culture(Section):
    """The seven days on DL4 that turn CD34+ cells into the product."""

    dl4: Coating
    integrin_ligand: Share
    """0 none, 1 the full density of RetroNectin or VCAM-1."""
    scf: Concentration
    il7: Concentration
    tpo: Concentration
    flt3l: Concentration
    tnf: Concentration
    il3: Concentration = 0.0
    days: Annotated[Duration, Field(gt=0, le=60)]
    seeding_density: CellDensity | None = None
    feed_days: Days | None = None
    vector: Vector | None = None
    """How the cells are transduced; without it they are not."""

    @model_validator(mode="after")
    def transduced_in_time(self) -> Self:
        """A vector comes before the harvest."""
        if self.vector is not None and self.vector.day >= self.days:
            raise refusal(
                f"a day before the harvest on day {self.days:g}",
                f"{self.vector.day:g} day",
                "transduce earlier, or lengthen the culture",
                key="vector",
            )
        return self


class Donor(Section):
    """Who gave the graft."""

    match: Shares | None = None
    """Shares of haploidentical, matched-sibling, matched-unrelated, mismatched-unrelated, cord-4-of-6, ..."""
    cmv_positive: Share | None = None
    age: Distribution[Age] | None = None

    @field_validator("match", mode="after")
    @classmethod
    def whole(cls, shares: dict[str, float] | None) -> dict[str, float] | None:
        """Shares add up to 1."""
        if shares is not None:
            sum_to_one(shares)
        return shares


class Ages(Section):
    """From an age to an age."""

    low: Age
    high: Age

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """The older age is not below the younger."""
        if self.low >= self.high:
            raise refusal("low < high", f"{self.low:g} >= {self.high:g} year", "swap them", key="low")
        return self


class Eligible(Section):
    """Whom the trial takes out of a registered population; what is not named takes everyone."""

    age: Ages | None = None
    diagnosis: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    status: (
        Annotated[tuple[Literal["early", "intermediate", "advanced"], ...], Field(min_length=1)] | None
    ) = None
    """Of the disease: first remission, second remission, or neither."""
    donor: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None


class Population(Section):
    """Who is treated: a registered population, a population file, or shares of each trait for itself.

    A trait that is given beside a registry replaces the registry's own; the others are drawn given its value.
    """

    registry: Name | None = None
    """A joint distribution from published tables, for example leukaemia."""
    eligible: Eligible | None = None
    file: Text | None = None
    """Patients from `thymos population`; a path beside the study file, or a whole one."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Of that file; filled in when the study is read."""
    age: Distribution[Age] | None = None
    diagnosis: Shares | None = None
    weight: Literal["from-age"] = "from-age"
    """From age and sex by published growth references."""
    female: Share | None = None
    infection_at_transplant: Share | None = None
    cmv_positive: Share | None = None
    """Of patients; beside a registry it is by age and sex where it is not given."""
    residual_disease: Share = 0.0
    """Share with measurable residual disease at transplant; beside a registry, of those in remission or with MDS."""
    donor: Donor | None = None

    @field_validator("age", mode="after")
    @classmethod
    def bounded(cls, age: Distribution[Age] | None) -> Distribution[Age] | None:
        """An age without an upper limit would reach 200 in a large population."""
        if age is not None and age.highest() is None:
            raise refusal("an age distribution with an upper limit", "none", 'add `high: "70 year"` to it')
        return age

    @field_validator("diagnosis", mode="after")
    @classmethod
    def whole(cls, shares: dict[str, float] | None) -> dict[str, float] | None:
        """Shares add up to 1."""
        if shares is not None:
            sum_to_one(shares)
        return shares

    @model_validator(mode="after")
    def one_source(self) -> Self:
        """A registry or a file stands alone, and without either every trait is said."""
        traits = ("age", "diagnosis", "female", "infection_at_transplant", "cmv_positive", "donor")
        if self.registry is not None and self.file is not None:
            raise refusal("a registry or a file", "both", "remove one of the two", key="file")
        if self.file is not None:
            for name in (*traits, "eligible"):
                if getattr(self, name) is not None:
                    raise refusal("patients as the file has them", f"{name} beside it", "remove it", name)
            return self
        if self.registry is not None:
            return self
        if self.eligible is not None:
            raise refusal("`registry`, from which patients are taken", "none", "name one", key="eligible")
        for name in traits:
            if getattr(self, name) is None:
                raise refusal(f"{name}, or a registry or file that gives it", "nothing", "add it", key=name)
        for name in ("match", "cmv_positive"):
            if self.donor is not None and getattr(self.donor, name) is None:
                raise refusal(
                    f"{name} of the donor, or a registry that gives it", "nothing", "add it", "donor"
                )
        return self


class Atg(Section):
    """Anti-thymocyte globulin: total dose, given in equal parts from the first to the last day."""

    dose: Distribution[DrugDose]
    first_day: Day
    last_day: Day


class Ptcy(Section):
    """Cyclophosphamide after transplant."""

    dose: DrugDose
    days: Days


class Interval(Section):
    """From a day to a day."""

    from_day: Day
    to_day: Day

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """It does not end before it begins."""
        if self.from_day > self.to_day:
            raise refusal(
                "from_day <= to_day", f"{self.from_day:g} > {self.to_day:g} day", "swap them", key="from_day"
            )
        return self


class Conditioning(Section):
    """What prepares the patient, and the drugs that reach donor cells afterwards."""

    intensity: Literal["none", "RIC", "MAC"]
    total_body_irradiation: Switch = False
    atg: Atg | None = None
    alemtuzumab: Atg | None = None
    ptcy: Ptcy | None = None
    calcineurin_inhibitor: Interval | None = None
    steroid: Interval | None = None


class Window(Section):
    """Days between which the infusion is given; each patient's day is drawn evenly from it."""

    low: InfusionDay
    high: InfusionDay

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """The window does not end before it begins."""
        if self.low > self.high:
            raise refusal("low <= high", f"{self.low:g} > {self.high:g} day", "swap them", key="low")
        return self


class Arm(Section):
    """One treatment. The first arm of a study is the untreated twin."""

    name: Name
    title: Text | None = None
    dose: CellDose
    """CD7+CD3- cells per kg of recipient."""
    day: Window | None = None

    @model_validator(mode="after")
    def timed(self) -> Self:
        """A dose needs a day."""
        if self.dose > 0 and self.day is None:
            raise refusal("a day for the dose", "none", 'add `day: {low: "8 day", high: "12 day"}`', "dose")
        return self


class Visits(Section):
    """When blood is taken."""

    days: Days
    window: Annotated[Duration, Field(le=60)]
    """Each visit falls within plus or minus this of its day."""

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """Visits follow each other, the first after transplant."""
        if self.days[0] < 0 or any(a >= b for a, b in zip(self.days, self.days[1:], strict=False)):
            raise refusal(
                "visit days that rise, from day 0 on", str(list(self.days)), "sort them", key="days"
            )
        return self


class RegisteredDesign(Section):
    """The trial at its registered size: one arm against a published rate."""

    n: Annotated[int, Field(strict=True, ge=2, le=10_000)]
    design: Literal["single-arm"]
    endpoint: Name
    reference_rate: Annotated[float, Field(strict=True, gt=0, lt=1)] | Literal["untreated-twins"]
    """A published rate, or that of the untreated twins, as if their natural history were known without error."""
    reference_source: Key
    alpha: Annotated[float, Field(strict=True, gt=0, lt=0.5)]
    """One-sided."""


class Study(Section):
    """One virtual trial: what is copied from the registry, what is assumed, what is asked."""

    format: Literal[1]
    name: Name
    title: Text
    registry: Registry
    therapy: Literal["haploidentical-scid", "t-depleted-leukaemia", "adult-cord-blood"]
    graft: Graft
    culture: Culture
    population: Population
    conditioning: Conditioning
    switches: dict[Quarrel, Name] = Field(default_factory=dict)
    """Choices in scientific quarrels by the name of the switch; one that is not named is drawn as data leave it."""
    knowledge: Literal["posterior", "prior"] = "posterior"
    """Typical values: joint draws given published patients without product, or each row's own range alone."""
    arms: Annotated[tuple[Arm, ...], Field(min_length=1, max_length=8)]
    visits: Visits
    follow_up: Annotated[Duration, Field(gt=0, le=7305)]
    endpoints: Annotated[tuple[Name, ...], Field(min_length=1)]
    registered: RegisteredDesign
    patients: Count
    """Virtual patients of each arm."""
    draws: Count
    """Draws of the uncertain typical values; patients are spread evenly over them."""
    seed: Seed
    basis: tuple[Basis, ...] = ()

    @field_validator("arms", mode="after")
    @classmethod
    def control_first(cls, arms: tuple[Arm, ...]) -> tuple[Arm, ...]:
        """The first arm is the untreated twin, and no name is used twice."""
        if arms[0].dose > 0:
            raise refusal(
                "the untreated twin as first arm",
                f"{arms[0].name} with a dose",
                'put the arm with "0 cell/kg" first',
            )
        names = [arm.name for arm in arms]
        if twice := {name for name in names if names.count(name) > 1}:
            raise refusal("arms with different names", f"{', '.join(sorted(twice))} twice", "rename one")
        return arms

    @model_validator(mode="after")
    def within_follow_up(self) -> Self:
        """Nothing is planned after the end."""
        last = max([self.visits.days[-1], *(arm.day.high for arm in self.arms if arm.day)])
        if last > self.follow_up:
            raise refusal(
                f"visits and infusions until day {self.follow_up:g}",
                f"day {last:g}",
                "lengthen it",
                key="follow_up",
            )
        return self

    @model_validator(mode="after")
    def based_on_fields(self) -> Self:
        """Each basis names a field that exists."""
        for basis in self.basis:
            here: Any = self
            for step in basis.field.split("."):
                here = getattr(here, step, None) if not isinstance(here, dict) else here.get(step)
                if here is None:
                    raise refusal(
                        "a field of this study", f"the basis of {basis.field!r}", "correct its path", "basis"
                    )
        return self
