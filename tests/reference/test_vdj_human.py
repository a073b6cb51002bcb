"""The human models against what others publish of them; skipped where no package that carries them is installed."""

import pytest

from human_vdj import human
from thymos.biology.repertoire.vdj.card import card
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
    assert "righor" in found.source or "olga" in found.source


def test_genes_that_are_no_longer_functional_make_no_chain():
    unusable = {gene.name: gene.why_not for gene in human("TRB").v if gene.why_not}
    assert unusable["TRBV1*01"] == "function P"
    assert unusable["TRBV17*01"] == "function ORF"
