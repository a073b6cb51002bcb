from importlib.util import module_from_spec, spec_from_file_location

import pytest

from thymos.evidence.explain import explain
from thymos.lang.errors import InputError

MODEL = '''
from thymos.lang import Model, Output, Scheduled, Transition, constant, needs, parameter, state

class Pool(Model):
    """A pool."""
    naive = state("cell", "cells", over=(("H", "I"),))
    export = needs("cell/day", "emigrants")
    d = parameter("1/day", "loss rate")
    size_0 = parameter("cell", "size at the start")
    begin = parameter("day", "day of the boost")

    def starts(self, x, p, env):
        yield x.naive["H"], p.size_0

    def transitions(self, x, p, env):
        yield Transition("export", env.export, {x.naive["H"]: +1})
        yield Transition("loss", p.d * x.naive["H"], {x.naive["H"]: -1})

    def gives(self, x, p, env):
        yield Output("yearly_loss", "1/year", p.d * constant(365.25, "day/year"), "loss rate")

    def events(self, x, p, env):
        yield Scheduled("boost", at=p.begin, changes={x.naive["I"]: p.size_0})
'''
ROW = """
[{name}]
value = 2
unit = "{unit}"
uncertainty = {{ kind = "lognormal", cv = 0.5 }}
variability = {{ kind = "fixed" }}
source = "vrisekoop2008"
where = "P371"
grade = "measured"
"""


@pytest.fixture
def pool(tmp_path, monkeypatch):
    (tmp_path / "pool.py").write_text(MODEL)
    units = {"d": "1/day", "size_0": "cell", "begin": "day"}
    (tmp_path / "pool.toml").write_text("".join(ROW.format(name=n, unit=u) for n, u in units.items()))
    spec = spec_from_file_location("pool_to_explain", tmp_path / "pool.py")
    module = module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "pool_to_explain", module)
    spec.loader.exec_module(module)
    return module.Pool


@pytest.mark.parametrize("name", ["d", "pool.d"])
def test_a_parameter_is_found_by_full_and_last_name(pool, name):
    (found,) = explain(name, [pool])
    assert found.value.name == "pool.d"
    assert found.model == "Pool"
    assert found.reference.startswith("Vrisekoop")


def test_every_statement_in_which_it_acts_is_shown(pool):
    loss, yearly = explain("d", [pool])[0].uses
    assert (loss.kind, loss.name) == ("transition", "loss")
    assert loss.expression == "d pool.naive[H]/dt = -pool.d*pool.naive[H]"
    assert loss.latex == r"\frac{d\,\mathrm{naive}_{H}}{dt} = - \mathrm{d} \cdot \mathrm{naive}_{H}"
    assert (yearly.kind, yearly.name) == ("output", "yearly_loss")
    assert yearly.latex == r"\mathrm{yearly\_loss} = 365.25 \cdot \mathrm{d}"


def test_starts_and_events_count_as_uses(pool):
    assert [(u.kind, u.name) for u in explain("size_0", [pool])[0].uses] == [
        ("start", "pool.naive[H]"),
        ("event", "boost"),
    ]
    assert [u.expression for u in explain("begin", [pool()])[0].uses] == ["at = pool.begin"]


def test_an_unknown_name_is_answered_with_its_neighbours(pool):
    with pytest.raises(InputError, match="Try: did you mean size_0"):
        explain("size0", [pool])
