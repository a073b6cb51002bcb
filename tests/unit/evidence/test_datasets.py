from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thymos.evidence.bibliography import references
from thymos.evidence.datasets import body_weight as w
from thymos.evidence.datasets import cmv_seroprevalence as c
from thymos.evidence.datasets import killing_assays as k
from thymos.evidence.datasets import outcomes as o
from thymos.evidence.datasets import reference_ranges as r
from thymos.evidence.datasets import registered_trials as t
from thymos.evidence.datasets import tcr_richness as q
from thymos.evidence.datasets import transplant_recipients as p
from thymos.lang.errors import DataError

CODEBOOKS = [m.CODEBOOK for m in (c, k, o, p, q, r, t, w)]


@pytest.mark.parametrize("codebook", CODEBOOKS, ids=lambda c: c.name)
def test_a_table_is_the_one_its_codebook_describes(codebook):
    assert codebook.read()
    assert all((codebook.licence, codebook.processing, codebook.text))


@pytest.mark.parametrize("codebook", CODEBOOKS, ids=lambda c: c.name)
def test_every_row_has_a_known_source(codebook):
    assert {row["source"] for row in codebook.read()} <= set(references())


@pytest.mark.parametrize("codebook", [o.CODEBOOK, t.CODEBOOK], ids=lambda c: c.name)
def test_the_source_of_a_row_claims_its_id(codebook):
    for row in codebook.read():
        assert row["id"] in references()[row["source"]].evidence_ids


def test_a_changed_table_is_refused():
    with pytest.raises(DataError, match=r"outcomes\.csv: expected SHA-256"):
        replace(o.CODEBOOK, sha256="0" * 64).read()


def test_missing_columns_are_named():
    with pytest.raises(DataError, match="expected the columns id"):
        replace(o.CODEBOOK, columns={"id": "row"}).read()


def test_outcomes_are_found_by_id():
    (early,) = o.outcomes("P101")
    assert (early.value, early.unit, early.source) == (54.7, "%", "vanroessel2020")
    assert {x.value for x in o.outcomes("P264")} == {5.3, 56.0}


def test_published_intervals_hold_their_estimate():
    for x in o.outcomes():
        if None not in (x.value, x.low, x.high):
            assert x.low <= x.value <= x.high, x.id


def test_claims_are_told_from_facts():
    kinds = {x.id: x.kind for x in t.trial_facts()}
    assert kinds["P025"] == kinds["C016"] == "claim"
    assert kinds["C018"] == "derived"
    assert kinds["P005"] == "fact"
    assert {x.trial for x in t.trial_facts("NCT03879876")} == {"NCT03879876"}


def test_every_fact_states_something():
    for x in t.trial_facts():
        assert x.words or x.value is not None or x.low is not None, x.id


@pytest.mark.parametrize("lineage", r.LINEAGES)
def test_percentiles_are_in_order_at_every_age(lineage):
    ages = np.linspace(0, 80, 400)
    low, middle, high = (r.reference_band(lineage).percentile(q, ages) for q in (5, 50, 95))
    assert (low < middle).all()
    assert (middle < high).all()


def test_a_band_passes_through_the_published_figures():
    band = r.reference_band("CD4", children="denny1992")
    assert [band.percentile(q, 1.5) for q in (5, 50, 95)] == pytest.approx([1020, 2070, 3600])
    assert r.reference_band("CD4", adults="wong2013").percentile(97.5, 40) == pytest.approx(1309)
    assert r.reference_band("CD3").percentile(90, 9) == pytest.approx(2600)


def test_t_cell_lineages_add_up_to_t_cells():
    ages = np.linspace(0.2, 60, 50)
    cd3, cd4, cd8 = (r.reference_band(x).percentile(50, ages) for x in ("CD3", "CD4", "CD8"))
    assert (cd4 + cd8) / cd3 == pytest.approx(np.ones(50), abs=0.12)


def test_an_unknown_combination_lists_what_there_is():
    with pytest.raises(DataError, match="CD4 denny1992"):
        r.reference_band("CD8", children="denny1992")


@pytest.mark.parametrize("lineage", r.LINEAGES)
@pytest.mark.parametrize("source", ["shearer2003", "wong2013"])
def test_published_limits_have_the_centile_that_was_published(lineage, source):
    band = r.reference_band(lineage, adults="wong2013")
    for limits in r.published(lineage, source):
        for count, percent in zip((limits.low, limits.high), limits.percentiles, strict=True):
            assert band.centile(count, limits.centre) == pytest.approx(percent, rel=1e-9)
            assert band.z(count, limits.centre) == pytest.approx(
                NormalDist().inv_cdf(percent / 100), rel=1e-9
            )


@given(st.sampled_from(r.LINEAGES), st.floats(0.05, 80), st.floats(0.1, 99.9))
def test_a_centile_is_the_inverse_of_its_percentile(lineage, age, percent):
    band = r.reference_band(lineage)
    assert band.centile(band.percentile(percent, age), age) == pytest.approx(percent, rel=1e-6)


def test_the_median_has_score_0_and_no_cell_has_none():
    band = r.reference_band("CD4", children="denny1992")
    assert band.z([1020, 2070, 3600, 0], 1.5) == pytest.approx([-1.6448536, 0, 1.6448536, -np.inf])
    assert band.centile(0.0, 1.5) == 0


def test_a_score_falls_with_age_of_the_healthy():
    # A child of one year and an adult have the same count: few for the child.
    young, old = r.reference_band("CD4").z(800.0, np.array([1.0, 40.0]))
    assert young < -2 < old


def test_receptors_are_counted_in_people_of_an_age():
    assert [row.id for row in q.tcr_richness() if row.of(25)] == ["P353", "P354", "P388-young"]
    assert [row.id for row in q.tcr_richness() if row.of(2)] == []
    (old,) = [row for row in q.tcr_richness() if row.id == "P388-old"]
    assert (old.low, old.high) == (1e8 / 5, 1e8 / 2)
