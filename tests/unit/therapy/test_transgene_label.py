"""The transgene in the recipient: chance of few founders, silencing, and what blood shows."""

import numpy as np
import pytest

from thymos.biology.culture.copies import without
from thymos.lang.streams import stream
from thymos.therapy.culture import simulate_culture
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.transgene_label import Label, founders, label_of
from thymos.therapy.vector_protocol import VectorProtocol

N = 20_000


def label(**changed):
    given = {
        "luck": np.ones(1),
        "origins": np.array([[0.2, 0.8]]),
        "copies": np.array([[0.3, 1.9]]),
        "overdispersion": np.zeros(1),
        "expressing": np.array([0.8]),
        "silencing": np.array([0.01]),
    }
    return Label(**(given | changed))


@pytest.mark.parametrize("settled", [1.0, 20.0, 3000.0])
def test_the_share_among_few_founders_scatters_as_their_number_says(settled):
    u = stream(1, "founders").random(N)
    share = 0.3 * founders(np.full(N, 0.3), np.full(N, settled), u)
    assert np.all((share >= 0) & (share <= 1))
    assert share.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / N))
    # Variance of a share among n + 1 founders; four standard errors of a variance.
    assert share.var() == pytest.approx(0.21 / (settled + 1), rel=0.06)


@pytest.mark.parametrize("marked", [0.0, 1.0])
def test_there_is_no_luck_where_all_or_none_are_marked(marked):
    assert founders(np.array([marked]), np.array([5.0]), np.array([0.01])) == 1


def test_marked_and_expressing_shares_are_those_of_the_mixture():
    marked = 0.2 * (1 - without(0.3)) + 0.8 * (1 - without(1.9))
    assert label().marked == pytest.approx([marked], rel=1e-12)
    shown = label().expressed(np.array([[-5.0, 0.0, 100.0]]))[0]
    left = 0.8 * np.exp(-1)
    later = 0.2 * (1 - without(0.3 * left)) + 0.8 * (1 - without(1.9 * left))
    assert shown[2] == pytest.approx(later, rel=1e-12)
    assert shown[0] == shown[1] < marked


def test_overdispersion_is_that_of_the_lot():
    marked = 0.2 * (1 - without(0.3, 0.5)) + 0.8 * (1 - without(1.9, 0.5))
    assert label(overdispersion=np.array([0.5])).marked == pytest.approx([marked], rel=1e-12)


def test_blood_shows_no_more_marked_cells_than_infused_ones_and_counts_copies_over_all_t_cells():
    since, infused = np.array([[10.0, 50.0]]), np.array([[0.0, 40.0]])
    lineages, cd3 = np.array([[0.0, 200.0]]), np.array([[0.0, 220.0]])
    cells, copies = label().in_blood(since, infused, lineages, cd3)
    assert cells[0, 0] == copies[0, 0] == 0
    assert cells[0, 1] == pytest.approx(220 * 0.2 * label().expressed(since)[0, 1], rel=1e-12)
    assert copies[0, 1] == pytest.approx(0.2 * (0.2 * 0.3 + 0.8 * 1.9), rel=1e-12)


@pytest.mark.parametrize("dispersion", ["poisson", "negative_binomial"])
def test_the_label_says_of_a_lot_what_the_culture_said(dispersion):
    lots = simulate_culture(CultureProtocol(), "mobilised-blood", 5, 1, draws=5, vector=VectorProtocol())
    if dispersion == "negative_binomial":
        switched = {"transgene.vcn_dispersion=negative_binomial": np.ones(5)}
        sample = dict(lots.sample) | switched
        from thymos.therapy.culture import typical_lots

        lots = typical_lots(CultureProtocol(), "mobilised-blood", sample, VectorProtocol())
    found = label_of(lots, np.full(5, np.inf), np.full(5, 0.5))
    assert 100 * found.marked == pytest.approx(lots.harvest["cd7_marked_percent"], rel=1e-9)
    shown = found.expressed(np.zeros((5, 1)))[:, 0]
    assert 100 * shown == pytest.approx(lots.harvest["cd7_expressing_percent"], rel=1e-9)
