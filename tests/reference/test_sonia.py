"""Selection factors: by hand, as sums over a list of every chain, and for the human tables where they are installed."""

import csv
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from human_vdj import human
from thymos.biology.repertoire.receptors import packed
from thymos.biology.repertoire.selection.selected import (
    Thinning,
    effective_number,
    selected,
    selection_bits,
)
from thymos.biology.repertoire.selection.sonia import factors, installed_tables
from thymos.biology.repertoire.vdj.drawn import Sampler
from thymos.io.sonia_tables import read_sonia
from thymos.lang.errors import DataError
from tiny_igor import tiny
from tiny_sonia import FEATURES, write_tiny_sonia


@pytest.fixture(scope="module")
def model():
    return tiny("TRB")


@pytest.fixture(scope="module")
def z(model):
    """What makes the mean of Q one, as those who learn such tables see to."""
    return float(np.exp(-np.clip(by_hand(Sampler(model).draw(50_000, 5)), -5, 10)).mean())


@pytest.fixture
def tables(tmp_path, z):
    write_tiny_sonia(tmp_path, z)
    return read_sonia(tmp_path)


def by_hand(chains):
    found = []
    for cdr3, v, j in zip(chains.cdr3(), chains.v, chains.j, strict=True):
        names = [f"l{len(cdr3)}", f"v{v + 1};j{j + 1}"]
        names += [f"a{a}{i}" for i, a in enumerate(cdr3)] + [
            f"a{a}{-i - 1}" for i, a in enumerate(reversed(cdr3))
        ]
        found.append(sum(FEATURES.get(name, 0.0) for name in names))
    return np.array(found)


def test_q_is_the_formula(tables, model, z):
    chains = Sampler(model).draw(3000, 2)
    read = factors(tables, model)
    assert read.neutral == ()
    assert read.mean_read == pytest.approx(1, abs=0.01)
    np.testing.assert_allclose(read.q(chains, workers=2), np.exp(-by_hand(chains)) / z, rtol=1e-12)


def test_one_chain_by_hand(tables, model):
    chain = packed(["CATF"], np.array([0], dtype=np.int16), np.array([1], dtype=np.int16))
    read = factors(tables, model)
    # l4, aC0, aA1, aT-2, aF-1, v1;j2
    assert read.energies(chain)[0] == pytest.approx(-0.2 + 0.2 - 0.4 + 0.6 - 0.3 - 0.1)


def test_a_stuck_gene_is_made_neutral_and_named(tmp_path, model, z):
    write_tiny_sonia(tmp_path, z, stuck=("v1;j2", "v2;j2"))
    mended = factors(read_sonia(tmp_path), model)
    assert mended.neutral == ("TRBJ2*01",)
    assert mended.mean_read > 1.5
    chains = Sampler(model).draw(200_000, 9)
    q = mended.q(chains)
    # Three standard errors of the mean of so many.
    for part in (q, q[chains.j == 1]):
        assert part.mean() == pytest.approx(1, abs=3 * part.std() / np.sqrt(part.size))


def test_tables_of_other_genes_are_refused(tables, model):
    other = tuple(replace(gene, name=gene.name.replace("TRBV", "TRBV9")) for gene in model.v)
    with pytest.raises(DataError, match="got those of 0% of its rearrangements"):
        factors(tables, replace(model, v=other))


def test_thinned_and_weighted_chains_are_of_one_law(tables, model):
    sampler, read = Sampler(model), factors(tables, model)
    before = sampler.draw(200_000, 3)
    q = read.q(before)
    thinning = Thinning(cap=float(q.max()))
    parts = list(selected(sampler, read, 50_000, 4, thinning))
    length = np.concatenate([part.length for part in parts]).astype(float)
    assert (length.size, thinning.kept) == (50_000, 50_000)
    weighted = np.average(before.length, weights=q)
    error = np.hypot(length.std() / np.sqrt(length.size), before.length.std() / np.sqrt(effective_number(q)))
    assert length.mean() == pytest.approx(weighted, abs=3 * error)
    assert thinning.accepted == pytest.approx(1 / thinning.cap, rel=0.02)
    assert thinning.lost == pytest.approx(0, abs=1e-4)
    again = list(selected(sampler, read, 50_000, 4, Thinning(cap=float(q.max())), workers=3))
    assert all(np.array_equal(a.residues, b.residues) for a, b in zip(parts, again, strict=True))


def test_the_cap_says_what_it_takes(tables, model):
    sampler, read = Sampler(model), factors(tables, model)
    q = read.q(sampler.draw(200_000, 3))
    thinning = Thinning(cap=1.0)
    list(selected(sampler, read, 1000, 4, thinning))
    assert thinning.lost == pytest.approx(np.maximum(q - 1, 0).sum() / q.sum(), rel=0.05)


def test_weights_of_one_say_nothing():
    assert effective_number(np.ones(10)) == 10
    assert selection_bits(np.ones(10)) == 0
    assert effective_number(np.array([1.0, 0.0])) == 1
    assert selection_bits(np.array([2.0, 2.0, 1e-300, 1e-300])) == pytest.approx(1)


def human_tables(locus):
    for package in ("sonnia", "sonia"):
        if find_spec(package) is not None:
            return installed_tables(package, locus)
    return pytest.skip("no human selection factors here: install `sonnia` or `sonia`, which bring them")


def test_human_trb_has_the_published_mean_length_and_spread():
    # Acceptance of the design: mean Q 1 within 0.02, ESS 29 %, 1.22 bits, length 14.3-14.6 and SD 1.65-1.85.
    model = human("TRB")
    read = factors(human_tables("TRB"), model)
    chains = Sampler(model).draw(400_000, 9)
    q = read.q(chains)
    assert read.neutral == ()
    assert q.mean() == pytest.approx(1, abs=0.02)
    assert effective_number(q) / q.size == pytest.approx(0.29, abs=0.02)
    assert selection_bits(q) == pytest.approx(1.22, abs=0.02)
    mean = np.average(chains.length, weights=q)
    assert 14.3 < mean < 14.6
    assert 1.65 < np.sqrt(np.average((chains.length - mean) ** 2, weights=q)) < 1.85
    for cap, accepted, lost in ((10, 0.099, 0.008), (30, 0.033, 0.0014)):
        thinning = Thinning(cap)
        list(selected(Sampler(model), read, 20_000, 3, thinning))
        assert thinning.accepted == pytest.approx(accepted, rel=0.03)
        assert thinning.lost == pytest.approx(lost, rel=0.35)


def test_human_q_is_the_formula_on_the_table_itself():
    model, tables = human("TRB"), human_tables("TRB")
    with (tables.folder / "features.tsv").open() as file:
        energies = {row["Feature"]: float(row["Energy"]) for row in csv.DictReader(file)}
    chains = Sampler(model).draw(2000, 8)
    genes_v, genes_j = ([g.name[3:].split("*")[0].lower() for g in genes] for genes in (model.v, model.j))
    wanted = []
    for cdr3, v, j in zip(chains.cdr3(), chains.v, chains.j, strict=True):
        names = [f"l{len(cdr3)}", f"{genes_v[v]};{genes_j[j]}"]
        names += [f"a{a}{i}" for i, a in enumerate(cdr3[:25])]
        names += [f"a{a}{-i - 1}" for i, a in enumerate(cdr3[::-1][:25])]
        wanted.append(sum(energies.get(name, 0.0) for name in names))
    wanted = np.exp(-np.clip(wanted, -5, 10)) / 0.9859446666666667  # Z of its log.txt
    np.testing.assert_allclose(factors(tables, model).q(chains), wanted, rtol=1e-12)


def test_the_guard_fires_on_traj9():
    model = human("TRA")
    read = factors(human_tables("TRA"), model)
    assert read.neutral == ("TRAJ9*01",)
    assert read.mean_read == pytest.approx(3.48, abs=0.15)
    # Without TRAJ9 the norm is again what the tables say, though nothing here tells it so.
    assert read.z == pytest.approx(0.96528, rel=0.01)


def test_no_package_is_imported():
    import sys

    assert not {"sonia", "sonnia", "olga", "righor"} & set(sys.modules)
