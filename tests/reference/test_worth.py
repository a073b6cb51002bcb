"""Worth of data against closed forms, and against nested simulation by another hand."""

import numpy as np
import pytest

from thymos.inference.cohort_reading import cohort_readings
from thymos.inference.worth import worth


def studies(theta, patients, noise, count, rng):
    return [
        (theta + noise / np.sqrt(patients) * rng.standard_normal(len(theta)))[:, None] for _ in range(count)
    ]


@pytest.mark.parametrize("patients", [3, 12])
def test_a_normal_quantity_seen_with_normal_noise(patients):
    rng = np.random.default_rng(patients)
    theta, noise = rng.standard_normal(3000), 2.0
    found = worth(theta[:, None], studies(theta, patients, noise, 4, rng), 1)
    left = np.sqrt(1 / (1 + patients / noise**2))  # posterior standard deviation, for any data
    assert found.cut[0] == pytest.approx(1 - left, abs=0.02)
    assert found.width[0] / found.width_before[0] == pytest.approx(left, abs=0.04)
    assert found.width_before[0] == pytest.approx(2 * 1.96, abs=0.2)


def test_a_skewed_quantity_seen_through_its_logarithm():
    rng = np.random.default_rng(8)
    theta, v = 0.7 * rng.standard_normal(4000), 0.49
    found = worth(np.exp(theta)[:, None], studies(theta, 1, 0.7, 4, rng), 1)
    after = v / 2  # posterior variance of the logarithm, as the noise has the variance of the prior
    left = np.exp(2 * (v - after) + after) * (np.exp(after) - 1)  # E[Var(e^theta | data)]
    assert found.cut[0] == pytest.approx(1 - np.sqrt(left / (np.exp(v) * (np.exp(v) - 1))), abs=0.03)


def test_nested_simulation_finds_the_same():
    # Quantity and data both bend: saturation of what is wanted, and counts with Poisson noise of what is seen.
    rng = np.random.default_rng(4)

    def wanted(theta):
        return theta**2 / (1 + theta**2)

    theta = np.exp(rng.standard_normal(4000))
    data = [rng.poisson(3 * theta)[:, None].astype(float) for _ in range(3)]
    found = worth(wanted(theta)[:, None], data, 1)

    # By another hand: the posterior variance by weights on a grid of quantiles, for every count that comes.
    from scipy.special import ndtri
    from scipy.stats import poisson

    grid = np.exp(ndtri((np.arange(2000) + 0.5) / 2000))
    like = poisson.pmf(np.arange(400)[:, None], 3 * grid)
    chance = like.mean(axis=1)
    seen = chance > 1e-12
    w = like[seen] / like[seen].sum(axis=1, keepdims=True)
    variance = w @ wanted(grid) ** 2 - (w @ wanted(grid)) ** 2
    left = (chance[seen] * variance).sum() / wanted(grid).var()
    assert found.cut[0] == pytest.approx(1 - np.sqrt(left), abs=0.02)


def test_knowing_a_parameter_exactly_is_its_first_order_index():
    rng = np.random.default_rng(9)
    x = rng.uniform(-np.pi, np.pi, (4000, 3))
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = [1 - (1 - worth(y[:, None], [x[:, [i]]], 1).cut[0]) ** 2 for i in range(3)]
    assert found == pytest.approx([0.314, 0.442, 0.0], abs=0.03)  # Ishigami and Homma 1990


def test_what_was_known_of_the_patients_is_taken_out_of_their_readings():
    # A reading of theta plus an effect of age as large as theirs: adjusted, it tells as much as without age.
    rng = np.random.default_rng(6)
    draws, patients = 1000, 6
    theta, age = rng.standard_normal(draws), rng.uniform(0, 60, (draws, patients, 1))
    noise = rng.standard_normal((draws, patients))
    reading = (theta[:, None] + np.sin(age[:, :, 0] / 10) * 3 + noise)[:, :, None]
    (found,) = cohort_readings(reading, np.zeros(reading.shape, dtype=bool), age)
    left = np.sqrt(1 / (1 + patients))
    assert worth(theta[:, None], found.summaries(patients), 1).cut[0] == pytest.approx(1 - left, abs=0.03)
    assert len(found.summaries(2)) == 3
