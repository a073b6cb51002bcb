"""Our scores beside those of `scoringrules`, written by others; slow, as importing it compiles for seconds."""

import numpy as np
import pytest

from thymos.inference.scores import crps, crps_of_quantiles, log_score
from thymos.lang.streams import stream

pytestmark = pytest.mark.slow
LEVELS = np.arange(0.05, 1, 0.1)


@pytest.fixture(scope="module")
def sr():
    return pytest.importorskip("scoringrules")


@pytest.fixture
def forecasts():
    """Skewed draws of different places and widths (draw, forecast), and values."""
    rng = stream(1, "test.scoringrules")
    return np.exp(rng.standard_normal((300, 40))) * rng.random(40), 2 * rng.random(40)


def test_crps_of_draws(sr, forecasts):
    draws, seen = forecasts
    theirs = sr.crps_ensemble(seen, draws, m_axis=0, estimator="qd", backend="numpy")
    np.testing.assert_allclose(crps(draws, seen), theirs, rtol=1e-10)
    energy = sr.crps_ensemble(seen, draws, m_axis=0, estimator="nrg", backend="numpy")
    np.testing.assert_allclose(crps(draws, seen), energy, rtol=1e-10)


def test_crps_of_quantiles(sr, forecasts):
    draws, seen = forecasts
    quantiles = np.quantile(draws, LEVELS, axis=0)
    theirs = sr.crps_quantile(seen, quantiles, LEVELS, m_axis=0, backend="numpy")
    np.testing.assert_allclose(crps_of_quantiles(LEVELS, quantiles, seen), theirs, rtol=1e-10)


def test_log_score_with_the_same_kernels(sr, forecasts):
    draws, seen = forecasts
    width = 1.06 * draws.std(axis=0, ddof=1) * len(draws) ** -0.2
    with np.errstate(divide="ignore"):  # theirs underflows far outside all draws
        theirs = sr.logs_ensemble(seen, draws, m_axis=0, bw=width, backend="numpy")
    near = np.isfinite(theirs)
    assert near.sum() > 20
    np.testing.assert_allclose(log_score(draws, seen)[near], theirs[near], rtol=1e-8)
