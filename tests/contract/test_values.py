"""Every model of every registry: complete rows, right dimensions, known sources, and no source unused."""

from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pytest

import thymos.biology
from thymos import assay, therapy
from thymos.evidence.check import check_all
from thymos.evidence.values import rows

STAGES = [m.name for m in iter_modules(thymos.biology.__path__) if m.ispkg]
MODELS = [model for s in STAGES for model in import_module(f"thymos.biology.{s}").MODELS]
MODELS += [*assay.MODELS, *therapy.MODELS]


def test_every_stage_has_models():
    assert MODELS
    assert len({m.named() for m in MODELS}) == len(MODELS)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.named())
def test_every_parameter_has_its_papers(model):
    assert list(rows(model)) == [d.name for d in model.parameters()]


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.named())
def test_draws_are_finite_and_inside_their_range(model):
    u = np.linspace(0.0005, 0.9995, 200)
    for value in rows(model).values():
        typical = value.typical(u)
        assert np.isfinite(typical).all()
        assert np.isfinite(value.individual(u, typical)).all()
        if value.range is not None:
            slack = 1e-9 * max(map(abs, value.range))
            assert typical.min() >= value.range[0] - slack
            assert typical.max() <= value.range[1] + slack


def test_nothing_is_wrong_with_the_evidence():
    problems = check_all(MODELS)
    assert not problems, "\n".join(problems)
