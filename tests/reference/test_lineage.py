"""Thymic lineages against a worked example and against a simulation of every cell."""

import numpy as np
import pytest

from thymos.biology.repertoire.clones.clones import Clones
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.clones.lineage import LEVELS, Lineage
from thymos.biology.repertoire.diversity.expected import expected
from thymos.lang.errors import RunError

# A worked example, simulated cell by cell: bursts of 6 and 80, 4 % selected, 3 cells in the periphery for each that is
# exported, from 10, 1,000 and 100,000 progenitors. Its deaths per division were not given. Those below (3 to 8, 1 to 9,
# 2 to 4) are read off its largest row, so that of this row the Hill number alone is a test; the rest tests in full.
SEEN = {
    10: {"tcr": 173, "trb": 56, "lineage": 7},
    1_000: {"tcr": 11_786, "trb": 3_769, "lineage": 623},
    100_000: {"tcr": 1.14e6, "trb": 3.65e5, "lineage": 62_368},
}
HILL2 = {10: 4.9, 1_000: 309, 100_000: 31_600}
BEYOND = Kendall(np.float64(3), np.float64(4.05))


def example() -> Lineage:
    return Lineage(Kendall.burst(6, 0.375), Kendall.burst(80, 0.11236).thinned(0.04), Kendall.founder())


@pytest.mark.parametrize("progenitors", list(SEEN))
@pytest.mark.parametrize("level", LEVELS)
def test_clones_alive_are_those_of_the_worked_example(progenitors, level):
    clones = example().clones(level, progenitors).then(BEYOND)
    # How many clones of a level one progenitor has alive is itself of Kendall's law.
    before = {"lineage": Kendall.founder(), "trb": example().dn, "tcr": example().dn.then(example().dp)}[
        level
    ]
    each = before.thinned(clones.law.survival[0])
    sd = np.sqrt(progenitors * (each.second_moment - each.mean**2))
    assert each.mean * progenitors == pytest.approx(clones.alive, rel=1e-12)
    # Its largest row is given in three digits.
    assert abs(SEEN[progenitors][level] - float(clones.alive)) < 3 * sd + 0.005 * float(clones.alive)


@pytest.mark.parametrize(("progenitors", "tolerance"), [(1_000, 0.1), (100_000, 0.015)])
def test_hill_number_of_lineages_is_that_of_the_worked_example(progenitors, tolerance):
    # One run of chance: its SD in repeats with numpy is 5 % for 1,000 progenitors and 0.4 % for 100,000.
    got = expected(example().clones("lineage", progenitors).then(BEYOND)).hill2
    assert got == pytest.approx(HILL2[progenitors], rel=tolerance)


def test_alphas_for_each_beta():
    assert float(example().alphas_per_beta) == pytest.approx(4.55, rel=0.005)
    assert float(Lineage.of(1e5, 2**9, 0.05).alphas_per_beta) == pytest.approx(26, abs=1)


def test_bursts_make_the_cells_that_are_asked_for():
    got = Lineage.of(np.array([3e4, 1e5]), 360, 0.07, 2.66, 0.375, 0.11)
    assert got.law("lineage").m == pytest.approx([3e4, 1e5], rel=1e-12)
    assert got.founders("lineage") == 1
    assert got.founders("trb") == pytest.approx(np.array([3e4, 1e5]) / (360 * 0.07 * 2.66))
    assert got.founders("tcr") == pytest.approx(np.array([3e4, 1e5]) / 2.66)


@pytest.mark.parametrize("level", LEVELS)
def test_clones_behind_an_export_make_that_export(level):
    number, law = Lineage.of(1e5, 360, 0.07, 2.66).behind(np.array([0.0, 2e8]), level)
    assert number * law.m == pytest.approx([0, 2e8], rel=1e-12)


def test_five_stages_are_one_law():
    rng = np.random.default_rng(5)
    # Stage by stage with numpy: which cells leave any, by a binomial; how many more, by a negative binomial.
    stages = [
        Kendall.burst(6, 0.375),
        Kendall.burst(20, 0.1),
        Kendall.founder().thinned(0.04),
        Kendall.constant(0.03, 0.04, 40.0),
        Kendall.founder().thinned(0.6),
    ]
    n = np.ones(200_000, dtype=np.int64)
    for s in stages:
        alive = rng.binomial(n, s.survival)
        n = alive + np.where(alive > 0, rng.negative_binomial(np.maximum(alive, 1), 1 / s.W), 0) * (s.B > 0)
    law = stages[0]
    for s in stages[1:]:
        law = law.then(s)
    root = np.sqrt(len(n))
    fourth = (n.astype(float) ** 4).mean()
    assert abs(n.mean() - law.mean) < 3 * n.std() / root
    assert abs((n.astype(float) ** 2).mean() - law.second_moment) < 3 * np.sqrt(fourth) / root
    for k in range(4):
        p = float(law.pmf(k))
        assert abs((n == k).mean() - p) < 3.5 * np.sqrt(p * (1 - p)) / root


def test_lineage_and_trb_tell_different_stories_of_few_founders():
    few = example()
    hill = {level: float(expected(few.clones(level, 10).then(BEYOND)).hill2) for level in LEVELS}
    assert hill["lineage"] < 5 < 15 < hill["trb"] < hill["tcr"]


def test_unusable_stages_are_refused():
    with pytest.raises(RunError, match="clones, lineage: expected bursts above 0 and a selection"):
        Lineage.of(1e5, 80, 1.5)
    with pytest.raises(RunError, match="clones, level: expected lineage or trb or tcr, got alpha"):
        Lineage.of(1e5, 80, 0.04).law("alpha")


def test_clones_of_several_patients():
    got = Lineage.of(np.array([1e5, 2e5]), 80, 0.04).clones("trb", np.array([10.0, 20.0]))
    assert isinstance(got, Clones)
    assert got.cells == pytest.approx([1e6, 4e6])
