"""The upper bound of a rare share against tabulated Clopper-Pearson bounds of another program."""

import csv
from pathlib import Path

import numpy as np
import pytest

from thymos.assay.rare_event import upper_bound
from thymos.lang.errors import DataError

TABLE = Path(__file__).resolve().parents[3] / "shared" / "oracles" / "rare_event_upper95.csv"


def test_it_is_the_tabulated_bound():
    if not TABLE.exists():
        pytest.skip(f"no table {TABLE}")
    with TABLE.open() as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 10
    n, k, wanted = (
        np.array([float(row[c]) for row in rows]) for c in ("n_events", "k_positive", "upper95_one_sided")
    )
    assert upper_bound(k, n) == pytest.approx(wanted, rel=1e-5)


def test_nothing_seen_leaves_three_in_n():
    assert upper_bound(0, 100_000) == pytest.approx(1 - 0.05 ** (1 / 100_000), rel=1e-9)


def test_all_seen_leaves_everything_possible():
    assert upper_bound(7, 7) == 1


@pytest.mark.parametrize(("seen", "events"), [(-1, 10), (11, 10), (0, 0)])
def test_counts_that_cannot_be_are_refused(seen, events):
    with pytest.raises(DataError, match="0 <= seen <= events"):
        upper_bound(seen, events)
