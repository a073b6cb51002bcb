"""Units as SBML writes them: products of its base units, each with a multiplier and a power."""

from __future__ import annotations

from typing import Any

from thymos.io.sbml.identifiers import Identifiers
from thymos.io.sbml.library import filled, libsbml
from thymos.lang.errors import UnitError
from thymos.lang.units import dimension, registry

# SBML counts in `item` alone: cells, TREC copies and units of activity are told apart by their names there.
KINDS = {
    "cell": ("UNIT_KIND_ITEM", "cell"),
    "copy": ("UNIT_KIND_ITEM", "copy"),
    "niche": ("UNIT_KIND_ITEM", "niche"),
    "activity_unit": ("UNIT_KIND_ITEM", "activity_unit"),
    "time": ("UNIT_KIND_SECOND", "second"),
    "mass": ("UNIT_KIND_GRAM", "gram"),
    "volume": ("UNIT_KIND_LITRE", "liter"),
    "length": ("UNIT_KIND_METRE", "meter"),
    "number": ("UNIT_KIND_DIMENSIONLESS", "dimensionless"),
}


def is_amount(unit: str) -> bool:
    """Whether a unit counts things, so that a reaction can make and use them."""
    known = dimension(unit)
    return known.factor == 1.0 and known.powers in ({"cell": 1}, {"copy": 1}, {"niche": 1})


class Units:
    """The unit definitions of one model, written when first asked for."""

    def __init__(self, model: Any) -> None:
        self._model, self._identifiers = model, Identifiers()
        self._known: dict[str, str] = {"": "dimensionless", "1": "dimensionless"}

    def of(self, unit: str) -> str:
        """The identifier of a unit; raises `UnitError` for one that SBML has no word for."""
        if unit not in self._known:
            self._known[unit] = self._define(unit)
        return self._known[unit]

    def _define(self, unit: str) -> str:
        spelled = unit.replace("1/", "per ").replace("/", " per ")
        identifier = self._identifiers.new(spelled)
        definition = filled(self._model.createUnitDefinition(), Id=identifier, Name=unit)
        for name, power in registry().Unit(unit)._units.items():
            kind, multiplier = _base(name, unit)
            kind = getattr(libsbml(), kind)
            filled(definition.createUnit(), Kind=kind, Exponent=float(power), Scale=0, Multiplier=multiplier)
        return identifier


def _base(name: str, unit: str) -> tuple[str, float]:
    """SBML's kind for one factor of a unit, and how many of that kind it is."""
    one = registry().Quantity(1.0, name)
    for kind, base in KINDS.values():
        if one.is_compatible_with(base):
            return kind, float(one.to(base).magnitude)
    raise UnitError(f"unit {unit!r}", f"a product of {', '.join(KINDS)}", name)
