"""Tracing: wiring, units, switches, events, and the errors that say what to mend."""

from typing import Any

import pytest
import sympy

from thymos.lang import (
    Model,
    Output,
    Scheduled,
    Transition,
    Trigger,
    constant,
    covariate,
    needs,
    parameter,
    state,
    switch,
)
from thymos.lang.diagram import wiring
from thymos.lang.equations import statements
from thymos.lang.errors import DefinitionError, UnitError, WiringError
from thymos.lang.trace import source_key, trace


class Source(Model):
    """Cells made at a constant rate and lost."""

    cells = state("cell", "cells in the vessel")
    made = parameter("cell/day", "cells made")
    lost = parameter("1/day", "loss rate")
    crowded = switch("no", "yes", "whether loss doubles")
    day = covariate("day", "day of the wash")
    start = covariate("cell", "cells at the start")

    def starts(self, x: Any, p: Any, env: Any) -> Any:
        yield x.cells, p.start

    def transitions(self, x: Any, p: Any, env: Any) -> Any:
        yield Transition("made", p.made, {x.cells: +1})
        yield Transition("lost", p.crowded.choose(no=1, yes=2) * p.lost * x.cells, {x.cells: -1})

    def gives(self, x: Any, p: Any, env: Any) -> Any:
        yield Output("outflow", "cell/day", p.lost * x.cells, "cells lost")
        yield Output(
            "percent", "percent", x.cells / p.start * constant(100, "percent"), "of the start", observe=True
        )

    def events(self, x: Any, p: Any, env: Any) -> Any:
        yield Scheduled("wash", at=p.day, sets={x.cells: 0})


class Sink(Model):
    """Collects what others lose, by kind."""

    held = state("cell", "cells held", over=(("left", "right"),))
    full = parameter("cell", "level at which it empties")
    outflow = needs("cell/day", "cells lost elsewhere")

    def transitions(self, x: Any, p: Any, env: Any) -> Any:
        yield Transition("caught", env.outflow, {x.held["left"]: +1, x.held["right"]: 0.5})

    def events(self, x: Any, p: Any, env: Any) -> Any:
        yield Trigger("spill", when=x.held["left"], reaches=p.full, sets={x.held["left"]: 0})


def named(system: Any, name: str) -> Any:
    return next(s.symbol for s in (*system.states, *system.parameters) if s.name == name)


def test_needs_are_replaced_by_what_is_given() -> None:
    system = trace((Source(), Sink()), "pair")
    lost, cells = named(system, "source.lost"), named(system, "source.cells")
    left, right = (
        system.rhs[[s.name for s in system.states].index(f"sink.held[{k}]")] for k in ("left", "right")
    )
    assert sympy.expand(left - lost * cells) == 0
    assert sympy.expand(right - lost * cells / 2) == 0


def test_every_choice_of_a_switch_lives_in_one_system() -> None:
    system = trace((Source(),), "one")
    yes, lost, cells, made = (named(system, f"source.{n}") for n in ("crowded=yes", "lost", "cells", "made"))
    assert sympy.expand(system.rhs[0].subs(yes, 0) - (made - lost * cells)) == 0
    assert sympy.expand(system.rhs[0].subs(yes, 1) - (made - 2 * lost * cells)) == 0


def test_events_name_the_columns_they_read() -> None:
    system = trace((Source(), Sink()), "pair")
    wash, spill = system.events
    names = [p.name for p in system.parameters]
    assert (wash.at, wash.when) == (names.index("day"), None)
    assert (spill.at, spill.reaches) == (None, names.index("sink.full"))
    assert system.states[spill.when or 0].name == "sink.held[left]"


def test_definitions_become_numbers_and_percent_is_checked() -> None:
    (output,) = trace((Source(),), "one").outputs
    assert output.unit == "percent"
    assert not any(" " in s.name for s in output.expression.free_symbols)


def test_as_written_needs_and_definitions_keep_their_names() -> None:
    system, full = (trace((Source(), Sink()), "pair", as_written=w) for w in (True, False))
    (outflow,) = system.given
    assert (outflow.name, outflow.unit, outflow.text) == ("outflow", "cell/day", "cells lost")
    caught = next(f for f in system.transitions if f.name == "caught")
    assert caught.rate == outflow.symbol
    hundred, *others = system.definitions
    assert (hundred.value, hundred.unit, others) == (100.0, "percent", [])
    stands_for = {outflow.symbol: outflow.expression, hundred.symbol: sympy.Float(hundred.value)}
    assert [e.xreplace(stands_for) for e in system.rhs] == list(full.rhs)
    assert system.outputs[0].expression.xreplace(stands_for) == full.outputs[0].expression
    assert (full.given, full.definitions) == ((), ())


class WrongScale(Source):
    lost = parameter("1/hour", "loss rate")


class WrongKind(Source):
    made = parameter("cell", "cells made")


class WrongSum(Source):
    def transitions(self, x: Any, p: Any, env: Any) -> Any:
        yield Transition("odd", (x.cells + p.made) * p.lost, {x.cells: +1})


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (
            WrongScale,
            r"test_tracing.py WrongScale \[(lost|outflow)\]: expected .*the kind is right, the scale is not",
        ),
        (WrongKind, r"test_tracing.py WrongKind \[made\]: expected \(cell\)/day"),
        (WrongSum, r"WrongSum \[odd\]: expected terms of one unit in the sum"),
    ],
)
def test_a_unit_mistake_is_refused_with_file_and_statement(model: type[Model], said: str) -> None:
    with pytest.raises(UnitError, match="(?s)" + said):
        trace((model(),), "wrong")


def test_a_need_that_no_one_gives_is_refused() -> None:
    with pytest.raises(
        WiringError, match=r"Sink needs 'outflow'.*expected a model in this therapy that gives it"
    ):
        trace((Sink(),), "alone")


class Echo(Model):
    """Gives what it needs: half of a loop."""

    ping = needs("", "from the other")

    def gives(self, x: Any, p: Any, env: Any) -> Any:
        yield Output("pong", "", env.ping / 2, "back")


class Answer(Model):
    """The other half."""

    pong = needs("", "from the other")

    def gives(self, x: Any, p: Any, env: Any) -> Any:
        yield Output("ping", "", env.pong / 2, "back")


def test_a_loop_of_needs_is_printed() -> None:
    with pytest.raises(WiringError, match=r"p.ng > p.ng > p.ng"):
        trace((Echo(), Answer()), "loop")


def test_a_model_twice_is_refused() -> None:
    with pytest.raises(WiringError, match="the same name twice"):
        trace((Source(), Source()), "twice")


class Typo(Source):
    def transitions(self, x: Any, p: Any, env: Any) -> Any:
        yield Transition("typo", p.maed, {x.cells: +1})


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(DefinitionError, match=r"Typo: expected a declared parameter.*made.*got maed"):
        trace((Typo(),), "typo")


def test_the_key_of_a_trace_moves_with_what_it_depends_on() -> None:
    assert source_key((Source(),), "a", None) == source_key((Source(),), "a", None)
    assert source_key((Source(),), "a", None) != source_key((Source(),), "b", None)
    assert source_key((Source(),), "a", None) != source_key((Source(), Sink()), "a", None)


def test_equations_and_wiring_are_printed() -> None:
    lost = next(s for s in statements(Source()) if s.name == "lost")
    assert lost.text.startswith("d source.cells/dt = -source.cells*source.lost*")
    assert r"\frac{d\,\mathrm{cells}}{dt}" in lost.latex
    assert "Source -->|outflow| Sink" in wiring((Source(), Sink()))


def test_a_declaration_may_not_take_a_name_of_model() -> None:
    with pytest.raises(DefinitionError, match="a name that Model does not use itself"):
        type("Odd", (Model,), {"events": parameter("", "cells counted")})
