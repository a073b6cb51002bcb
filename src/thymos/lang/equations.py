"""What a model says, one statement at a time, as text and as LaTeX."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thymos.lang.model import Model
    from thymos.lang.symbols import ModelSymbols


@dataclass(frozen=True)
class Statement:
    """One transition, output, initial value or jump: `left` = `expression`."""

    kind: str  # transition | output | start | event
    name: str
    left: str
    expression: Any

    @property
    def symbols(self) -> set[str]:
        """Names of the states, parameters and needs that appear on the right."""
        return {s.name for s in self.expression.free_symbols}

    @property
    def text(self) -> str:
        """One line of plain text."""
        import sympy

        return f"{self.left} = {sympy.sstr(self.expression)}".replace("need:", "")

    @property
    def latex(self) -> str:
        """The same in LaTeX; the names of code become upright words."""
        import sympy

        names = {s: latex_name(s.name) for s in self.expression.free_symbols}
        right = sympy.latex(self.expression, symbol_names=names, mul_symbol="dot")
        return f"{latex_name(self.left)} = {right}"


def statements(model: Model) -> list[Statement]:
    """Everything the model says, needs left as symbols."""
    import sympy

    from thymos.lang.symbols import ModelSymbols

    part = ModelSymbols(model, sympy.Symbol("t", real=True))
    return [Statement(*said[:3], sympy.sympify(said[3])) for said in _said(part)]


def _said(part: ModelSymbols) -> Iterator[tuple[str, str, str, Any]]:
    x, p, env = part.x, part.p, part.env
    for tr in part.model.transitions(x, p, env):
        for state, change in tr.changes.items():
            yield "transition", tr.name, f"d {state.name}/dt", change * tr.rate
    for output in part.model.gives(x, p, env):
        yield "output", output.label, output.label, output.expression
    for state, value in part.model.starts(x, p, env):
        yield "start", state.name, f"{state.name}(0)", value
    for event in part.model.events(x, p, env):
        for what in ("at", "reaches"):
            if hasattr(event, what):
                yield "event", event.name, what, getattr(event, what)
        for state, value in (*event.changes.items(), *event.sets.items()):
            yield "event", event.name, f"jump of {state.name}", value


def latex_name(name: str) -> str:
    r"""`periphery.naive[H,CD4]` as \mathrm{naive}_{H,CD4}, a definition (365.25 day/year) as its number."""
    if name[:1].isdigit():
        return name.split(" ")[0]
    if name.startswith("jump of "):
        return rf"\Delta {latex_name(name.removeprefix('jump of '))}"
    start, _, end = name.partition("/dt")
    bare, bracket, index = start.removeprefix("d ").partition("[")
    bare = bare.split(".")[-1].removeprefix("need:").replace("_", r"\_").replace("=", r"\!=\!")
    shown = rf"\mathrm{{{bare}}}" + (rf"_{{{index.rstrip(']')}}}" if bracket else "")
    return rf"\frac{{d\,{shown}}}{{dt}}" if name.endswith("/dt") else shown + end
