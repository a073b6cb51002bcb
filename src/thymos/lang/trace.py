"""Trace models once, on symbols, into a system: wiring resolved, units checked, right-hand sides summed."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thymos.lang.errors import DefinitionError, WiringError
from thymos.lang.nearest import nearest
from thymos.lang.statement import Output, Scheduled, Trigger
from thymos.lang.system import (
    DefinitionInfo,
    EventInfo,
    FlowInfo,
    GivenInfo,
    OutputInfo,
    ParameterInfo,
    StateInfo,
    System,
)
from thymos.lang.units import dimension

if TYPE_CHECKING:
    from thymos.lang.dimension import UnitChecker
    from thymos.lang.model import Model
    from thymos.lang.symbols import ModelSymbols


def source_key(models: Iterable[Model], name: str, outputs: Sequence[str] | None) -> str:
    """SHA-256 of everything a trace depends on: the models' source files and this room's. Needs no sympy."""
    h = hashlib.sha256(repr((name, None if outputs is None else tuple(outputs))).encode())
    for m in models:
        for kind in type(m).__mro__[:-1]:  # what a model inherits is part of it; all but object
            h.update(kind.__qualname__.encode() + b"\0" + Path(inspect.getfile(kind)).read_bytes())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        h.update(path.name.encode() + b"\0" + path.read_bytes())
    return h.hexdigest()


def trace(
    models: Iterable[Model], name: str, outputs: Sequence[str] | None = None, as_written: bool = False
) -> System:
    """Join the models into one `System`.

    outputs    : names of the given quantities to record; None records those marked `observe`.
    as_written : keep needs and definitions as symbols, listed in `given` and `definitions`, rather than
                 putting in what they stand for: short, as a reader wants it
    Raises `UnitError` and `WiringError` with file, name, wanted and got.
    """
    return _Tracer(tuple(models), name, outputs, as_written).system()


class _Tracer:
    def __init__(
        self, models: tuple[Model, ...], name: str, outputs: Sequence[str] | None, as_written: bool
    ) -> None:
        import sympy

        from thymos.lang.symbols import ModelSymbols

        self.name, self.wanted, self.as_written = name, outputs, as_written
        self.time = sympy.Symbol("t", real=True)
        self.parts: list[ModelSymbols] = [ModelSymbols(m, self.time) for m in models]
        self._refuse_twice([part.name for part in self.parts], "model")
        self.replaced: dict[Any, Any] = {}
        self.definitions: dict[Any, DefinitionInfo] = {}
        self.given = self._given()
        self.resolved = self._resolve()
        self.states = [s for part in self.parts for s in part.states]
        self.position = {s: i for i, s in enumerate(self.states)}
        self.parameters = self._parameters()
        self.column = {q.symbol: i for i, q in enumerate(self.parameters)}

    # ---- wiring

    @staticmethod
    def _refuse_twice(names: Sequence[str], what: str) -> None:
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise WiringError(f"{what} {', '.join(twice)}", f"each {what} once", "the same name twice")

    def _checker(self, part: ModelSymbols) -> UnitChecker:
        from thymos.lang.dimension import UnitChecker

        return UnitChecker(part.units, f"{part.model.file().name} {type(part.model).__name__}")

    def _given(self) -> dict[str, tuple[Output, str]]:
        given: dict[str, tuple[Output, str]] = {}
        for part in self.parts:
            check = self._checker(part)
            for output in part.model.gives(part.x, part.p, part.env):
                check.expect(output.expression, output.unit, output.label)
                if output.label in given:
                    other = given[output.label][1]
                    raise WiringError(f"output {output.label}", "one giver", f"{other} and {part.name}")
                given[output.label] = (output, part.name)
        return given

    def _resolve(self) -> dict[Any, Any]:
        """Every need as an expression without needs; a loop is printed as `a > b > a`."""
        import sympy

        symbols: dict[str, Any] = {}
        for part in self.parts:
            for symbol, (d, key) in part.needs.items():
                label = d.label(key)
                self._check_need(part, label, d.unit, d.text)
                symbols[label] = symbol
        done: dict[Any, Any] = {}
        by_symbol = {s: label for label, s in symbols.items()}

        def visit(label: str, path: tuple[str, ...]) -> Any:
            if label in path:
                loop = " > ".join((*path[path.index(label) :], label))
                raise WiringError(
                    self.name, "needs without a loop", loop, "let one of them act through a state"
                )
            symbol = symbols[label]
            if symbol not in done:
                e = sympy.sympify(self.given[label][0].expression)
                inner = [by_symbol[s] for s in e.free_symbols if s in by_symbol]
                values = {symbols[i]: visit(i, (*path, label)) for i in sorted(inner)}
                done[symbol] = e.xreplace(values)
            return done[symbol]

        for label in symbols:
            visit(label, ())
        return done

    def _check_need(self, part: ModelSymbols, label: str, unit: str, text: str) -> None:
        where = f"{type(part.model).__name__} needs {label!r} ({text})"
        if label not in self.given:
            raise WiringError(
                where, "a model in this therapy that gives it", f"given here: {', '.join(sorted(self.given))}"
            )
        offered = self.given[label][0].unit
        if not dimension(offered).same(dimension(unit)):
            raise WiringError(where, f"unit {unit}", f"{self.given[label][1]} gives it in {offered}")

    # ---- assembly

    def _parameters(self) -> tuple[ParameterInfo, ...]:
        found: dict[str, ParameterInfo] = {}
        for part in self.parts:
            for symbol, d in part.numbers.items():
                kind = "covariate" if "." not in symbol.name else "parameter"
                info = ParameterInfo(symbol.name, d.unit, d.text, kind, symbol)
                known = found.setdefault(symbol.name, info)
                if known.unit != d.unit:
                    raise WiringError(
                        f"covariate {d.name}", f"one unit ({known.unit})", f"{d.unit} in {part.name}"
                    )
            for symbol, (switch, choice) in part.indicators.items():
                text = f"1 where {switch.name} is {choice}: {switch.text}"
                found[symbol.name] = ParameterInfo(symbol.name, "", text, "switch", symbol)
        return tuple(found.values())

    def _final(self, expression: Any) -> Any:
        """Needs replaced, definitions as numbers; as written, nothing is, and definitions are noted."""
        import sympy

        e = sympy.sympify(expression)
        if not self.as_written:
            return self._replaced(e)
        self.definitions.update(_definitions_in(e))
        return e

    def _replaced(self, e: Any) -> Any:
        """Models share large parts, and `xreplace` would go through them anew each time: here each is replaced once."""
        import sympy

        if e not in self.replaced:
            if e in self.resolved:
                self.replaced[e] = self._replaced(self.resolved[e])
            elif e.is_Symbol and " " in e.name:
                self.replaced[e] = sympy.Float(e.name.split(" ", 1)[0])
            else:
                parts = [self._replaced(a) for a in e.args]
                same = all(new is old for new, old in zip(parts, e.args, strict=True))
                self.replaced[e] = e if same else e.func(*parts)
        return self.replaced[e]

    def _index(self, part: ModelSymbols, symbol: Any, what: str) -> int:
        if symbol not in part.states:
            raise DefinitionError(f"{part.name} [{what}]", "a change of the model's own states", str(symbol))
        return self.position[symbol]

    def _flows(self) -> list[FlowInfo]:
        flows = []
        for part in self.parts:
            check = self._checker(part)
            for tr in part.model.transitions(part.x, part.p, part.env):
                for symbol, change in tr.changes.items():
                    self._index(part, symbol, tr.name)
                    check.expect(tr.rate * change, f"({part.units[symbol] or '1'})/day", tr.name)
                changes = tuple((self.position[s], self._final(c)) for s, c in tr.changes.items())
                flows.append(FlowInfo(part.name, tr.name, self._final(tr.rate), changes))
        return flows

    def _starts(self) -> tuple[Any, ...]:
        values: dict[int, Any] = {}
        for part in self.parts:
            check = self._checker(part)
            for symbol, value in part.model.starts(part.x, part.p, part.env):
                i = self._index(part, symbol, "starts")
                check.expect(value, part.units[symbol], f"start of {symbol}")
                values[i] = self._at_zero(self._final(value), symbol)
        return tuple(values.get(i, self._final(0)) for i in range(len(self.states)))

    def _at_zero(self, e: Any, symbol: Any) -> Any:
        e = e.subs(self.time, 0)
        if e.xreplace(self.resolved).free_symbols & set(self.states):
            raise DefinitionError(f"start of {symbol}", "an expression in parameters and covariates", str(e))
        return e

    def _events(self) -> tuple[EventInfo, ...]:
        events = []
        for part in self.parts:
            check = self._checker(part)
            for event in part.model.events(part.x, part.p, part.env):
                events.append(self._event(part, check, event))
        self._refuse_twice([e.name for e in events], "event")
        return tuple(events)

    def _event(self, part: ModelSymbols, check: UnitChecker, event: Scheduled | Trigger) -> EventInfo:
        changes = []
        for how, values in (("add", event.changes), ("set", event.sets)):
            changes += self._jumps(part, check, event.name, how, values)
        if isinstance(event, Scheduled):
            check.expect(event.at, "day", event.name)
            return EventInfo(event.name, self._column(event.at, event.name), None, None, tuple(changes))
        when = self._index(part, event.when, event.name)
        check.expect(event.reaches, part.units[event.when], event.name)
        return EventInfo(event.name, None, when, self._column(event.reaches, event.name), tuple(changes))

    def _jumps(
        self, part: ModelSymbols, check: UnitChecker, name: str, how: str, values: Mapping[Any, Any]
    ) -> list[tuple[int, str, Any]]:
        for symbol, value in values.items():
            check.expect(value, part.units[symbol], name)
        return [(self._index(part, s, name), how, self._final(v)) for s, v in values.items()]

    def _column(self, symbol: Any, event: str) -> int:
        if symbol not in self.column:
            raise DefinitionError(
                f"event {event}", "its time or level as a parameter or covariate", str(symbol)
            )
        return self.column[symbol]

    def _unknown(self, outputs: list[str]) -> WiringError:
        known = sorted(self.given)
        try_ = " ".join(filter(None, (nearest(wrong, known) for wrong in outputs)))
        return WiringError(
            f"{self.name}, outputs", f"names among {', '.join(known)}", ", ".join(outputs), try_
        )

    def _outputs(self) -> tuple[OutputInfo, ...]:
        if self.wanted is None:
            chosen = [o for o, _ in self.given.values() if o.observe]
        else:
            if missing := [n for n in self.wanted if n not in self.given]:
                raise self._unknown(missing)
            chosen = [self.given[n][0] for n in self.wanted]
        return tuple(OutputInfo(o.label, o.unit, o.text, self._final(o.expression)) for o in chosen)

    def _needed(self) -> tuple[GivenInfo, ...]:
        """What is needed by name, each after what it reads itself: the order in which needs were resolved."""
        if not self.as_written:
            return ()
        labels = {symbol: d.label(key) for part in self.parts for symbol, (d, key) in part.needs.items()}
        chosen = [(symbol, self.given[labels[symbol]][0]) for symbol in self.resolved]
        return tuple(GivenInfo(o.label, o.unit, o.text, s, self._final(o.expression)) for s, o in chosen)

    def system(self) -> System:
        import sympy

        flows = self._flows()
        terms: list[list[Any]] = [[] for _ in self.states]
        for flow in flows:
            for i, change in flow.changes:
                terms[i].append(change * flow.rate)
        infos = []
        for part in self.parts:
            for symbol, (d, _key) in part.states.items():
                infos.append(StateInfo(symbol.name, d.unit, d.text, symbol))
        return System(
            self.name,
            self.time,
            tuple(infos),
            self.parameters,
            tuple(sympy.Add(*t) for t in terms),
            self._starts(),
            self._outputs(),
            self._events(),
            tuple(flows),
            self._needed(),
            tuple(self.definitions[s] for s in sorted(self.definitions, key=str)) if self.as_written else (),
        )


def _definitions_in(e: Any) -> dict[Any, DefinitionInfo]:
    """Numbers with a unit; the only symbols whose names hold a space."""
    found = {}
    for symbol in e.free_symbols:
        value, space, unit = symbol.name.partition(" ")
        if space:
            found[symbol] = DefinitionInfo(float(value), unit, symbol)
    return found
