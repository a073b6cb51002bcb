"""The recipient's fit from nothing: two small populations meet near the posterior that is shipped."""

import json

import numpy as np
import pytest

from thymos.therapy.posterior import posterior
from thymos.therapy.targets.recipient import TARGETS
from thymos.therapy.targets.recipient_belief import SWITCHES, RecipientBelief
from thymos.therapy.targets.recipient_predictions import predicted
from typed import run


@pytest.mark.slow
def test_a_small_fit_comes_near_the_one_that_is_shipped(tmp_path, capsys):
    words = ["fit", "recipient", "--members", "300", "--moves", "4", "--json", "--seed", "2", "--out"]
    found = json.loads(run(capsys, *words, tmp_path)[1])
    shipped = posterior()
    for name, x in shipped.values.items():
        if "=" not in name:
            low, high = np.quantile(x, (0.005, 0.995))
            assert low <= found["parameters"][name]["median"] <= high, name
    for name in SWITCHES:
        assert found["switches"][name]["share"] == pytest.approx(shipped.values[name].mean(), abs=0.3)


def test_shipped_draws_predict_what_was_published_as_well_as_the_page_says():
    """All but one: a single child of 13 years had more naive cells than any draw gives."""
    some = {name: x[::20] for name, x in posterior().values.items()}
    seen = predicted(some, len(next(iter(some.values()))))
    missed = [t.name for t in TARGETS if not t.low <= np.median(seen[t.name]) <= t.high]
    assert set(missed) <= {"naive_day545_child", "naive_day180_adult"}


def test_shipped_draws_are_of_the_rows_that_may_be_learnt():
    assert set(posterior().values) == {*RecipientBelief().rows, *SWITCHES}
    for name, row in RecipientBelief().rows.items():
        if row.range is not None:
            assert row.range[0] <= posterior().values[name].min(), name
            assert posterior().values[name].max() <= row.range[1], name
