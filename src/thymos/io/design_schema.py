"""What a design file may say: what may be set, what is wanted, what it costs, when to stop.

No biology: names of readouts, parameters and switches are checked where they live.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from thymos.io.distribution import Section
from thymos.io.quantity import CellDensity, Coating, Concentration, Day, Duration, Quantity, refusal
from thymos.io.study_schema import Days, Name, Share, Text, from_line

Q = TypeVar("Q")

Percent = Annotated[float, Quantity("percent", low=0, high=100, example="60 percent")]
Volume = Annotated[float, Quantity("mL", low=0, high=1e6, example="1 mL")]
Price = Annotated[float, Field(strict=True, ge=0, le=1e9)]
Spread = Annotated[float, Field(strict=True, ge=0, le=5)]
Tiny = Annotated[float, Field(strict=True, ge=0, lt=1)]
Readout = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}(\[[A-Za-z0-9]{1,20}\])?$")]
Parameter = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}\.[a-z0-9_]{1,40}$")]
Cytokine = Literal["scf", "il7", "tpo", "flt3l", "tnf", "il3", "il15"]
Reagent = Literal["dl4", "scf", "il7", "tpo", "flt3l", "tnf", "il3", "il15"]


def rising(levels: tuple[float, ...]) -> tuple[float, ...]:
    """`levels`, which must rise."""
    if any(a >= b for a, b in pairwise(levels)):
        raise refusal("levels that rise", ", ".join(f"{x:g}" for x in levels), "sort them, each once")
    return levels


class Span(Section, Generic[Q]):
    """A factor: levels, or any value from `low` to `high`."""

    levels: (
        Annotated[
            tuple[Q, ...],
            BeforeValidator(from_line),
            Field(min_length=2, max_length=64),
            AfterValidator(rising),
        ]
        | None
    ) = None
    low: Q | None = None
    high: Q | None = None
    scale: Literal["linear", "log"] = "linear"
    """Whether steps between `low` and `high` are differences or factors."""

    @model_validator(mode="after")
    def one_way(self) -> Self:
        """Levels, or both ends in order; a logarithm needs a low end above 0."""
        ends = (self.low, self.high)
        if self.levels is not None and ends == (None, None):
            return self
        if self.levels is not None or None in ends:
            raise refusal(
                "`levels`, or `low` and `high`", _given(self), 'for example {levels: "1, 5, 10 ..."}'
            )
        low, high = (float(x) for x in ends)  # type: ignore[arg-type]  # neither is None here
        if low >= high:
            raise refusal(
                "low < high", f"{low:g} >= {high:g}", "swap them, or fix it under `protocol`", "low"
            )
        if self.scale == "log" and low <= 0:
            raise refusal("a `low` above 0 on a log scale", f"{low:g}", "use levels to include 0", "low")
        return self


def _given(span: Any) -> str:
    return (
        ", ".join(name for name in ("levels", "low", "high") if getattr(span, name) is not None) or "neither"
    )


class Factors(Section):
    """What may be set from run to run."""

    dl4: Span[Coating] | None = None
    integrin_ligand: Span[Share] | None = None
    scf: Span[Concentration] | None = None
    il7: Span[Concentration] | None = None
    tpo: Span[Concentration] | None = None
    flt3l: Span[Concentration] | None = None
    tnf: Span[Concentration] | None = None
    il3: Span[Concentration] | None = None
    il15: Span[Concentration] | None = None
    seeding_density: Span[CellDensity] | None = None
    days: Span[Duration] | None = None
    """Day of harvest; between `low` and `high` every whole day."""

    @model_validator(mode="after")
    def some(self) -> Self:
        """Without a factor there is nothing to design; nothing grows at a density or in a time of 0."""
        if not self.spans:
            raise refusal("at least one factor", "none", f"one of {', '.join(Factors.model_fields)}")
        for name in ("seeding_density", "days"):
            span = self.spans.get(name)
            if span is not None and min(span.levels or (span.low,)) <= 0:
                raise refusal(f"{name} above 0", "0", "raise it", key=name)
        if self.days is not None and max(self.days.levels or (self.days.high or 0.0,)) > 60:
            raise refusal("a harvest until day 60", "a later one", "lower it", key="days")
        return self

    @property
    def spans(self) -> dict[str, Span[Any]]:
        """The factors that are given, by name."""
        given = {name: getattr(self, name) for name in Factors.model_fields}
        return {name: span for name, span in given.items() if span is not None}


class Held(Section):
    """What is the same in every run, where it is not as in the clinical process."""

    dl4: Coating | None = None
    integrin_ligand: Share | None = None
    ligand_access: Spread | None = None
    scf: Concentration | None = None
    il7: Concentration | None = None
    tpo: Concentration | None = None
    flt3l: Concentration | None = None
    tnf: Concentration | None = None
    il3: Concentration | None = None
    il15: Concentration | None = None
    days: Annotated[Duration, Field(gt=0, le=60)] | None = None
    seeding_density: Annotated[CellDensity, Field(gt=0)] | None = None
    feed_days: Days | None = None
    feed_share: Share | None = None
    held_density: Annotated[CellDensity, Field(gt=0)] | None = None
    withdrawal_day: Day | None = None
    nk_day: Day | None = None
    nk_scf: Concentration | None = None
    nk_il7: Concentration | None = None
    nk_tpo: Concentration | None = None
    nk_flt3l: Concentration | None = None
    nk_tnf: Concentration | None = None
    nk_il3: Concentration | None = None
    nk_il15: Concentration | None = None
    nk_density: Annotated[CellDensity, Field(gt=0)] | None = None


class Purity(Section):
    """What a lot must be, to be of use."""

    readout: Readout = "cd7_percent"
    at_least: Percent
    probability: Annotated[float, Field(strict=True, gt=0, lt=1)] = 0.9
    """Share of donors whose lot must hold it."""


class YieldAim(Section):
    """As much as possible, of lots that are pure enough."""

    kind: Literal["yield"]
    readout: Readout = "cd7_per_cd34"
    purity: Purity


class InformationAim(Section):
    """To know named parameters as well as possible."""

    kind: Literal["information"]
    parameters: Annotated[tuple[Parameter, ...], Field(min_length=1, max_length=20)]
    criterion: Literal["D", "A"] = "D"
    """D: the volume of what remains possible; A: the sum of the variances."""
    readouts: Annotated[tuple[Readout, ...], Field(min_length=1, max_length=6)] = (
        "cd7_per_cd34",
        "cd7_percent",
    )


class Limit(Section):
    """What cytokines in one medium may add up to."""

    sum: Annotated[tuple[Cytokine, ...], Field(min_length=1, max_length=7)]
    at_most: Concentration | None = None
    at_least: Concentration | None = None

    @model_validator(mode="after")
    def some(self) -> Self:
        """One of the two, or both in order."""
        low, high = self.at_least, self.at_most
        if low is None and high is None:
            raise refusal("`at_most` or `at_least`", "neither", 'for example at_most: "300 ng/mL"')
        if low is not None and high is not None and low > high:
            raise refusal("at_least <= at_most", f"{low:g} > {high:g}", "swap them", key="at_least")
        return self


class Batch(Section):
    """How runs are made together."""

    runs: Annotated[int, Field(strict=True, ge=1, le=96)] = 8
    donors: Annotated[tuple[Text, ...], Field(min_length=1, max_length=24)] = ("donor 1",)
    """Names of the donors at hand; runs go to them in turn."""


class Cost(Section):
    """What a run costs, in any money; without prices a run costs 1, and the budget counts runs."""

    run: Price = 1.0
    day: Price = 0.0
    """For each day that a vessel is kept."""
    volume: Volume = 1.0
    """Medium in one vessel at the start."""
    coating_volume: Volume = 0.5
    """DL4 solution put on the surface of one vessel."""
    per_ug: dict[Reagent, Price] = Field(default_factory=dict)
    """Price of one ug of a reagent; what has none is free."""


class Stop(Section):
    """When another batch is not worth making, as shares of the utility expected now."""

    gain: Tiny = 0.01
    """Least gain expected of a batch."""
    loss: Tiny = 0.05
    """Loss expected by choosing now that is small enough, once the purity is held."""


class Doubt(Section):
    """What is not known, and how finely it is drawn."""

    switches: tuple[Name | Parameter, ...] = ()
    """Quarrels in which each choice is held to be as likely as the others."""
    yield_cv: Spread = 0.2
    """Of one measured count."""
    purity_sd: Annotated[Spread, Field(gt=0)] = 0.15
    """Of the log odds of one measured percentage."""
    missed_yield: Spread = 0.15
    """What the model may miss: standard deviation of the logarithm of the yield."""
    missed_purity: Spread = 0.3
    """The same, of the log odds of the purity."""
    members: Annotated[int, Field(strict=True, ge=50, le=20_000)] = 1000
    """Draws of what is not known."""
    conditions: Annotated[int, Field(strict=True, ge=8, le=2000)] = 96
    """Settings looked at before the search is refined; each on every day of harvest."""


class Design(Section):
    """One question to the bench."""

    format: Literal[1]
    name: Name
    title: Text
    source: Literal["mobilised-blood", "cord-blood"]
    aim: Annotated[YieldAim | InformationAim, Field(discriminator="kind")]
    factors: Factors
    protocol: Held = Held()
    constraints: Annotated[tuple[Limit, ...], Field(max_length=20)] = ()
    batch: Batch = Batch()
    cost: Cost = Cost()
    budget: Annotated[float, Field(strict=True, gt=0, le=1e12)]
    """To be spent on all batches together."""
    stop: Stop = Stop()
    doubt: Doubt = Doubt()

    @field_validator("protocol", mode="after")
    @classmethod
    def whole(cls, protocol: Held) -> Held:
        """Feeds come before the harvest."""
        if protocol.feed_days and protocol.days and max(protocol.feed_days) >= protocol.days:
            raise refusal("feeds before the harvest", "a later one", "move it", key="feed_days")
        return protocol

    @model_validator(mode="after")
    def said_once(self) -> Self:
        """A factor is not held at the same time."""
        for name in self.factors.spans:
            if getattr(self.protocol, name) is not None:
                raise refusal(
                    f"{name} as a factor or under `protocol`", "both", "remove one of the two", key="protocol"
                )
        return self
