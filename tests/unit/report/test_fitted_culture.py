"""What the report says of a parameter, and what the pictures are handed."""

import numpy as np
import pytest

from thymos.evidence.datasets import cytokine_grids
from thymos.io.culture_table import read_culture_table
from thymos.lang.errors import DataError
from thymos.report.fitted_culture import verdict
from thymos.report.fitted_wells import draw_surfaces
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.dose_surface import dose_surfaces
from thymos.therapy.measured_culture import measured_culture, readout_units

PRIOR = {"prior_low": 0.1, "prior_high": 1.0}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"low": 0.2, "high": 0.3}, "narrower than the prior"),
        ({"low": 0.11, "high": 0.9}, "little beyond the prior"),
        ({"profile": {"verdict": "identified", "low": 0.2, "high": 0.4}}, "identified, 0.2–0.4"),
        ({"profile": {"verdict": "identified", "low": 0.05, "high": 2.0}}, "less than the prior, 0.05–2"),
        ({"profile": {"verdict": "upper limit only", "low": None, "high": 0.4}}, "one-sided: below 0.4"),
        ({"profile": {"verdict": "lower limit only", "low": 0.2, "high": None}}, "one-sided: above 0.2"),
        ({"profile": {"verdict": "not identified", "low": None, "high": None}}, "not identified"),
    ],
)
def test_the_verdict_is_said_plainly(found, said):
    assert verdict(PRIOR | found) == said


def test_a_surface_is_relative_and_wells_of_a_donor_are_shifted_as_one():
    table = read_culture_table(cytokine_grids.CODEBOOK.file, readout_units())
    measured = measured_culture(table, CultureProtocol(), switches={"cytokine_depletion": "off"})
    found = dose_surfaces(measured, {"cytokines.scf_half": 4.0})
    assert len(found) == 4  # two grids, two populations
    one = found[0]
    assert one["relative"].max() == pytest.approx(1.0)
    assert len(one["points"]) == 108
    counts = {r.row: r.value for r in measured.readings}
    mine = [
        r
        for r in measured.readings
        if r.plate == "scf-il7" and r.readout == one["readout"] and r.donor == "3"
    ]
    ratios = np.array([p["relative"] for p in one["points"] if p["donor"] == "3"]) / [
        counts[r.row] for r in mine
    ]
    assert ratios == pytest.approx(np.full(36, ratios[0]))


def test_no_surface_without_two_conditions(tmp_path):
    with pytest.raises(DataError, match="expected a plate that varies two conditions"):
        draw_surfaces([], tmp_path / "x.png")
