"""Indices of a sample at a smaller depth, against subsamples that are drawn, and against closed forms."""

import numpy as np
import pytest

from thymos.biology.repertoire.diversity.counted import counted, rarefaction
from thymos.biology.repertoire.diversity.rarefied import NAMES, SPAN, rarefied
from thymos.lang.errors import DataError

REPEATS = 250


@pytest.fixture(scope="module")
def sizes():
    rng = np.random.default_rng(2)
    return np.concatenate([rng.geometric(0.3, 3000), rng.geometric(0.01, 200), [900, 400, 3000]])


@pytest.mark.parametrize("part", [0.02, 0.25, 0.9])
def test_the_mean_and_the_scatter_are_those_of_drawn_subsamples(sizes, part):
    rng, depth = np.random.default_rng(3), int(part * sizes.sum())
    drawn = [
        counted(rng.multivariate_hypergeometric(sizes, depth, method="marginals")) for _ in range(REPEATS)
    ]
    found = rarefied(sizes, depth)
    for name in NAMES:
        values = np.array([float(getattr(one, name)) for one in drawn])
        mean, low, high = found[name]
        sd = (high - low) / (2 * SPAN)
        # Four standard errors of the draws, and what a curved index keeps of the scatter: half its curvature.
        assert abs(values.mean() - mean) < 4 * values.std() / np.sqrt(REPEATS) + 0.02 * sd + 1e-9, name
        assert sd == pytest.approx(values.std(), rel=0.2), (
            name
        )  # a standard deviation of 250 has an error of 4.5 %


def test_richness_is_hurlberts(sizes):
    cells = int(sizes.sum())
    for depth in (100, 2000, cells - 1):
        # Drawing without replacement and keeping each cell differ by less than a clone in a thousand cells.
        assert rarefied(sizes, depth)["richness"][0] == pytest.approx(
            float(rarefaction(sizes, [depth])[0]), rel=2e-3
        )


def test_at_full_depth_it_is_the_sample_itself_without_scatter(sizes):
    found, at = rarefied(sizes, int(sizes.sum())), counted(sizes)
    for name in NAMES:
        mean, low, high = found[name]
        assert mean == pytest.approx(float(getattr(at, name)), rel=1e-9), name
        assert high - low == pytest.approx(0, abs=1e-9), name


def test_simpson_does_not_depend_on_the_depth(sizes):
    cells = int(sizes.sum())
    means = [rarefied(sizes, depth)["simpson"][0] for depth in (50, 1000, cells)]
    # Each cell is kept by itself here, so the number of pairs is short by one part in the depth.
    assert means == pytest.approx([means[2]] * 3, rel=1 / 40)


@pytest.mark.parametrize("depth", [1, 10**9])
def test_a_depth_that_is_not_there_is_refused(sizes, depth):
    with pytest.raises(DataError, match="option --depth: expected 2 to"):
        rarefied(sizes, depth)
