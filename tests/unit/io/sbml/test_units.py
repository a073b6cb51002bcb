"""Units against their definitions in SI, by libSBML's own arithmetic."""

import libsbml
import pytest

from thymos.io.sbml.units import Units, is_amount
from thymos.lang.errors import UnitError


@pytest.mark.parametrize(
    ("unit", "si"),
    [
        ("day", [("second", 1, 86400)]),
        ("1/day", [("second", -1, 86400)]),
        ("year", [("second", 1, 31557600)]),
        ("kg", [("gram", 1, 1000)]),
        ("cell/uL", [("item", 1, 1), ("litre", -1, 1e-6)]),
        ("ng/cell/day", [("gram", 1, 1e-9), ("item", -1, 1), ("second", -1, 86400)]),
        ("AU/mL", [("item", 1, 1), ("litre", -1, 1e-3)]),
        ("percent", [("dimensionless", 1, 0.01)]),
        ("kg**0.5", [("gram", 0.5, 1000)]),
    ],
)
def test_a_unit_is_a_product_of_base_units(unit: str, si: list[tuple[str, float, float]]) -> None:
    document = libsbml.SBMLDocument(3, 2)  # in hand: the model lives no longer than it
    model = document.createModel()
    definition = model.getUnitDefinition(Units(model).of(unit))
    found = [
        (libsbml.UnitKind_toString(u.getKind()), u.getExponentAsDouble(), pytest.approx(u.getMultiplier()))
        for u in definition.getListOfUnits()
    ]
    assert sorted(si) == sorted(found, key=lambda x: x[0])
    assert definition.getName() == unit


def test_a_unit_is_defined_once_and_none_for_a_pure_number() -> None:
    document = libsbml.SBMLDocument(3, 2)
    model = document.createModel()
    units = Units(model)
    assert units.of("cell/uL") == units.of("cell/uL") == "cell_per_uL"
    assert units.of("") == units.of("1") == "dimensionless"
    assert model.getNumUnitDefinitions() == 1


def test_a_unit_that_sbml_lacks_is_refused() -> None:
    document = libsbml.SBMLDocument(3, 2)
    model = document.createModel()
    with pytest.raises(UnitError, match=r"unit 'kelvin/day': expected a product of cell, .* got kelvin"):
        Units(model).of("kelvin/day")


def test_what_is_counted_is_an_amount() -> None:
    assert is_amount("cell")
    assert is_amount("copy")
    assert not any(map(is_amount, ("cell/uL", "", "ng/mL", "day", "cell/kg")))
