"""Symbols for one model: what `x`, `p` and `env` are while it is traced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from thymos.lang.declare import (
    CovariateDeclaration,
    Declaration,
    Key,
    NeedDeclaration,
    ParameterDeclaration,
    StateDeclaration,
    SwitchDeclaration,
)
from thymos.lang.errors import DefinitionError
from thymos.lang.model import Model


class Indexed:
    """Symbols by label: `x.naive["H", "CD4"]`."""

    def __init__(self, name: str, items: dict[Key, Any]) -> None:
        self._name, self._items = name, items

    def __getitem__(self, key: str | Key) -> Any:
        full = (key,) if isinstance(key, str) else tuple(key)
        if full not in self._items:
            known = ", ".join(",".join(k) for k in self._items)
            raise DefinitionError(self._name, f"one of the labels {known}", ",".join(full))
        return self._items[full]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._items)

    def total(self) -> Any:
        """Sum over all labels."""
        return sum(self._items.values())


class Choice:
    """A switch while tracing: `choose` writes every alternative, weighted by indicators of 0 or 1."""

    def __init__(self, declaration: SwitchDeclaration, indicators: dict[str, Any]) -> None:
        self._declaration, self._indicators = declaration, indicators

    def choose(self, **alternatives: Any) -> Any:
        """The expression of the default, plus indicator x (alternative - default) for each other choice."""
        choices = self._declaration.choices
        if set(alternatives) != set(choices):
            raise DefinitionError(
                f"switch {self._declaration.name}",
                f"one expression for each of {', '.join(choices)}",
                ", ".join(alternatives),
            )
        default = alternatives[choices[0]]
        return default + sum(w * (alternatives[c] - default) for c, w in self._indicators.items())


class Namespace:
    """Attributes of one kind of symbol, with an error that lists what there is."""

    def __init__(self, owner: str, kind: str, items: dict[str, Any]) -> None:
        self._owner, self._kind, self._items = owner, kind, items

    def __getattr__(self, name: str) -> Any:
        items = self.__dict__.get("_items", {})
        if name not in items:
            raise DefinitionError(
                f"{self.__dict__.get('_owner')}",
                f"a declared {self.__dict__.get('_kind')} ({', '.join(items)})",
                name,
            )
        return items[name]


class ModelSymbols:
    """All symbols of one model, and the unit of each."""

    def __init__(self, model: Model, time: Any) -> None:
        self.model, self.name = model, model.named()
        self.units: dict[Any, str] = {time: "day"}
        self.states: dict[Any, tuple[StateDeclaration, Key]] = {}
        self.needs: dict[Any, tuple[NeedDeclaration, Key]] = {}
        self.indicators: dict[Any, tuple[SwitchDeclaration, str]] = {}
        self.numbers: dict[Any, Declaration] = {}
        x = {d.name: self._indexed(d, f"{self.name}.", self.states) for d in model.states()}
        env = {d.name: self._indexed(d, "need:", self.needs) for d in model.needed()}
        p = {d.name: self._number(d) for d in model.parameters()}
        p |= {d.name: self._number(d) for d in model.covariates()}
        p |= {d.name: self._choice(d) for d in model.switches()}
        where = type(model).__name__
        self.x = Namespace(where, "state", x)
        self.p = Namespace(where, "parameter, covariate or switch", p)
        self.env = Namespace(where, "need", {"t": time, **env})

    def _symbol(self, text: str, unit: str) -> Any:
        import sympy

        symbol = sympy.Symbol(text, real=True)
        self.units[symbol] = unit
        return symbol

    def _indexed(self, d: Any, prefix: str, into: dict[Any, Any]) -> Any:
        items = {key: self._symbol(prefix + d.label(key), d.unit) for key in d.all_keys()}
        into.update({symbol: (d, key) for key, symbol in items.items()})
        return Indexed(f"{self.name}.{d.name}", items) if d.over else items[()]

    def _number(self, d: ParameterDeclaration | CovariateDeclaration) -> Any:
        shared = isinstance(d, CovariateDeclaration)
        symbol = self._symbol(d.name if shared else f"{self.name}.{d.name}", d.unit)
        self.numbers[symbol] = d
        return symbol

    def _choice(self, d: SwitchDeclaration) -> Choice:
        made = {c: self._symbol(f"{self.name}.{d.name}={c}", "") for c in d.choices[1:]}
        self.indicators.update({symbol: (d, c) for c, symbol in made.items()})
        return Choice(d, made)
