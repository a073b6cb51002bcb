"""Departures of counts from their course: how much lineages and days share."""

import numpy as np
import pytest

from thymos.assay.fluctuation import Fluctuation

V = Fluctuation().values


def covariance(one, other, days=0.0):
    return Fluctuation().covariance([one], [0.0], [other], [days])[0, 0] / V["spread"] ** 2


def test_a_lineage_departs_by_the_spread_and_forgets_it():
    assert covariance("nk", "nk") == pytest.approx(1)
    assert covariance("cd4", "cd4", V["lasting"]) == pytest.approx(np.exp(-1))


def test_t_cells_share_more_than_lymphocytes_do():
    assert covariance("cd4", "nk") == pytest.approx(V["shared"])
    assert covariance("cd4", "trec") == pytest.approx(V["shared"] + V["shared_by_t"])
    assert covariance("cd19", "nk") == pytest.approx(V["shared"])
