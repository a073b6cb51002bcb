"""Nested variance components against a mixed model fitted by statsmodels, and against what was put in."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from thymos.therapy.campaign import simulate_campaign
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.trial.variance_components import components

TRUE = (0.3, 0.5, 0.2)


def simulated(seed, draws=12, donors=15):
    """Lots with known components, 1 to 5 of each donor."""
    rng = np.random.default_rng(seed)
    runs = rng.integers(1, 6, size=draws * donors)
    draw = np.repeat(np.repeat(np.arange(draws), donors), runs)
    donor = np.repeat(np.arange(draws * donors), runs)
    a, b, e = (
        sd * rng.standard_normal(n) for sd, n in zip(TRUE, (draws, draws * donors, len(donor)), strict=True)
    )
    return a[draw] + b[donor] + e, draw, donor


def test_what_was_put_in_comes_out():
    found = np.square([components(*simulated(seed)) for seed in range(200)])
    mean, error = found.mean(axis=0), found.std(axis=0) / np.sqrt(len(found))
    assert (np.abs(mean - np.square(TRUE)) < 4 * error).all()


def test_balanced_data_agree_with_restricted_maximum_likelihood():
    # Where the design is balanced and no component is 0, moments and REML are the same estimate.
    rng = np.random.default_rng(2)
    draw, donor = np.repeat(np.arange(8), 30), np.repeat(np.arange(80), 3)
    y = (
        0.4 * rng.standard_normal(8)[draw]
        + 0.6 * rng.standard_normal(80)[donor]
        + 0.3 * rng.standard_normal(240)
    )
    table = pd.DataFrame({"y": y, "draw": draw, "donor": donor})
    model = smf.mixedlm("y ~ 1", table, groups="draw", re_formula="1", vc_formula={"donor": "0 + C(donor)"})
    fit = model.fit(reml=True, method="lbfgs")
    wanted = np.sqrt([fit.cov_re.iloc[0, 0], fit.vcomp[0], fit.scale])
    np.testing.assert_allclose(components(y, draw, donor), wanted, rtol=2e-3)


def test_a_campaign_of_one_draw_agrees_too():
    made = simulate_campaign(CultureProtocol(), "mobilised-blood", 240, 60, seed=3, draws=0)
    y = np.log(made.attributes.fold)
    fit = smf.mixedlm("y ~ 1", pd.DataFrame({"y": y}), groups=made.donor).fit(reml=True)
    found = components(y, made.draw, made.donor)
    assert found.donors == pytest.approx(np.sqrt(fit.cov_re.iloc[0, 0]), rel=2e-3)
    assert found.runs == pytest.approx(np.sqrt(fit.scale), rel=2e-3)
    assert np.isnan(found.knowledge)


def test_a_level_with_one_member_has_no_component():
    y = np.arange(4.0)
    assert np.isnan(components(y, np.zeros(4, int), np.arange(4)).runs)
    assert np.isnan(components(y, np.zeros(4, int), np.arange(4)).donors)
    assert np.isnan(components(np.full(3, np.nan), np.zeros(3, int), np.arange(3))).all()
