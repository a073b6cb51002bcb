"""The copy number assay against the exact limits of a Poisson count."""

import numpy as np
import pytest
from scipy.stats import chi2

from thymos.assay import Vcn
from thymos.lang.streams import stream

GENOMES, CV = 5000, 0.1


def test_the_rows_are_those_of_this_test():
    assert (Vcn().values["genomes"], Vcn().values["analytic_cv"]) == (GENOMES, CV)


def test_the_upper_limit_of_few_copies_is_the_exact_one_of_a_count():
    # With 25 copies counting alone gives Garwood's 34.9; extraction adds a tenth in squares.
    counting = np.log(chi2.ppf(0.95, 2 * 26) / 2 / 25)
    both = np.hypot(counting, 1.644854 * np.sqrt(np.log1p(CV**2)))
    assert Vcn().at_most(25 / GENOMES) == pytest.approx(25 * np.exp(both) / GENOMES, rel=1e-6)
    assert np.exp(counting) * 25 == pytest.approx(34.9, abs=0.05)


@pytest.mark.parametrize("true", [0.02, 0.5, 2.0, 5.0])
def test_the_upper_limit_lies_above_the_truth_in_19_of_20_reports(true):
    value, _ = Vcn().measure(np.full(20_000, true), stream(1, "assay.vcn"))
    # Errors added in squares are not exact, hence half a point beside four standard errors (0.6 points).
    assert np.mean(Vcn().at_most(value) >= true) == pytest.approx(0.95, abs=0.011)


def test_a_higher_report_has_a_higher_limit_and_nothing_is_read_as_the_limit_of_the_assay():
    limits = Vcn().at_most(np.array([0.0, 0.005, 0.1, 1.0, 5.0]))
    assert limits[0] == limits[1]
    assert np.all(np.diff(limits[1:]) > 0)
