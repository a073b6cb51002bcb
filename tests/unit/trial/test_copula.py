"""Joint draws as scores: margins, dependence and indicators come back."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from thymos.trial.copula import Copula


def test_margins_and_dependence_come_back():
    rng = np.random.default_rng(3)
    z = rng.standard_normal((5000, 2))
    one = np.exp(z[:, 0])
    other = 1 / (1 + np.exp(-(0.7 * z[:, 0] + np.sqrt(0.51) * z[:, 1])))
    made = Copula.of(
        {"a": one, "b": other, "s=yes": (z[:, 1] > 1).astype(float), "fixed": np.full(5000, 3.0)}
    ).values(rng.standard_normal((20_000, 4)))
    for drawn, name in ((one, "a"), (other, "b")):
        quantiles = (0.05, 0.5, 0.95)
        assert np.quantile(made[name], quantiles) == pytest.approx(np.quantile(drawn, quantiles), rel=0.06)
    assert spearmanr(made["a"], made["b"])[0] == pytest.approx(spearmanr(one, other)[0], abs=0.03)
    assert made["s=yes"].mean() == pytest.approx(np.mean(z[:, 1] > 1), abs=0.012)
    assert set(made["fixed"]) == {3.0}


def test_nothing_learnt_gives_nothing():
    assert Copula.of({}).values(np.zeros((3, 0))) == {}
