"""Named streams of chance."""

import numpy as np

from thymos.lang.streams import stream


def test_a_stream_is_its_name_and_block() -> None:
    a = stream(7, "recipient.seeding", 3).random(5)
    assert np.array_equal(a, stream(7, "recipient.seeding", 3).random(5))
    for other in (
        stream(8, "recipient.seeding", 3),
        stream(7, "recipient.loss", 3),
        stream(7, "recipient.seeding", 4),
    ):
        assert not np.array_equal(a, other.random(5))


def test_seed_0_is_a_seed_like_any_other() -> None:
    assert np.array_equal(stream(0, "x").random(3), stream(0, "x").random(3))


def test_streams_of_neighbours_are_uncorrelated() -> None:
    draws = np.array([stream(1, "x", block).standard_normal(400) for block in range(50)])
    correlation = np.corrcoef(draws)[np.triu_indices(50, 1)]
    assert abs(correlation.mean()) < 4 / np.sqrt(correlation.size * 400)
