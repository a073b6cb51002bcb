"""A run folder: made once, resumed only as itself, never overwritten, its numbers hashed by value."""

import json
from dataclasses import replace

import numpy as np
import pytest

from thymos.io import atomic
from thymos.io.columns import Column
from thymos.io.manifest import Identity
from thymos.io.query import query
from thymos.io.run_folder import differences, load
from thymos.io.run_lock import RunLock
from thymos.io.run_store import RunWriter, free_folder
from thymos.lang.errors import DataError, StoreError

PATIENTS = (
    Column("patient", "int", "", "number"),
    Column("arm", "text", "", "name of the arm"),
    Column("cd4", "float", "cell/uL", "CD4+ T cells in blood"),
    Column("alive", "flag", "", "alive at the last visit"),
)
TOTALS = (Column("n", "int", "", "patients"),)
TABLES = {"patients": PATIENTS, "totals": TOTALS}
N = 24


def identity(blocks=4, **changes):
    return replace(Identity("s" * 64, "v" * 64, "m" * 64, "0.1.0", 7, N, 3, blocks), **changes)


def patients(block, blocks):
    ids = np.arange(block * N // blocks, (block + 1) * N // blocks)
    cd4 = np.where(ids % 5 == 0, np.nan, np.sqrt(ids))
    return {"patient": ids, "arm": [f"arm {i % 2}" for i in ids], "cd4": cd4, "alive": ids % 3 > 0}


def writer(path, blocks=4, **changes):
    return RunWriter(path, identity(blocks, **changes), ("toy", "name: toy\n"), TABLES)


def run(path, blocks=4, order=None, **changes):
    with writer(path, blocks, **changes) as store:
        for block in order or store.missing():
            store.write_block(block, {"patients": patients(block, blocks)})
        store.gather()
        return store.complete({"answer": 42}, {"totals": {"n": [N]}})


def test_a_complete_run_is_read_back(tmp_path):
    run(tmp_path / "run")
    found = load(tmp_path / "run")
    assert found.table("patients").column("patient").to_pylist() == list(range(N))
    assert found.columns("patients") == PATIENTS
    assert found.summary() == {"answer": 42, "digest": found.digest}
    assert found.study_text() == "name: toy\n"
    found.check()
    names = {p.name for p in (tmp_path / "run").iterdir()} - {".lock"}
    assert names == {"manifest.json", "study.yaml", "summary.json", "patients.parquet", "totals.parquet"}


def test_the_digest_is_of_the_values_whatever_the_cut_and_the_order(tmp_path):
    first = run(tmp_path / "1", blocks=1)
    assert run(tmp_path / "2", blocks=4).digest == first.digest
    assert run(tmp_path / "3", blocks=8, order=[5, 1, 7, 0, 2, 6, 4, 3]).digest == first.digest


def test_another_value_is_another_digest(tmp_path):
    one = run(tmp_path / "1")
    with writer(tmp_path / "2") as store:
        for block in store.missing():
            data = patients(block, 4)
            store.write_block(block, {"patients": {**data, "cd4": data["cd4"] * (1 + 1e-15)}})
        store.gather()
        other = store.complete({}, {"totals": {"n": [N]}})
    assert other.digest != one.digest
    assert differences(one, other) == ["table patients: cd4"]


def test_a_resumed_run_computes_only_what_is_missing(tmp_path):
    path = tmp_path / "run"
    with writer(path) as store:
        store.write_block(2, {"patients": patients(2, 4)})
    with writer(path) as store:
        assert store.missing() == [0, 1, 3]
    assert run(path).digest == run(tmp_path / "whole").digest


def test_a_damaged_block_is_computed_again(tmp_path):
    path = tmp_path / "run"
    with writer(path) as store:
        store.write_block(0, {"patients": patients(0, 4)})
        store.write_block(1, {"patients": patients(1, 4)})
    file = path / "blocks" / "00001-patients.parquet"
    file.write_bytes(file.read_bytes()[:-7])
    with writer(path) as store:
        assert store.missing() == [1, 2, 3]


def test_a_block_without_acknowledgement_does_not_count(tmp_path):
    path = tmp_path / "run"
    with writer(path) as store:
        store.write_block(0, {"patients": patients(0, 4)})
    (path / "blocks" / "00000.json").unlink()
    with writer(path) as store:
        assert store.missing() == [0, 1, 2, 3]


def test_gathering_before_the_end_is_refused(tmp_path):
    with writer(tmp_path / "run") as store, pytest.raises(StoreError, match="all 4 blocks, got 4 missing"):
        store.gather()


@pytest.mark.parametrize("change", [{"seed": 8}, {"patients": 99}, {"study": "t" * 64}, {"code": "0.2.0"}])
def test_another_run_is_not_continued(tmp_path, change):
    path = tmp_path / "run"
    with writer(path):
        pass
    before = (path / "manifest.json").read_bytes()
    with pytest.raises(StoreError, match="another run") as caught, writer(path, **change):
        pass
    assert next(iter(change)) in caught.value.got
    assert (path / "manifest.json").read_bytes() == before


def test_a_complete_run_is_never_changed(tmp_path):
    path = tmp_path / "run"
    run(path)
    before = {p.name: p.read_bytes() for p in path.iterdir()}
    with pytest.raises(StoreError, match="a complete run of this same study"):
        run(path)
    assert {p.name: p.read_bytes() for p in path.iterdir()} == before


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(StoreError, match=r"a new or empty folder, got one that holds thesis\.docx"):
        run(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "run").write_text("x")
    with pytest.raises(StoreError, match="expected a folder"):
        run(tmp_path / "run")


def test_two_writers_are_refused(tmp_path):
    path = tmp_path / "run"
    with writer(path), pytest.raises(StoreError, match="a run that no one is writing"), RunLock(path):
        pass
    with RunLock(path):
        pass


def test_a_full_disk_is_one_message_and_keeps_what_is_done(tmp_path, monkeypatch):
    path = tmp_path / "run"
    real = atomic.os.fsync
    with writer(path) as store:
        store.write_block(0, {"patients": patients(0, 4)})

        def full(handle):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(atomic.os, "fsync", full)
        with pytest.raises(StoreError, match="the disk is full"):
            store.write_block(1, {"patients": patients(1, 4)})
        monkeypatch.setattr(atomic.os, "fsync", real)
    assert not list((path / "blocks").glob("*.partial"))
    with writer(path) as store:
        assert store.missing() == [1, 2, 3]
    assert run(path).digest == run(tmp_path / "whole").digest


def test_columns_must_be_those_declared(tmp_path):
    with writer(tmp_path / "run") as store:
        data = patients(0, 4)
        del data["alive"]
        with pytest.raises(StoreError, match="a difference in alive"):
            store.write_block(0, {"patients": data})
        with pytest.raises(StoreError, match="one of the tables patients, totals"):
            store.write_block(0, {"visits": {}})
        with pytest.raises(StoreError, match="columns of one length"):
            store.write_block(0, {"patients": {**patients(0, 4), "cd4": [1.0]}})


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda p: (p / "manifest.json").unlink(), "a run folder, with manifest"),
        (lambda p: (p / "manifest.json").write_text("{"), "a manifest of thymos"),
        (lambda p: (p / "manifest.json").write_text('{"format": 99}'), "expected format 1, got format 99"),
        (lambda p: (p / "patients.parquet").unlink(), r"no patients\.parquet"),
    ],
)
def test_a_spoilt_run_is_refused_with_its_reason(tmp_path, spoil, said):
    run(tmp_path / "run")
    spoil(tmp_path / "run")
    with pytest.raises(StoreError, match=said):
        load(tmp_path / "run")


def test_a_torn_table_is_refused(tmp_path):
    found = run(tmp_path / "run")
    file = found.file("patients")
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(StoreError, match="the file as thymos wrote it"):
        found.table("patients")


def test_a_changed_number_is_found(tmp_path):
    found, other = run(tmp_path / "run"), run(tmp_path / "other", seed=8)
    other.file("totals").write_bytes(found.file("totals").read_bytes())
    other.check()
    stored = json.loads((tmp_path / "run" / "manifest.json").read_text())
    stored["tables"]["totals"]["n"] = "0" * 64
    (tmp_path / "run" / "manifest.json").write_text(json.dumps(stored))
    with pytest.raises(StoreError, match="other values in n"):
        load(tmp_path / "run").check()


def test_an_interrupted_run_is_not_reported(tmp_path):
    with writer(tmp_path / "run"):
        pass
    with pytest.raises(StoreError, match="a complete run, got one that was interrupted"):
        load(tmp_path / "run")


def test_a_query_sees_gaps_as_nulls_and_units(tmp_path):
    found = run(tmp_path / "run")
    answer = query(found, "select count(*) n, count(cd4) seen from patients")
    assert answer.columns == ("n", "seen")
    assert answer.rows == ((24, 19),)
    assert query(found, "select unit from columns where column_name = 'cd4'").rows == (("cell/uL",),)


@pytest.mark.parametrize(
    "sql",
    [
        "selec",
        "select * from nothing",
        "copy patients to 'stolen.csv'",
        "select * from read_text('/etc/hostname')",
        "set enable_external_access = true",
    ],
)
def test_a_query_can_neither_fail_loudly_nor_leave_the_run(tmp_path, monkeypatch, sql):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="SQL over the tables"):
        query(run(tmp_path / "run"), sql)
    assert not (tmp_path / "stolen.csv").exists()


def test_a_free_folder_is_found(tmp_path):
    assert free_folder(tmp_path, "x") == tmp_path / "x"
    (tmp_path / "x").mkdir()
    (tmp_path / "x-2").mkdir()
    assert free_folder(tmp_path, "x") == tmp_path / "x-3"
