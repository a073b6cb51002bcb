"""A document in the making: the model, its identifiers, units and formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.io.sbml.formulas import DIMENSIONLESS, Formulas
from thymos.io.sbml.identifiers import Identifiers
from thymos.io.sbml.library import filled
from thymos.io.sbml.units import Units

if TYPE_CHECKING:
    from thymos.lang.system import System


class Draft:
    """What every part of the document is written with.

    identifier : of each parameter, state and quantity, by symbol
    place      : the compartment of each model that has amounts, by its name
    """

    def __init__(self, system: System, model: Any) -> None:
        self.system, self.model = system, model
        self.identifiers, self.units = Identifiers(), Units(model)
        quantities: tuple[Any, ...] = (*system.parameters, *system.states, *system.given)
        self.identifier = {q.symbol: self.identifiers.new(q.name) for q in quantities}
        for d in system.definitions:
            self.identifier[d.symbol] = self.identifiers.new(f"exactly {d.value:g} {d.unit}")
        self.place: dict[str, str] = {}
        self.formulas = Formulas(system.time, self.identifier, _moving(system))

    def parameter(self, identifier: str, unit: str, *, constant: bool) -> Any:
        """A new parameter of the model, without a value."""
        made = self.model.createParameter()
        return filled(made, Id=identifier, Units=self.units.of(unit), Constant=constant)

    def formula(self, expression: Any, unit: str = "") -> Any:
        """The tree of an expression in `unit`: a plain 0, which fits any, has to be told its own."""
        return self.formulas.of(expression, self.units.of(unit) if expression == 0 else DIMENSIONLESS)

    def rule(self, kind: str, identifier: str, expression: Any, unit: str = "") -> Any:
        """A new assignment or rate rule, or an initial assignment."""
        made = getattr(self.model, f"create{kind}")()
        target = "Symbol" if kind == "InitialAssignment" else "Variable"
        return filled(made, **{target: identifier, "Math": self.formula(expression, unit)})


def _moving(system: System) -> set[Any]:
    """Symbols whose values change with time."""
    found = {system.time, *(s.symbol for s in system.states)}
    for given in system.given:
        if given.expression.free_symbols & found:
            found.add(given.symbol)
    return found
