"""Joint draws: which of them a simulation takes, and what stays as the rows say."""

from pathlib import Path

import numpy as np
import pytest

from thymos.lang.errors import StoreError
from thymos.therapy.posterior import NOTHING, Posterior
from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import Block, sample, sample_each, values_of
from thymos.therapy.switches import switches_of

LAG, SWITCH = "marrow.lag", "thymic_capacity.niche_number=fixed"
LEARNT = Posterior({LAG: np.linspace(40.0, 80.0, 50), SWITCH: np.arange(50) % 2.0})
MODELS = recipient_models()


def test_draws_are_all_different_until_every_one_was_taken() -> None:
    rows = LEARNT.rows(3, np.arange(100))
    assert sorted(rows[:50]) == list(range(50))
    assert (rows[:50] == rows[50:]).all()
    assert (LEARNT.rows(4, np.arange(50)) != rows[:50]).any()


def test_values_of_one_draw_stay_together() -> None:
    """The switch says whether the row was odd, in every draw and for every patient."""
    spacing = 40 / 49
    for draw in range(8):
        found = sample(MODELS, 1, Block(draw, 0, 5), {}, Posterior(dict(LEARNT.values)))
        assert np.ptp(found[SWITCH]) == 0
    each = sample_each(MODELS, 1, 200, {}, LEARNT)
    row = LEARNT.rows(1, np.arange(200))
    assert (each[SWITCH] == row % 2).all()
    # Patients differ around the typical value of their draw, with its median.
    assert np.median(each[LAG] / (40 + spacing * row)) == pytest.approx(1, abs=0.08)


def test_what_is_fixed_is_not_drawn() -> None:
    found = sample(MODELS, 1, Block(0, 0, 4), {SWITCH: 1.0}, LEARNT)
    assert (found[SWITCH] == 1).all()
    assert (sample_each(MODELS, 1, 9, {SWITCH: 0.0}, LEARNT)[SWITCH] == 0).all()


def test_without_learning_rows_alone_decide_and_no_switch_is_drawn() -> None:
    found = sample_each(MODELS, 1, 4000, {}, NOTHING)
    assert not [name for name in found if "=" in name]
    row = values_of(MODELS)["periphery.conversion"]
    low, high = row.interval
    inside = (found["periphery.conversion"] >= low) & (found["periphery.conversion"] <= high)
    assert inside.mean() == pytest.approx(0.95, abs=0.015)


def test_other_models_do_not_hear_of_the_draws() -> None:
    from thymos.therapy.culture import culture_models

    assert LEARNT.about(culture_models("cord-blood")).count == 0


def test_draws_come_back_from_their_file(tmp_path: Path) -> None:
    path = tmp_path / "draws.parquet"
    LEARNT.write(path, values_of(MODELS), switches_of(MODELS))
    again = Posterior.read(path)
    assert {n: x.tolist() for n, x in again.values.items()} == {
        n: x.tolist() for n, x in LEARNT.values.items()
    }
    with pytest.raises(StoreError):
        Posterior.read(Path(__file__))
