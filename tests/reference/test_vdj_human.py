"""The human models against what others publish of them; skipped where no package that carries them is installed."""

import numpy as np
import pytest

from human_vdj import human
from thymos.biology.repertoire.vdj.card import card
from thymos.biology.repertoire.vdj.distinct import coincidence, expected_distinct
from thymos.biology.repertoire.vdj.drawn import draw
from thymos.biology.repertoire.vdj.pgen import Pgen
from thymos.biology.repertoire.vdj.productive import productive_share


def test_productive_shares():
    # SONIA's log says 0.2442847269 for TRB; its marginals are not normalised, which is 6e-7 of it.
    assert productive_share(human("TRB")) == pytest.approx(0.2442847269, rel=1e-6)
    assert productive_share(human("TRA")) == pytest.approx(0.2895, abs=5e-4)


def test_the_card_of_trb():
    # Length before selection over 60,000 chains of OLGA's own generator: mean 15.13, SD 2.57.
    found = card(human("TRB"))
    assert found.length == pytest.approx((15.13, 2.57), abs=0.05)
    v, d, j = found.genes
    assert (d.usable, j.usable) == (3, 14)
    assert v.families == 23
    assert found.deletions == {"V 3'": (-4, 16), "D 5'": (-4, 16), "D 3'": (-4, 16), "J 5'": (-4, 18)}
    # 32.5 bits from OLGA's probabilities; the sample here is small.
    assert found.entropy.value == pytest.approx(32.5, abs=4 * found.entropy.error)
    assert "righor" in found.source or "olga" in found.source


@pytest.mark.slow
@pytest.mark.parametrize("locus", ["TRB", "TRA"])
def test_two_million_chains_hold_as_many_clonotypes_as_their_probabilities_say(locus):
    model, n = human(locus), 2_000_000
    p = Pgen(model).of(draw(model, 100_000, 22)) / productive_share(model)
    residues = draw(model, n, 21).residues
    _, sizes = np.unique(residues.view(f"V{residues.shape[1]}"), return_counts=True)
    distinct, pairs = expected_distinct(p, n), coincidence(p)
    assert sizes.size == pytest.approx(
        distinct.value, abs=3 * np.hypot(distinct.error, np.sqrt(n - sizes.size))
    )
    assert np.sum(sizes * (sizes - 1.0)) / (n * (n - 1.0)) == pytest.approx(pairs.value, abs=4 * pairs.error)


def test_genes_that_are_no_longer_functional_make_no_chain():
    unusable = {gene.name: gene.why_not for gene in human("TRB").v if gene.why_not}
    assert unusable["TRBV1*01"] == "function P"
    assert unusable["TRBV17*01"] == "function ORF"
