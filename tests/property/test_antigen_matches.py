"""Matches found by hashing are those of a comparison of all with all; what chance explains is what chance makes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists, text, tuples
from scipy import stats

from thymos.biology.repertoire.antigens.kinds import Kind, kind_of
from thymos.biology.repertoire.antigens.match import annotate
from thymos.biology.repertoire.antigens.near import Chains, Index
from thymos.biology.repertoire.antigens.tally import tally
from thymos.biology.repertoire.receptors import packed
from thymos.biology.repertoire.vdj.drawn import draw
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.biology.repertoire.vdj.pgen import Pgen
from thymos.io.clonotypes import Clonotypes
from thymos.io.vdjdb import Known, KnownReceptors
from thymos.lang.errors import DataError

# Few letters, so that neighbours are common.
CHAINS = lists(tuples(text("ACD", min_size=1, max_size=5), integers(0, 1)), min_size=1, max_size=30)


def _chains(pairs):
    letters = [letters for letters, _ in pairs]
    nothing = np.full(len(pairs), -1, dtype=np.int16)
    found = packed(letters, nothing, nothing)
    return Chains(found.residues, found.length, np.array([family for _, family in pairs], dtype=np.uint16))


def _all_with_all(sample, known):
    for i, (a, family) in enumerate(sample):
        for k, (b, other) in enumerate(known):
            if family == other and len(a) == len(b):
                differ = sum(x != y for x, y in zip(a, b, strict=True))
                if differ <= 1:
                    yield i, k, differ


@given(sample=CHAINS, known=CHAINS)
def test_matches_are_those_of_all_with_all(sample, known):
    found = Index(_chains(known)).matches(_chains(sample))
    pairs = list(zip(found.chain.tolist(), found.known.tolist(), found.mismatches.tolist(), strict=True))
    assert pairs == list(_all_with_all(sample, known))


@pytest.fixture(scope="module")
def model():
    return recombination("invented", "TRB")


def _sample(model, chains, count=None):
    v, j = ([genes[i].name for i in of] for genes, of in ((model.v, chains.v), (model.j, chains.j)))
    return Clonotypes.of("sample", chains.cdr3(), v, j, np.ones(len(v), int) if count is None else count)


def _table(model, chains, sources, antigen="X"):
    rows = zip(chains.cdr3(), chains.v, chains.j, sources, strict=True)
    known = (Known(c, model.v[v].name, model.j[j].name, "PEPTIDE", antigen, s, "", 1) for c, v, j, s in rows)
    return KnownReceptors("table", "TRB", tuple(known), {})


def test_a_sample_of_chance_matches_as_chance_explains(model):
    # The likeliest of many, so that some are met by chance.
    many = draw(model, 20_000, seed=3)
    likely = many.take(np.argsort(-Pgen(model).of(many))[:400])
    table = _table(model, likely, ["CMV", "EBV", "InfluenzaA", "HomoSapiens"] * 100)
    seen = {"exact": [], "near": []}
    for seed in range(3):
        found = annotate(_sample(model, draw(model, 40_000, seed=100 + seed)), table, model, draws=100_000)
        for kind, numbers in seen.items():
            whole = getattr(found.groups[0], kind)
            numbers.append((whole.observed, whole.expected))
    for numbers in seen.values():
        observed, expected = np.sum(numbers, axis=0)
        assert observed > 50
        # The drawn chains are the same for all three: 2 % of the expected number for near matches.
        spread = np.hypot(np.sqrt(expected), 0.02 * expected)
        assert abs(observed - expected) < 3 * spread


def test_receptors_of_the_table_in_the_sample_stand_out(model):
    chains = draw(model, 3000, seed=5)
    known = draw(model, 60, seed=6)
    table = _table(model, known, ["CMV"] * 30 + ["AspergillusFumigatus"] * 30)
    planted = type(chains)(*(np.concatenate([getattr(chains, f), getattr(known.take(slice(20)), f)]) for f in ("residues", "length", "v", "j")))  # fmt: skip  # noqa: E501
    found = annotate(_sample(model, planted), table, model, draws=50_000)
    groups = {(g.kind, g.source): g for g in found.groups}
    virus = groups["virus", "CMV"]
    assert virus.exact.observed >= 20
    assert virus.exact.enrichment_low > 3
    assert virus.exact.chance < 1e-6
    assert groups["fungus", ""].exact.observed < 5
    assert "30 of the 60 known chains are specific for one" in found.notes[0]
    twenty = set(range(20))
    equal = found.matches.known[found.matches.mismatches == 0]
    assert twenty <= set(equal.tolist())


def test_clonotypes_of_one_chain_count_once_and_their_cells_all(model):
    chains = draw(model, 2, seed=7)
    one = chains.take(np.array([0, 0, 1]))
    table = _table(model, chains.take(slice(1)), ["CMV"])
    found = annotate(_sample(model, one, count=[5, 3, 2]), table, model, draws=5000)
    assert (found.clonotypes, found.groups[0].near.observed) == (2, 1)
    assert found.groups[0].cells == pytest.approx(0.8)
    assert len(found.matches) == 2
    assert len(set(found.chains.tolist())) == 2


def test_selection_factors_weigh_chance(model):
    chains = draw(model, 2000, seed=8)
    table = _table(model, draw(model, 200, seed=9), ["CMV"] * 200)
    sample = _sample(model, chains)
    plain = annotate(sample, table, model, draws=50_000).groups[0]
    # A factor that is the same for all changes nothing in drawn chains, and doubles what is summed over the table.
    double = annotate(sample, table, model, factor=lambda c: np.full(len(c), 2.0), draws=50_000).groups[0]
    assert double.exact.expected > plain.exact.expected
    short = annotate(sample, table, model, factor=lambda c: (c.length < 14) * 2.0, draws=50_000).groups[0]
    assert short.near.expected != pytest.approx(plain.near.expected, rel=0.01)


def test_same_result_for_any_number_of_workers(model):
    table = _table(model, draw(model, 100, seed=3), ["CMV"] * 100)
    sample = _sample(model, draw(model, 1000, seed=4))
    one, three = (annotate(sample, table, model, draws=20_000, workers=n) for n in (1, 3))
    assert one.groups == three.groups


def test_another_locus_or_no_gene_of_the_model_is_refused(model):
    table = _table(model, draw(model, 3, seed=3), ["CMV"] * 3)
    sample = _sample(model, draw(model, 3, seed=4))
    with pytest.raises(DataError, match="expected a model of TRB, got one of TRA"):
        annotate(sample, table, recombination("invented", "TRA"))
    strange = Clonotypes.of("odd", ["CASSF"], ["TRBV1*01"], ["TRBJ1*01"], [1])
    with pytest.raises(
        DataError, match=r"odd: expected productive TRB chains with a V gene of the model, got none among 1"
    ):
        annotate(strange, table, model)
    other = KnownReceptors("table", "TRB", (Known("CASSF", "TRBV1*01", "", "P", "G", "CMV", "", 0),), {})
    with pytest.raises(
        DataError, match=r"table: expected chains with a V gene of the model, got for example TRBV1\*01"
    ):
        annotate(sample, other, model)


@settings(max_examples=30)
@given(observed=integers(0, 40), tenths=integers(1, 300))
def test_intervals_of_a_tally_are_poisson(observed, tenths):
    expected = tenths / 10
    found = tally(observed, expected)
    assert stats.poisson.cdf(found.high, expected) >= 0.975
    assert stats.poisson.sf(observed - 1, expected) == pytest.approx(found.chance)
    least, most = found.enrichment_low * expected, found.enrichment_high * expected
    assert stats.poisson.cdf(observed, most) == pytest.approx(0.025)
    if observed:
        assert stats.poisson.sf(observed - 1, least) == pytest.approx(0.025)
    else:
        assert least == 0


def test_nothing_expected_gives_no_enrichment():
    assert tally(0, 0.0).chance == 1
    assert (tally(3, 0.0).enrichment, tally(3, 0.0).chance) == (None, 0)


@pytest.mark.parametrize(
    ("source", "antigen", "kind"),
    [
        ("CMV", "pp65", Kind.virus), ("SARS-CoV-2", "Spike", Kind.virus), ("HIV-1", "Gag", Kind.virus),
        ("InfluenzaA", "M", Kind.virus), ("M.tuberculosis", "TB10.4", Kind.bacterium),
        ("HomoSapiens", "MLANA", Kind.tumour), ("HomoSapiens", "INS", Kind.self),
        ("Aspergillus fumigatus", "Crf1", Kind.fungus), ("P.falciparum", "CSP", Kind.parasite),
        ("TriticumAestivum", "Gliadin", Kind.other),
    ],
)  # fmt: skip
def test_kinds(source, antigen, kind):
    assert kind_of(source, antigen) is kind
