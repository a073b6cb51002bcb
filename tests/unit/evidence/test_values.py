from importlib.util import module_from_spec, spec_from_file_location

import numpy as np
import pytest

from thymos.evidence.distributions import LogNormal, Normal
from thymos.evidence.values import Grade, inspect_rows, rows, values
from thymos.lang.errors import EvidenceError, UnitError

MODEL = '''
from thymos.lang import Model, parameter

class Pool(Model):
    """A pool."""
    d = parameter("1/day", "loss rate")

class Other(Model):
    """A second model of the same file."""
    k = parameter("cell", "size")
'''
ROW = {
    "value": "0.024",
    "unit": '"1/day"',
    "range": "[0.01, 0.05]",
    "uncertainty": '{ kind = "lognormal", cv = 0.5 }',
    "variability": '{ kind = "fixed" }',
    "source": '"vrisekoop2008"',
    "where": '"P371"',
    "grade": '"measured"',
}


@pytest.fixture
def pool(tmp_path, monkeypatch):
    """A model in a file of its own; call it with changes of its row, None to leave a field out."""

    def make(more="", row="d", **changes):
        (tmp_path / "pool.py").write_text(MODEL)
        fields = {k: v for k, v in (ROW | changes).items() if v is not None}
        text = f"[{row}]\n" + "\n".join(f"{k} = {v}" for k, v in fields.items()) + "\n" + more
        (tmp_path / "pool.toml").write_text(text)
        spec = spec_from_file_location("pool_of_a_test", tmp_path / "pool.py")
        module = module_from_spec(spec)
        monkeypatch.setitem(__import__("sys").modules, "pool_of_a_test", module)
        spec.loader.exec_module(module)
        return module.Pool

    return make


def test_a_complete_row_is_read(pool):
    d = rows(pool())["d"]
    assert (d.name, d.value, d.unit, d.text) == ("pool.d", 0.024, "1/day", "loss rate")
    assert (d.range, d.source, d.where, d.grade) == ((0.01, 0.05), "vrisekoop2008", "P371", Grade.measured)
    assert d.uncertainty == LogNormal(0.5)
    assert d.variability.fixed
    assert values([pool()]) == {"pool.d": d}


def test_an_instance_serves_as_well_as_its_class(pool):
    kind = pool()
    assert rows(kind()) == rows(kind)


def test_value_range_and_spread_are_converted_to_the_declared_unit(pool):
    spread = '{ kind = "normal", sd = 0.0001 }'
    d = rows(pool(value="0.001", unit='"1/hour"', range="[0.0005, 0.002]", uncertainty=spread))["d"]
    assert d.value == pytest.approx(0.024)
    assert d.range == pytest.approx((0.012, 0.048))
    assert d.uncertainty == Normal(pytest.approx(0.0024))


def test_typical_values_stay_inside_the_range_and_keep_their_order(pool):
    d = rows(pool(uncertainty='{ kind = "lognormal", cv = 3 }'))["d"]
    u = np.linspace(1e-6, 1 - 1e-6, 1001)
    typical = d.typical(u)
    assert typical.min() >= 0.01
    assert typical.max() <= 0.05
    assert (np.diff(typical) > 0).all()
    assert d.interval == pytest.approx((float(d.typical(0.025)), float(d.typical(0.975))))


def test_individuals_vary_around_the_typical_value(pool):
    d = rows(pool(variability='{ kind = "lognormal", cv = 0.25 }'))["d"]
    assert d.individual(0.5, 0.03) == pytest.approx(0.03)
    assert d.individual(0.9, 0.03) > 0.03


@pytest.mark.parametrize("field", [f for f in ROW if f != "range"])
def test_a_missing_field_is_named(pool, field):
    with pytest.raises(EvidenceError, match=rf"pool\.toml \[d\]: expected .*got none named {field}"):
        rows(pool(**{field: None}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"valeu": "3"}, r"got valeu\.\n  Try: did you mean value"),
        ({"value": '"much"'}, "a finite number"),
        ({"value": "true"}, "a finite number"),
        ({"value": "nan"}, "a finite number"),
        ({"value": "0.06"}, r"inside `range`, 0\.01 to 0\.05 1/day, got 0\.06"),
        ({"range": "[0.01]"}, r"\[low, high\]"),
        ({"uncertainty": '{ kind = "gamma", cv = 1 }'}, "kind = one of fixed, lognormal"),
        ({"uncertainty": "0.3"}, "kind = one of"),
        ({"uncertainty": '{ kind = "lognormal", sd = 1 }'}, "cv = number"),
        ({"uncertainty": '{ kind = "lognormal", cv = -1 }'}, "a spread above 0"),
        ({"uncertainty": '{ kind = "lognormal", cv = "wide" }'}, "`uncertainty.cv` as a finite number"),
        ({"uncertainty": '{ kind = "uniform", low = 2, high = 1 }'}, "low < high"),
        ({"uncertainty": '{ kind = "loguniform", low = 0, high = 1 }'}, "low < high above 0"),
        ({"uncertainty": '{ kind = "uniform", low = 0.03, high = 0.04 }'}, "a value between 0.03 and 0.04"),
        ({"value": "0", "range": "[0, 1]"}, "above 0 for a lognormal"),
        ({"variability": '{ kind = "logitnormal", sd = 1 }', "value": "1.5", "range": "[1, 2]"}, "below 1"),
        ({"source": '"nobody1900"'}, "a key of references.bib, got nobody1900"),
        ({"source": '"vrisekoop2009"'}, "Try: did you mean vrisekoop2008"),
        ({"source": '"assumed"'}, 'grade "assumed"'),
        ({"where": '" "'}, "`where` as text"),
        ({"grade": '"guessed"'}, "measured, calibrated, borrowed, assumed, got 'guessed'"),
        ({"grade": '"calibrated"', "range": None}, "as the grade is calibrated, got no range"),
        ({"grade": '"assumed"', "range": None}, "as the grade is assumed, got no range"),
        ({"grade": '"assumed"', "uncertainty": '{ kind = "lognormal", cv = 0.05 }'}, "a wide interval"),
        ({"grade": '"assumed"', "uncertainty": '{ kind = "fixed" }'}, "a `reason` for none"),
    ],
)
def test_a_faulty_row_is_refused_with_file_and_row(pool, changes, message):
    with pytest.raises(EvidenceError, match=message) as caught:
        rows(pool(**changes))
    assert "pool.toml [d]" in str(caught.value)


@pytest.mark.parametrize(
    ("unit", "got"),
    [('"cell"', r"got cell"), ('"1/dya"', "got .*dya"), ('""', "got no unit"), ("3", "got 3")],
)
def test_a_wrong_dimension_is_refused(pool, unit, got):
    with pytest.raises((UnitError, EvidenceError), match=rf"pool\.toml \[d\].*{got}"):
        rows(pool(unit=unit))


def test_an_assumption_without_spread_needs_a_reason(pool):
    changes = {"grade": '"assumed"', "source": '"assumed"', "uncertainty": '{ kind = "fixed" }'}
    d = rows(pool(**changes, reason='"a convention"'))["d"]
    assert d.reason == "a convention"


def test_a_parameter_without_a_row_is_named(pool):
    with pytest.raises(EvidenceError, match=r"\[d\]: expected a row, got none\.\n  Try: .*loss rate"):
        rows(pool(row="k", unit='"cell"'))


def test_a_row_without_a_parameter_is_named(pool):
    with pytest.raises(EvidenceError, match=r"\[dd\]: expected a parameter .*\n  Try: did you mean d\?"):
        rows(pool(more="[dd]\nvalue = 3\n"))


def test_two_models_of_one_file_share_its_rows(pool):
    kind = pool(more='[k]\nvalue = 3\nunit = "cell"\n')
    assert list(rows(kind)) == ["d"]


def test_all_problems_of_a_model_are_found_at_once(pool):
    found, problems = inspect_rows(pool(value="0.06", more="[e]\n[f]\n"))
    assert not found
    assert len(problems) == 3


def test_a_missing_file_names_the_parameters(pool, tmp_path):
    kind = pool()
    (tmp_path / "pool.toml").unlink()
    with pytest.raises(EvidenceError, match=r"pool\.toml: expected a table for each of d, got no such file"):
        rows(kind)


def test_a_file_that_is_no_toml_is_named(pool, tmp_path):
    kind = pool()
    (tmp_path / "pool.toml").write_text("[d\n")
    with pytest.raises(EvidenceError, match=r"pool\.toml: expected TOML"):
        rows(kind)
