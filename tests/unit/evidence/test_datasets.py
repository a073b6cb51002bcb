from dataclasses import replace

import numpy as np
import pytest

from thymos.evidence.bibliography import references
from thymos.evidence.datasets import killing_assays as k
from thymos.evidence.datasets import outcomes as o
from thymos.evidence.datasets import reference_ranges as r
from thymos.evidence.datasets import registered_trials as t
from thymos.lang.errors import DataError

CODEBOOKS = [m.CODEBOOK for m in (k, o, r, t)]


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
