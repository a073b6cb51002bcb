"""What is said of sequenced samples, against counts by hand."""

import json
from collections import Counter

import numpy as np
import pytest

from thymos.biology.repertoire.analysis import analysed
from thymos.biology.repertoire.families import FAMILIES, looked_at, of_sample, reference_named
from thymos.biology.repertoire.sample import rank_curve, usage
from thymos.io.airr_export import write_rearrangements
from thymos.io.clonotypes import Clonotypes
from thymos.lang.errors import DataError


def sample(name, rows):
    """(junction, V, J, cells) rows as a sample."""
    return Clonotypes.of(name, *(list(column) for column in zip(*rows, strict=True)))


def bell(name, families=FAMILIES, cells=400, seed=1):
    """A healthy-looking sample: every family with lengths around 14."""
    rng = np.random.default_rng(seed)
    rows = {}
    for gene in families:
        for length in rng.normal(14.5, 1.8, cells).round().astype(int):
            middle = "".join(rng.choice(list("ADEGHKNPQRSTY"), max(length - 2, 1)))
            rows[f"C{middle}F", f"{gene}-1*01", "TRBJ2-7*01"] = int(rng.geometric(0.6))
    return sample(name, [(*key, n) for key, n in rows.items()])


A = sample(
    "a",
    [("CAF", "TRBV9*01", "TRBJ2-7", 6), ("CADF", "TRBV9*02", "TRBJ2-7", 3), ("CAF", "TRBV5-1", "TRBJ2-7", 1)],
)
B = sample("b", [("CAF", "TRBV9", "TRBJ2-7*01", 2), ("CQQF", "TRBV5-1", "TRBJ1-1", 8)])


def test_two_samples_share_what_has_one_v_j_and_junction_whatever_the_allele():
    (pair,) = analysed([A, B])["overlap"]
    assert (pair["a"], pair["b"], pair["shared"]) == ("a", "b", 1)
    assert pair["jaccard"] == pytest.approx(1 / 4)
    x, y = {"1": 6, "2": 3, "3": 1}, {"1": 2, "4": 8}
    both = sum(x[k] * y[k] for k in set(x) & set(y))
    squares = [sum(n * n for n in z.values()) / sum(z.values()) ** 2 for z in (x, y)]
    assert pair["morisita_horn"] == pytest.approx(2 * both / (sum(squares) * 10 * 10))


def test_samples_are_compared_at_the_cells_of_the_smallest():
    small, large = bell("small", cells=20), bell("large", cells=60, seed=2)
    found = analysed([large, small])
    assert found["depth"] == small.count.sum()
    rare = found["samples"][1]["rarefied"]["richness"]
    assert rare["value"] == rare["low"] == rare["high"] == len(small)
    assert analysed([large])["samples"][0]["rarefied"] is None


def test_genes_are_counted_by_cells_without_alleles():
    assert usage(A.v_call, A.count) == {"TRBV9": pytest.approx(0.9), "TRBV5-1": pytest.approx(0.1)}


def test_a_rank_curve_keeps_both_ends():
    count = np.sort(np.random.default_rng(1).geometric(0.01, 5000))[::-1]
    curve = rank_curve(count)
    assert (curve["rank"][0], curve["rank"][-1]) == (1, 5000)
    assert curve["share"][0] == pytest.approx(count[0] / count.sum())
    assert len(curve["rank"]) <= 200


def test_a_healthy_sample_has_normal_families_and_one_clone_has_an_alarm():
    healthy, lone = bell("healthy"), sample("lone", [("CASSF", "TRBV5-1", "TRBJ2-7", 500)])
    found = {one["name"]: one["spectratype"] for one in analysed([healthy, lone], depth=100)["samples"]}
    assert (found["healthy"]["normal"], found["healthy"]["alarmed"]) == (23, False)
    assert (found["lone"]["normal"], found["lone"]["score"], found["lone"]["alarmed"]) == (0, 1, True)
    shares = {
        row["name"]: dict(zip(row["lengths"], row["shares"], strict=True))
        for row in found["healthy"]["families"]
    }
    cells = Counter()
    for junction, n in zip(healthy.junction_aa.to_pylist(), healthy.count.tolist(), strict=True):
        cells[len(junction)] += (
            n
            if healthy.v_call[healthy.junction_aa.index(junction).as_py()].as_py().startswith("TRBV9-")
            else 0
        )
    assert shares["TRBV9"][14] == pytest.approx(cells[14] / cells.total())


def test_a_reference_is_close_to_itself_and_far_from_one_length():
    healthy, lone = bell("healthy"), sample("lone", [("CASSF", "TRBV5-1", "TRBJ2-7", 500)])
    found = analysed([healthy, lone], depth=100, reference=of_sample(healthy))["samples"]
    # Half a cell is added at each of 41 lengths, to some 640 cells of a family.
    assert found[0]["spectratype"]["divergence"] < np.log2(1 + 20.5 / 600)
    assert found[1]["spectratype"]["divergence"] > 3


def test_families_of_other_names_are_looked_at_where_there_are_no_human_ones():
    invented = bell("invented", families=[f"TRBV{100 + i}" for i in range(30)], cells=5)
    assert len(looked_at([of_sample(invented)])) == 24
    assert looked_at([of_sample(A)]) == FAMILIES
    odd = sample("odd", [("CAF", "Vb10", "J1", 3), ("CAAF", "Vb9", "J1", 3), ("CADF", "", "J1", 3)])
    assert looked_at([of_sample(odd)]) == ("Vb9", "Vb10")


def test_a_reference_is_a_file_or_a_model(tmp_path):
    write_rearrangements(tmp_path / "healthy.tsv", bell("x"))
    assert reference_named(str(tmp_path / "healthy.tsv")).name == "healthy"
    model = reference_named("invented")
    assert model.name.startswith("recombination alone (invented")
    assert model.cells.sum() == 200_000
    with pytest.raises(DataError, match=r"no-such\.tsv: expected a file that can be read"):
        reference_named(str(tmp_path / "no-such.tsv"))


def test_clones_are_followed_from_sample_to_sample():
    found = analysed([A, B])["tracking"]
    at = {
        (clone["v"], clone["junction_aa"]): shares
        for clone, shares in zip(found["clones"], found["shares"], strict=True)
    }
    assert at["TRBV9", "CAF"] == pytest.approx([0.6, 0.2])
    assert at["TRBV5-1", "CQQF"] == pytest.approx([0.0, 0.8])


def test_the_object_is_json_even_of_a_single_cell():
    found = analysed([sample("one", [("CAF", "TRBV9", "TRBJ2-7", 1)])])
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["samples"][0]["indices"]["simpson"] == {"value": None, "low": None, "high": None}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"locus": "TRA"}, r"a: expected productive clonotypes of TRA, got cells by locus: TRB 10"),
        ({"locus": "IGH"}, r"option --locus: expected one of TRB, TRA, TRG, TRD, got IGH"),
        ({"depth": 11}, r"option --depth: expected 2 to 10 cells"),
        ({"days": [60.0]}, r"option --day: expected one for each of 2 samples, got 1 days"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(options, said):
    with pytest.raises(DataError, match=said):
        analysed([A, B], **options)


def test_two_samples_of_one_name_are_refused():
    with pytest.raises(DataError, match="files of different names, got a more than once"):
        analysed([A, A])


def test_junctions_without_their_ends_and_unknown_genes_are_noted():
    odd = sample("odd", [("ASSL", "", "TRBJ2-7", 3), ("ASSF", "TRBV9", "TRBJ2-7", 3)])
    with pytest.raises(DataError):
        analysed([sample("none", [("ASSL", "", "TRBJ2-7", 3)])])
    notes = analysed([odd])["samples"][0]["notes"]
    assert notes == ["0% of the junctions begin with C: is this the CDR3 without its conserved ends?"]
