import csv
import gzip

import pytest

from thymos.biology.repertoire.chain_batches import BATCH, Drawing, batches
from thymos.biology.repertoire.vdj.drawn import draw
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.io.chain_rows import columns, write_chains
from thymos.lang.errors import StoreError, StudyError


@pytest.fixture(scope="module")
def models():
    return [recombination("invented", locus) for locus in ("TRA", "TRB")]


def rows_of(path):
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(text.decode().splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("ending", [".tsv", ".tsv.gz"])
def test_what_was_drawn_is_in_the_file(models, tmp_path, ending):
    path = tmp_path / f"chains{ending}"
    write_chains(path, batches(models[1:], Drawing(300, 7, bases=True)))
    found, chains = rows_of(path), draw(models[1], 300, 7, bases=True)
    assert tuple(found[0]) == columns()
    assert [row["junction_aa"] for row in found] == chains.cdr3()
    assert [row["junction"] for row in found] == chains.cdr3_bases()
    assert [row["v_call"] for row in found] == [models[1].v[k].name for k in chains.v]
    assert [row["j_call"] for row in found] == [models[1].j[k].name for k in chains.j]
    assert {(row["productive"], row["locus"], row["stop_codon"], row["cell_id"]) for row in found} == {
        ("T", "TRB", "F", "")
    }
    assert len({row["sequence_id"] for row in found}) == 300


def test_chains_of_a_cell_share_its_number(models, tmp_path):
    path = tmp_path / "cells.tsv"
    write_chains(path, batches(models, Drawing(20, 7)))
    found = rows_of(path)
    for k in range(1, 21):
        assert [row["locus"] for row in found if row["cell_id"] == str(k)] == ["TRA", "TRB"]
    assert {row["junction"] for row in found} == {""}


def test_batches_go_on_where_the_one_before_ended(models, tmp_path):
    path = tmp_path / "chains.tsv"
    ticks = []
    drawing = Drawing(BATCH + 10, 7)
    write_chains(
        path, batches(models[:1], drawing, tick=lambda done, total, what: ticks.append((done, total, what)))
    )
    found = rows_of(path)
    assert [row["junction_aa"] for row in found] == draw(models[0], BATCH + 10, 7).cdr3()
    assert found[-1]["sequence_id"] == f"TRA-{BATCH + 10}"
    assert ticks == [(BATCH, BATCH + 10, "chains of TRA"), (BATCH + 10, BATCH + 10, "chains of TRA")]


def test_a_file_is_whole_or_not_there(models, tmp_path):
    def broken():
        yield from batches(models[:1], Drawing(10, 1))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_chains(tmp_path / "chains.tsv", broken())
    assert list(tmp_path.iterdir()) == []


def test_names_that_cannot_be_written(models, tmp_path):
    with pytest.raises(StudyError, match=r"a name that ends in \.tsv or \.tsv\.gz"):
        write_chains(tmp_path / "chains.csv", batches(models[:1], Drawing(1, 1)))
    with pytest.raises(StoreError, match="folder"):
        write_chains(tmp_path / "none" / "chains.tsv", batches(models[:1], Drawing(1, 1)))
