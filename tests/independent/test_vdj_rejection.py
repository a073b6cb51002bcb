"""The sampler draws the frame; this law draws everything and throws most of it away."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from human_vdj import human
from rejection_vdj import rejected
from thymos.biology.repertoire.genetic_code import AMINO_ACIDS
from thymos.biology.repertoire.vdj.drawn import draw
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.biology.repertoire.vdj.productive import productive_share

TRIED = 400_000  # makes more than 1e5 productive ones


def same_law(ours, theirs, least=10):
    """P-value that two samples of whole numbers are of one law; rare values are one class."""
    size = int(max(ours.max(), theirs.max())) + 1
    counts = np.array([np.bincount(x, minlength=size) for x in (ours, theirs)])
    rare = counts.sum(axis=0) < least * 2
    table = np.column_stack([counts[:, ~rare], counts[:, rare].sum(axis=1)])
    return chi2_contingency(table[:, table.sum(axis=0) > 0]).pvalue


@pytest.fixture(params=["TRB", "TRA"], scope="module")
def both(request):
    """A model, chains drawn from it by rejection, and by thymos."""
    model = recombination("invented", request.param)
    return model, rejected(model, TRIED, 5), draw(model, TRIED, 3)


def test_length_and_genes_are_those_of_rejection(both):
    model, theirs, ours = both
    assert theirs["length"].size > 100_000
    # Four standard errors of a share of so many.
    assert theirs["share"] == pytest.approx(productive_share(model), abs=4 * np.sqrt(0.2 / TRIED))
    for name in ("length", "v", "j"):
        assert same_law(getattr(ours, name), theirs[name]) > 1e-3


def test_residues_by_place_are_those_of_rejection(both):
    _, theirs, ours = both
    alphabet = np.frombuffer(AMINO_ACIDS.encode(), dtype=np.uint8)
    for place in (1, 4, 7):
        long = theirs["length"] > place
        letters = theirs["residues"][long, place].view(np.uint8)
        assert same_law(alphabet[ours.residues[ours.length > place, place]], letters) > 1e-3


@pytest.mark.parametrize("locus", ["TRB", "TRA"])
def test_insertions_are_those_of_rejection(locus):
    # With segments that are never cut, the length of the CDR3 tells how many bases were inserted.
    model = recombination("invented", locus)
    vj, d_of_j = np.zeros_like(model.vj), np.zeros_like(model.d_of_j)
    vj[0, 0] = 1
    d_of_j[-1:] = 1
    whole = replace(
        model,
        vj=vj,
        d_of_j=d_of_j,
        deletion_v=no_palindrome(model.deletion_v),
        deletion_j=no_palindrome(model.deletion_j),
        deletion_d=no_palindrome(model.deletion_d) if model.d else model.deletion_d,
    )
    kept = sum(gene.bases.size - 4 for gene in (whole.v[0], whole.j[0]))
    kept += sum(gene.bases.size - 8 for gene in whole.d[-1:])
    ours = 3 * draw(whole, 200_000, 3).length.astype(int) - kept
    theirs = rejected(whole, TRIED // 2, 5)["added"]
    assert ours.min() >= 0
    assert same_law(ours, theirs) > 1e-3


def no_palindrome(law):
    """Cut by the four bases of the palindrome at every end, and no further."""
    found = np.zeros_like(law)
    found[(slice(None), *(4,) * (law.ndim - 1))] = 1
    return found


@pytest.mark.slow
@pytest.mark.parametrize("locus", ["TRB", "TRA"])
def test_human_chains_are_those_of_rejection(locus):
    model = human(locus)
    theirs, ours = rejected(model, 3 * TRIED, 5), draw(model, 1_000_000, 3)
    for name in ("length", "v", "j"):
        assert same_law(getattr(ours, name), theirs[name]) > 1e-3
