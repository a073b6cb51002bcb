"""The hierarchical posterior against dense linear algebra, differences, and interrupted runs."""

import numpy as np
import pytest
from scipy.stats import halfnorm, multivariate_normal, norm

import toy_grid as toy
from thymos.inference.ensemble import Piece, Plan
from thymos.inference.grouped import mode
from thymos.inference.importance import systematic, weights, worth
from thymos.inference.predictive import predictive
from thymos.inference.sampled import sample_posterior

SHORT = Plan(ensembles=2, pieces=3, steps=20, thin=2)


@pytest.fixture(scope="module")
def posterior():
    return toy.posterior(toy.data(np.random.default_rng(1)))


def dense(posterior, x):
    """Covariance of all readings, written out."""
    h, d = posterior.hierarchy, posterior.readings
    sd = {n: h.spread(x[None], n)[0] for n in h.spreads}
    n = len(d.value)
    found = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            for a, b in zip(d.sharing.columns[i], d.sharing.columns[j], strict=True):
                level = d.columns[a]
                found[i, j] += (a == b) * (sd[level] if isinstance(level, str) else level) ** 2
            found[i, j] += (d.sharing.well[i] == d.sharing.well[j]) * sd["well_sd"] ** 2
        found[i, i] += sd[d.noise[d.sharing.kind[i]]] ** 2
    return found


def test_the_density_is_that_of_a_dense_normal_and_its_priors(posterior):
    h, d = posterior.hierarchy, posterior.readings
    for x in h.start + 0.3 * np.random.default_rng(2).standard_normal((3, h.size)):
        r = d.value - posterior.predicted(x[None])[0]
        expected = multivariate_normal(np.zeros(len(r)), dense(posterior, x)).logpdf(r)
        names = h.names
        for name, u in zip(names, x, strict=True):
            if name in h.spreads:
                # Half-normal in the standard deviation, so a factor of it in its logarithm.
                expected += halfnorm(scale=h.spreads[name]).logpdf(np.exp(u)) + u
            elif "@" in name:
                expected += norm.logpdf(u)
            else:
                s = next(s for s in h.shared if s.name == name)
                expected += norm(s.middle, s.sd).logpdf(u)
        found = posterior.log_density(x[None])[0]
        constant = (
            sum(np.log(np.sqrt(2 / np.pi) / s) for s in h.spreads.values())
            - 0.5 * np.log(2 * np.pi) * (len(h.shared) + 3)
            - sum(np.log(s.sd) for s in h.shared)
        )
        assert found + constant == pytest.approx(expected, rel=1e-9)


def test_the_gradient_is_that_of_differences(posterior):
    x = posterior.hierarchy.start + 0.1
    value, gradient = posterior.value_and_grad(x)
    steps = 1e-5 * np.eye(len(x))
    ends = posterior.log_density(np.concatenate([x + steps, x - steps]))
    expected = -(ends[: len(x)] - ends[len(x) :]) / 2e-5
    assert value == pytest.approx(-posterior.log_density(x[None])[0], rel=1e-12)
    assert gradient == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_at_the_mode_nothing_rises(posterior):
    top = mode(posterior, posterior.hierarchy.start)
    assert top.log_density == pytest.approx(posterior.log_density(top.x[None])[0])
    around = top.x + 0.3 * np.random.default_rng(0).standard_normal((200, len(top.x)))
    assert posterior.log_density(around).max() < top.log_density


def test_an_unseen_donor_changes_nothing_and_is_predicted_from_the_others():
    rng = np.random.default_rng(3)
    rows = toy.data(rng, donors=4)
    known = np.array([r[1] != "3" for r in rows])
    whole, part = (
        toy.posterior(rows, seen=known),
        toy.posterior([r for r, k in zip(rows, known, strict=True) if k]),
    )
    x = part.hierarchy.start + 0.1
    z = x[2:5]
    longer = np.concatenate([x[:2], z, [0.0], x[5:]])
    assert whole.log_density(longer[None])[0] == pytest.approx(part.log_density(x[None])[0], rel=1e-10)
    draws = np.repeat(longer[None], 4000, axis=0)
    draws[:, 5] = rng.standard_normal(4000)
    seen = predictive(whole, draws, seed=1)
    donor_sd = float(whole.hierarchy.spread(longer[None], "donor_sd")[0])
    spread = seen.level[:, ~known].std(axis=0)
    assert spread.min() > donor_sd  # its scale is not known
    assert seen.level[:, known].std(axis=0).max() < donor_sd


class Memory:
    """Keeps pieces; stops the run after so many new ones."""

    def __init__(self, most=1000):
        self.kept, self.most = {}, most

    def get(self, ensemble, number):
        return self.kept.get((ensemble, number))

    def put(self, ensemble, number, piece):
        if len(self.kept) == self.most:
            raise KeyboardInterrupt
        self.kept[ensemble, number] = Piece(piece.x.copy(), piece.log_density.copy())


def test_an_interrupted_run_goes_on_with_the_same_draws(posterior):
    whole = sample_posterior(posterior, 5, SHORT, draws=50)
    memory = Memory(most=4)
    with pytest.raises(KeyboardInterrupt):
        sample_posterior(posterior, 5, SHORT, draws=50, keeper=memory)
    assert len(memory.kept) == 4
    memory.most = 1000
    resumed = sample_posterior(posterior, 5, SHORT, draws=50, keeper=memory)
    assert np.array_equal(resumed.x, whole.x)
    assert not np.array_equal(sample_posterior(posterior, 6, SHORT, draws=50).x, whole.x)


def test_weights_turn_draws_of_one_normal_into_those_of_another():
    x = np.random.default_rng(0).standard_normal(20_000)
    found = weights(norm(0.5, 0.8).logpdf(x) - norm.logpdf(x))
    assert (found * x).sum() == pytest.approx(0.5, abs=0.02)
    # E[w]^2 / E[w^2] of these two normals, by numerical integration.
    grid = np.linspace(-12, 12, 200_001)
    p, q = norm(0.5, 0.8).pdf(grid), norm.pdf(grid)
    share = 1 / np.trapezoid(p * p / q, grid)
    assert worth(found) / 20_000 == pytest.approx(share, rel=0.05)
    kept = x[systematic(found, 5000, np.random.default_rng(1))]
    assert kept.mean() == pytest.approx(0.5, abs=0.04)


def test_no_spread_however_odd_breaks_the_matrices(posterior):
    h, rng = posterior.hierarchy, np.random.default_rng(9)
    x = np.repeat(h.start[None], 4000, axis=0)
    m = len(h.spreads)
    x[:, -m:] = rng.uniform(-60, 60, (4000, m)) * rng.choice([0.01, 0.2, 1.0], (4000, m))
    found = posterior.log_density(x)
    assert not np.isnan(found).any()
    assert np.isfinite(found).any()
    assert np.isneginf(found[(x[:, -m:] > 3).any(axis=1)]).all()
