"""Generation probabilities that OLGA publishes in its README (version 1.3.0), for its human TRB model."""

import numpy as np
import pytest

from human_vdj import human
from thymos.biology.repertoire.vdj.drawn import draw
from thymos.biology.repertoire.vdj.pgen import Pgen
from thymos.biology.repertoire.vdj.productive import productive_share

PUBLISHED = {
    "CASSTGQANYGYTF": 5.26507446955e-08,
    "CASSDAQGRNRGTEAFF": 4.70599549953e-13,
    "CASSLGRDGGHEQYF": 7.25342176315e-10,
    "TGTGCCAGCAGTGACGCACAGGGGCGTAATCGTGGGACTGAAGCTTTCTTT": 1.31873701121e-17,
}


def test_values_of_the_readme_of_olga():
    found = Pgen(human("TRB")).of_texts(list(PUBLISHED))
    # The README is older than the parameters that OLGA 1.3.0 brings, and differs from its own answers by 1.4e-6.
    np.testing.assert_allclose(found, list(PUBLISHED.values()), rtol=2e-6)


# The law of Pgen of what is drawn, from 2,000 chains: standard errors are 0.05 and 0.04.
@pytest.mark.parametrize(("locus", "entropy"), [("TRB", 32.5), ("TRA", 23.2)])
def test_entropy_of_productive_cdr3s(locus, entropy):
    model = human(locus)
    p = Pgen(model).of(draw(model, 2000, seed=11)) / productive_share(model)
    bits = -np.log2(p)
    assert abs(bits.mean() - entropy) < 3 * bits.std() / np.sqrt(2000) + 0.05
