"""On models so small that every chain can be written down, draws and shares are what the list says."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import chisquare

from thymos.biology.repertoire.genetic_code import CODONS
from thymos.biology.repertoire.vdj.distinct import coincidence, entropy, expected_distinct
from thymos.biology.repertoire.vdj.drawn import draw
from thymos.biology.repertoire.vdj.lengths import length_law
from thymos.biology.repertoire.vdj.productive import productive_share
from tiny_igor import every_chain, tiny


def productive(model):
    """Probability of each productive (bases, v, j)."""
    found = {}
    for (bases, v, j), p in every_chain(model).items():
        if len(bases) % 3 == 0:
            residues = CODONS[np.frombuffer(bases, dtype=np.uint8).reshape(-1, 3) @ [16, 4, 1]]
            # C is 1, F, V and W are 4, 17 and 18, a stop is 20.
            if residues[0] == 1 and residues[-1] in (4, 17, 18) and 20 not in residues:
                found[bases, v, j] = p
    return found


@pytest.fixture(params=["TRB", "TRA"], scope="module")
def listed(request):
    model = tiny(request.param)
    return model, productive(model)


def test_the_productive_share_is_the_sum_of_the_list(listed):
    model, law = listed
    assert productive_share(model) == pytest.approx(sum(law.values()), rel=1e-12)


def test_lengths_are_those_of_the_list(listed):
    model, _ = listed
    found = length_law(model)
    wanted = np.zeros_like(found)
    for (bases, _, _), p in every_chain(model).items():
        wanted[len(bases)] += p
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-16)


def test_drawn_chains_have_the_law_of_the_list(listed):
    model, law = listed
    n = 200_000
    chains = draw(model, n, 11, bases=True)
    ends = (3 * chains.length.astype(int)).tolist()
    bases = [row[:end].tobytes() for row, end in zip(chains.bases, ends, strict=True)]
    seen = Counter(zip(bases, chains.v.tolist(), chains.j.tolist(), strict=True))
    assert seen.keys() <= law.keys()
    total = sum(law.values())
    common = [key for key, p in law.items() if n * p / total >= 10]
    got = [seen.get(key, 0) for key in common]
    wanted = [n * law[key] / total for key in common]
    rest = n - sum(wanted)
    assert len(common) > 100
    assert chisquare([*got, n - sum(got)], [*wanted, rest]).pvalue > 1e-3


def test_distinct_coincidences_and_entropy_are_the_sums_over_the_list(listed):
    _, law = listed
    p = np.array(list(law.values())) / sum(law.values())
    drawn = np.random.default_rng(3).choice(p, size=400_000, p=p)
    for n in (10, 10_000):
        distinct, error = expected_distinct(drawn, n)
        assert distinct == pytest.approx(np.sum(1 - (1 - p) ** n), abs=4 * error)
    assert coincidence(drawn).value == pytest.approx(np.sum(p**2), abs=4 * coincidence(drawn).error)
    assert entropy(drawn).value == pytest.approx(-np.sum(p * np.log2(p)), abs=4 * entropy(drawn).error)


def test_distinct_clonotypes_are_as_many_as_are_counted():
    model = tiny("TRA")
    law = productive(model)
    total = sum(law.values())
    n = 20_000
    chains = draw(model, n, 5, bases=True)
    keys = [(b, int(v), int(j)) for b, v, j in zip(chains.cdr3_bases(), chains.v, chains.j, strict=True)]
    letters = {(bytes(b"ACGT"[c] for c in b).decode(), v, j): p / total for (b, v, j), p in law.items()}
    distinct = expected_distinct(np.array([letters[key] for key in keys]), n)
    # The count itself varies by less than the square root of itself.
    assert len(set(keys)) == pytest.approx(
        distinct.value, abs=3 * np.hypot(distinct.error, distinct.value**0.5)
    )
