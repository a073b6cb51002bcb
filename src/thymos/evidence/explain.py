"""What `thymos explain NAME` shows: the row of a parameter, and every statement in which it acts."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from thymos.evidence.bibliography import reference
from thymos.evidence.values import Value, rows
from thymos.lang.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from thymos.lang.model import Model
    from thymos.lang.symbols import ModelSymbols


@dataclass(frozen=True)
class Use:
    """One statement in which the parameter acts."""

    kind: str  # transition | output | start | event
    name: str
    expression: str
    latex: str


@dataclass(frozen=True)
class Explanation:
    """One parameter: its row, its source as one line, and where it acts."""

    value: Value
    model: str
    reference: str
    uses: tuple[Use, ...]


def explain(name: str, models: Iterable[Model | type[Model]]) -> list[Explanation]:
    """Parameters called `name`, in full ("periphery.d") or by the last part ("d").

    Raises `InputError` with the nearest names when there is none.
    """
    made = [m() if isinstance(m, type) else m for m in models]
    found = [(m, v) for m in made for v in rows(m).values() if name in (v.name, v.name.split(".")[-1])]
    if not found:
        known = [v.name for m in made for v in rows(m).values()]
        near = get_close_matches(name, known + [k.split(".")[-1] for k in known], n=3, cutoff=0.4)
        raise InputError(
            f"parameter {name!r}", "the name of a parameter", "none of that name", " or ".join(near)
        )
    return [Explanation(v, type(m).__name__, reference(v.source), uses(m, v.name)) for m, v in found]


def uses(model: Model, name: str) -> tuple[Use, ...]:
    """Every statement of the model in which the parameter `name` (in full) appears, as text and LaTeX."""
    import sympy

    from thymos.lang.symbols import ModelSymbols

    part = ModelSymbols(model, sympy.Symbol("t", real=True))
    symbol = next(s for s in part.numbers if s.name == name)
    names = {s: _latex_name(s.name) for s in part.units}
    found = []
    for kind, label, left, expression in _statements(part):
        expression = sympy.sympify(expression)
        if symbol in expression.free_symbols:
            names |= {s: _latex_name(s.name) for s in expression.free_symbols}
            shown = sympy.latex(expression, symbol_names=names)
            found.append(
                Use(
                    kind,
                    label,
                    f"{left} = {sympy.sstr(expression)}".replace("need:", ""),
                    f"{_latex_name(left)} = {shown}",
                )
            )
    return tuple(found)


def _statements(part: ModelSymbols) -> Iterator[tuple[str, str, str, Any]]:
    """(kind, name, left-hand side, expression) of everything the model says."""
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


def _latex_name(name: str) -> str:
    r"""`periphery.naive[H,CD4]` as \mathrm{naive}_{H,CD4}, a definition (365.25 day/year) as its number."""
    if name[:1].isdigit():
        return name.split(" ")[0]
    start, _, end = name.partition("/dt")
    bare, bracket, index = start.removeprefix("d ").partition("[")
    bare = bare.split(".")[-1].removeprefix("need:").replace("_", r"\_").replace("=", r"\!=\!")
    shown = rf"\mathrm{{{bare}}}" + (rf"_{{{index.rstrip(']')}}}" if bracket else "")
    return rf"\frac{{d\,{shown}}}{{dt}}" if name.endswith("/dt") else shown + end
