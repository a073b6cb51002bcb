"""Units: pint at the border and when a model is defined, plain floats inside."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from thymos.lang.errors import UnitError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Counted things are dimensions of their own, so that cells are never added to TREC copies.
DEFINITIONS = (
    "cell = [cell]",
    "copy = [copy]",
    "niche = [niche]",
    "activity_unit = [activity] = AU",
    "uL = microliter",
    "month = 30.4375 * day",
)


@cache
def registry() -> Any:
    """The one pint registry, with the units of the field."""
    import pint

    units: Any = pint.UnitRegistry(cache_folder=None)
    for line in DEFINITIONS:
        units.define(line)
    return units


class Dimension(NamedTuple):
    """Powers of base units and the factor to them; two units are the same when both agree."""

    powers: Mapping[str, float]
    factor: float

    def __mul__(self, other: Dimension) -> Dimension:  # type: ignore[override]
        # tuple's own * repeats; a product of units is what every reader expects here.
        powers = dict(self.powers)
        for name, power in other.powers.items():
            powers[name] = powers.get(name, 0) + power
        return Dimension({k: v for k, v in powers.items() if abs(v) > 1e-12}, self.factor * other.factor)

    def __pow__(self, power: float) -> Dimension:
        return Dimension({k: v * power for k, v in self.powers.items() if power}, float(self.factor**power))

    def same(self, other: Dimension) -> bool:
        """Whether both name the same unit: equal powers and an equal factor."""
        return self.same_kind(other) and abs(self.factor / other.factor - 1) < 1e-9

    def same_kind(self, other: Dimension) -> bool:
        """Whether one converts into the other."""
        names = set(self.powers) | set(other.powers)
        return all(abs(self.powers.get(k, 0) - other.powers.get(k, 0)) < 1e-9 for k in names)

    def __str__(self) -> str:
        text = " ".join(f"{k}^{v:g}" if v != 1 else k for k, v in sorted(self.powers.items()))
        return f"{text or 'dimensionless'} (factor {self.factor:.6g})"


DIMENSIONLESS = Dimension({}, 1.0)


@cache
def dimension(unit: str) -> Dimension:
    """Base-unit powers and factor of a unit's text; "" and "1" are dimensionless."""
    if unit.strip() in ("", "1"):
        return DIMENSIONLESS
    try:
        base = registry().Quantity(1, unit).to_base_units()
    except Exception as problem:  # pint raises its own, tokenize's and syntax errors here
        raise UnitError(
            f"unit {unit!r}", "a unit that can be read", str(problem), "for example 1/day, cell/uL"
        ) from None
    return Dimension(dict(base.unit_items()), float(base.magnitude))


@cache
def factor(got: str, wanted: str) -> float:
    """Number by which a value in `got` is multiplied to stand in `wanted`.

    Raises `UnitError` when the two are not of one kind.
    """
    a, b = dimension(got), dimension(wanted)
    if not a.same_kind(b):
        raise UnitError(f"unit {got!r}", f"a unit that converts to {wanted}", got or "no unit")
    return 1.0 if got == wanted else a.factor / b.factor


def convert(value: float, got: str, wanted: str) -> float:
    """`value` in unit `got`, expressed in unit `wanted`."""
    return value * factor(got, wanted)
