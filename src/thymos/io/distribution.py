"""How a study says that patients, grafts or doses differ: a named distribution, every limit with its unit."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from thymos.io.quantity import refusal, shown
from thymos.lang.nearest import nearest

Q = TypeVar("Q")

Weight = Annotated[
    float, Field(strict=True, gt=0, allow_inf_nan=False, description="share; shares add up to 1")
]
Spread = Annotated[float, Field(strict=True, gt=0, le=10, description="coefficient of variation, sd / mean")]


class Section(BaseModel):
    """A block of a study file: its keys are known, its values do not change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def known_keys(cls, data: Any) -> Any:
        """Refuse a key that the schema does not know, and say which one was probably meant."""
        if isinstance(data, BaseModel):
            return data
        if not isinstance(data, dict):
            raise refusal(
                f"a block of keys ({', '.join(cls.model_fields)})", shown(data), "indent them under it"
            )
        for key in data:
            if key not in cls.model_fields:
                try_ = nearest(str(key), cls.model_fields) or "remove it"
                known = ", ".join(cls.model_fields)
                raise refusal(f"one of {known}", f"the unknown key {shown(key)}", try_, key=str(key))
        return data


class Fixed(Section, Generic[Q]):
    """The same value for everyone."""

    kind: Literal["fixed"]
    value: Q


class Uniform(Section, Generic[Q]):
    """Every value between `low` and `high` alike."""

    kind: Literal["uniform"]
    low: Q
    high: Q

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """`low` is not above `high`."""
        return ordered(self)


class LogNormal(Section, Generic[Q]):
    """Logarithm normal: `median` and `cv` with sd of ln = sqrt(ln(1 + cv^2)); cut at `low` and `high`."""

    kind: Literal["lognormal"]
    median: Q
    cv: Spread
    low: Q | None = None
    high: Q | None = None

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """`low` is not above `high`."""
        return ordered(self)


class Normal(Section, Generic[Q]):
    """`mean` and `sd` in the same unit; cut at `low` and `high`."""

    kind: Literal["normal"]
    mean: Q
    sd: Q
    low: Q | None = None
    high: Q | None = None

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """`low` is not above `high`."""
        return ordered(self)


class Option(Section, Generic[Q]):
    """One value of a choice."""

    value: Q
    weight: Weight


class Choice(Section, Generic[Q]):
    """One of a few values, each with its share."""

    kind: Literal["choice"]
    options: Annotated[tuple[Option[Q], ...], Field(min_length=1, max_length=64)]

    @model_validator(mode="after")
    def whole(self) -> Self:
        """Shares add up to 1."""
        sum_to_one({str(i): option.weight for i, option in enumerate(self.options)})
        return self


class Part(Section, Generic[Q]):
    """One group of a mixture, for example the adults of a trial that takes adults and children."""

    weight: Weight
    of: Annotated[Fixed[Q] | Uniform[Q] | LogNormal[Q] | Normal[Q], Field(discriminator="kind")]


class Mixture(Section, Generic[Q]):
    """Groups that differ, each with its share and its own distribution."""

    kind: Literal["mixture"]
    parts: Annotated[tuple[Part[Q], ...], Field(min_length=1, max_length=16)]

    @model_validator(mode="after")
    def whole(self) -> Self:
        """Shares add up to 1."""
        sum_to_one({str(i): part.weight for i, part in enumerate(self.parts)})
        return self


class Distribution(RootModel[Any], Generic[Q]):
    """Any of the above; a quantity alone means the same for everyone. `root` is the one that was chosen."""

    model_config = ConfigDict(frozen=True)

    root: Annotated[
        Fixed[Q] | Uniform[Q] | LogNormal[Q] | Normal[Q] | Choice[Q] | Mixture[Q], Field(discriminator="kind")
    ]

    @model_validator(mode="before")
    @classmethod
    def from_text(cls, value: Any) -> Any:
        """A quantity alone is the same for everyone."""
        return {"kind": "fixed", "value": value} if isinstance(value, (str, int, float)) else value

    def highest(self) -> float | None:
        """Largest value that can come out, in the unit of the field; None where there is no limit."""
        return upper(self.root)


D = TypeVar("D", bound=Section)


def ordered(distribution: D) -> D:
    """`distribution`, whose `low` must not be above its `high`."""
    low, high = getattr(distribution, "low", None), getattr(distribution, "high", None)
    if low is not None and high is not None and low > high:
        raise refusal("low <= high", f"{low:g} > {high:g}", "swap them", key="low")
    return distribution


def sum_to_one(shares: dict[str, float]) -> None:
    """Refuse shares that do not add up to 1."""
    total = sum(shares.values())
    if abs(total - 1) > 1e-6:
        raise refusal(
            "shares that add up to 1", f"a sum of {total:g}", "correct the shares; none is filled in for you"
        )


def upper(distribution: Any) -> float | None:
    """Largest value of one kind of distribution; None where there is no limit."""
    match distribution:
        case Fixed():
            return float(distribution.value)
        case Choice():
            return max(float(option.value) for option in distribution.options)
        case Mixture():
            tops = [upper(part.of) for part in distribution.parts]
            return None if None in tops else max(top for top in tops if top is not None)
        case _:
            return None if distribution.high is None else float(distribution.high)
