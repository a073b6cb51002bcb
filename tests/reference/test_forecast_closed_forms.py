"""The inference of a forecast beside answers that are known: normal laws, and a patient that is a straight line."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import chi2, multivariate_normal

from thymos.inference.assimilate import Places, Plan, assimilate
from thymos.inference.directions import directions
from thymos.inference.forecast import Onward, surprise
from thymos.inference.readings import Readings
from thymos.lang.streams import stream

COVARIANCE = np.array([[1.0, 0.6, 0.3], [0.6, 1.5, 0.4], [0.3, 0.4, 0.8]])
MEAN = np.array([0.2, -0.4, 1.0])
VALUE = np.array([0.5, 0.3, 0.1])


def readings(*below):
    return Readings(VALUE, np.array([k in below for k in range(3)]), COVARIANCE)


def test_readings_have_the_density_of_the_normal_law():
    found = readings().judged(MEAN[None, :], np.zeros((1, 0)))
    assert found.log_density.sum() == pytest.approx(multivariate_normal(MEAN, COVARIANCE).logpdf(VALUE))


@pytest.mark.parametrize("below", [(0,), (0, 1), (0, 1, 2)])
def test_readings_below_a_limit_have_the_probability_of_the_normal_law(below):
    n = 50_000
    one = readings(*below)
    chance = stream(1, "test.chance").standard_normal((n, one.censored))
    likelihood = np.exp(one.judged(np.tile(MEAN, (n, 1)), chance).log_density.sum(axis=1))
    rest = [k for k in range(3) if k not in below]
    expected = multivariate_normal(MEAN[list(below)], COVARIANCE[np.ix_(below, below)])
    if rest:
        # The censored ones given the others, times the density of these.
        gain = COVARIANCE[np.ix_(below, rest)] @ np.linalg.inv(COVARIANCE[np.ix_(rest, rest)])
        mean = MEAN[list(below)] + gain @ (VALUE - MEAN)[rest]
        left = COVARIANCE[np.ix_(below, below)] - gain @ COVARIANCE[np.ix_(rest, below)]
        density = multivariate_normal(MEAN[rest], COVARIANCE[np.ix_(rest, rest)]).pdf(VALUE[rest])
        expected_value = multivariate_normal(mean, left).cdf(VALUE[list(below)]) * density
    else:
        expected_value = expected.cdf(VALUE)
    error = likelihood.std() / np.sqrt(n)
    assert abs(likelihood.mean() - expected_value) < 4 * error + 1e-6  # scipy's own cdf is good to 1e-6


def test_departures_to_come_are_those_of_the_conditional_normal_law():
    between, ahead = np.array([[0.5, 0.2, 0.1], [0.1, 0.6, 0.2]]), np.array([[1.0, 0.3], [0.3, 1.2]])
    seen = readings()
    onward = Onward.of(seen, ahead, between)
    departure = seen.judged(MEAN[None, :], np.zeros((1, 0))).departure
    gain = between @ np.linalg.inv(COVARIANCE)
    assert onward.drawn(departure, np.zeros((1, 2)))[0] == pytest.approx(gain @ (VALUE - MEAN))
    assert onward.root @ onward.root.T == pytest.approx(ahead - gain @ between.T, abs=1e-8)


@dataclass(frozen=True)
class Line:
    """A patient whose courses are straight in its scores."""

    slopes: np.ndarray

    def levels(self, places, count):
        return (places.z @ self.slopes.T)[:, :count]

    def whole(self, places):
        return self.levels(places, len(self.slopes)), places.z[:, :1]


SCORES = 30


def test_a_crowd_finds_the_posterior_of_a_straight_line():
    rng = np.random.default_rng(3)
    line = Line(rng.normal(size=(8, SCORES)) * 0.8)
    seen = Readings(rng.normal(size=8) * 4, np.zeros(8, dtype=bool), 0.1 * np.eye(8) + 0.05)
    start = Places(rng.standard_normal((4000, SCORES)), np.zeros((4000, 0)))
    stages = list(assimilate(line, start, seen, 1, Plan(moves=8)))
    last = stages[-1]
    gain = line.slopes.T @ np.linalg.inv(line.slopes @ line.slopes.T + seen.covariance)
    expected, covariance = gain @ seen.value, np.eye(SCORES) - gain @ line.slopes
    mean = last.weight @ last.crowd.places.z
    centred = last.crowd.places.z - mean
    spread = (centred.T * last.weight) @ centred
    assert any(stage.powers for stage in stages)  # or nothing was moved, and nothing shown
    # About 500 independent members: 0.045 of a standard deviation each, the largest of 30 within 4 of these.
    assert np.abs(mean - expected).max() < 0.18
    direction = np.linalg.svd(line.slopes)[2][0]
    assert direction @ spread @ direction == pytest.approx(direction @ covariance @ direction, rel=0.35)
    assert np.trace(spread) == pytest.approx(np.trace(covariance), rel=0.06)


def test_a_step_leaves_the_prior_as_it_is_however_rough_the_directions():
    rng = np.random.default_rng(5)
    z = rng.standard_normal((40_000, 12))
    levels = z[:, :2] * 3 + z[:, 2:4] ** 2
    seen = Readings(np.array([1.0, -2.0]), np.zeros(2, dtype=bool), 0.2 * np.eye(2))
    found = directions(z, levels, seen.judged(levels, np.zeros((len(z), 0))).log_density.sum(axis=1), seen)
    moved = found.moved(z, rng.standard_normal(z.shape), 0.7)
    assert found.basis.shape[1] >= 1
    assert found.basis.T @ found.basis == pytest.approx(np.eye(found.basis.shape[1]), abs=1e-9)
    # 4.5 standard errors of 78 variances and covariances of 40,000 draws.
    assert np.abs(np.cov(moved.T) - np.eye(12)).max() < 4.5 * np.sqrt(2 / 40_000)


def test_surprise_is_chi_squared_in_the_normal_scores():
    found = surprise(np.array([0.5, 0.975002105, 0.0013498980]), np.zeros(3, dtype=bool))
    assert found.each == pytest.approx([1.0, 0.04999579, 0.002699796], rel=1e-5)
    assert found.overall == pytest.approx(chi2.sf(1.96**2 + 9.0, 3), rel=1e-6)
    assert found.least == pytest.approx(3 * 0.002699796, rel=1e-5)


def test_a_reading_below_its_limit_surprises_by_its_probability():
    found = surprise(np.array([0.004, 0.999]), np.array([True, True]))
    assert found.each == pytest.approx([0.004, 0.999])
