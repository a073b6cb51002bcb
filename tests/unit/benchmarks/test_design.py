"""How the benchmark of designs counts."""

import numpy as np
import pytest


@pytest.mark.parametrize(
    ("share", "runs"),
    [
        ([1.0, 0.2, 1.0, 0.96], 16),  # lucky before any run, then lost, then there to stay
        ([0.9, 0.96, 0.95, 1.0], 8),
        ([0.0, 1.0, 1.0, 0.94], np.inf),
        ([1.0, 1.0, 1.0, 1.0], 0),
    ],
)
def test_a_method_is_there_once_it_stays_so(share, runs):
    from design import runs_needed

    assert runs_needed(np.array(share), 0.05, 8) == runs
