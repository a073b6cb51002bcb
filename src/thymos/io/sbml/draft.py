"""A document in the making: the model, its identifiers, units and formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.io.sbml.formulas import Formulas
from thymos.io.sbml.identifiers import Identifiers
from thymos.io.sbml.library import filled
from thymos.io.sbml.units import Units

if TYPE_CHECKING:
    from thymos.lang.system import System


class Draft:
    """What every part of the document is written with.

    identifier : of each parameter, state and quantity, by symbol
    place      : the compartment of each model that has amounts, by its name
    moving     : symbols whose values change with time
    """

    def __init__(self, system: System, model: Any) -> None:
        self.system, self.model = system, model
        self.identifiers, self.units = Identifiers(), Units(model)
        quantities: tuple[Any, ...] = (*system.parameters, *system.states, *system.given)
        self.identifier = {q.symbol: self.identifiers.new(q.name) for q in quantities}
        for d in system.definitions:
            self.identifier[d.symbol] = self.identifiers.new(f"exactly {d.value:g} {d.unit}")
        self.place: dict[str, str] = {}
        self.moving = _moving(system)
        self.formulas = Formulas(system.time, self.identifier, self.moving)

    def is_constant(self, expression: Any) -> bool:
        """Whether an expression keeps its value from beginning to end."""
        return not expression.free_symbols & self.moving

    def parameter(self, identifier: str, unit: str, *, constant: bool) -> Any:
        """A new parameter of the model, without a value."""
        made = self.model.createParameter()
        return filled(made, Id=identifier, Units=self.units.of(unit), Constant=constant)

    def rule(self, kind: str, identifier: str, expression: Any) -> Any:
        """A new assignment or rate rule, or an initial assignment."""
        made = getattr(self.model, f"create{kind}")()
        target = "Symbol" if kind == "InitialAssignment" else "Variable"
        return filled(made, **{target: identifier, "Math": self.formulas.of(expression)})


def _moving(system: System) -> set[Any]:
    found = {system.time, *(s.symbol for s in system.states)}
    for given in system.given:
        if given.expression.free_symbols & found:
            found.add(given.symbol)
    return found
