"""What may be learnt without product, and what may not."""

import numpy as np
import pytest
from scipy.stats import norm

from thymos.therapy.targets.prior import Prior
from thymos.therapy.targets.recipient_belief import SWITCHES, RecipientBelief
from thymos.therapy.targets.recipient_predictions import predicted, predictions


@pytest.fixture(scope="module")
def belief() -> RecipientBelief:
    return RecipientBelief()


def test_nothing_of_the_product_is_learnt(belief: RecipientBelief) -> None:
    """The claim rests on homing, on what infused cells still do in the thymus and on repair by them."""
    assert not [name for name in belief.rows if name.startswith("homing.")]
    assert not {
        "thymus.infused_niche_time",
        "thymus.missed_divisions",
        "stroma.repair_by_infused",
    } & set(belief.rows)
    assert not [s for s in SWITCHES if s.startswith(("homing.", "stroma."))]


def test_a_member_without_surprise_believes_the_middle_of_every_row(belief: RecipientBelief) -> None:
    values = belief.values(np.zeros((1, belief.size)))
    for name, row in belief.rows.items():
        low, high = row.range or (-np.inf, np.inf)
        assert low <= values[name][0] <= high


def test_either_choice_of_a_switch_is_as_likely_before_the_fit(belief: RecipientBelief) -> None:
    z = np.random.default_rng(3).standard_normal((4000, belief.size))
    for switch in SWITCHES:
        assert belief.values(z)[switch].mean() == pytest.approx(0.5, abs=0.03)


def test_a_range_is_believed_as_a_lognormal_between_its_ends() -> None:
    prior = Prior(10.0, 1.0, 100.0, np.log(100) / 4)
    assert prior.quantile(np.array([0.0, 0.5, 1.0])) == pytest.approx([1, 10, 100])
    inside = norm.cdf(2) - norm.cdf(-2)
    u = (norm.cdf(1) - norm.cdf(-2)) / inside
    assert prior.quantile(np.array([u])) == pytest.approx([10 * np.exp(np.log(100) / 4)])


def test_sets_tried_side_by_side_predict_what_each_predicts_alone() -> None:
    lag = np.array([40.0, 60.0, 75.0])
    together = predicted({"marrow.lag": lag}, 3)
    for i, x in enumerate(lag):
        alone = predictions({"marrow.lag": float(x)})
        for name, found in together.items():
            assert found[i] == pytest.approx(alone[name], rel=1e-6), name
