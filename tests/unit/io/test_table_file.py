"""A stored table is read a column at a time, across row groups, and only the rows asked for."""

from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest

from thymos.io import run_store
from thymos.io.columns import Column, arrow_table
from thymos.io.table_file import TableFile
from thymos.lang.errors import StoreError

COLUMNS = (
    Column("arm", "text", "", "arm"),
    Column("event", "text", "", "event"),
    Column("day", "float", "day", "day"),
    Column("n", "int", "", "number"),
    Column("late", "flag", "", "late"),
)
N = 20
DATA = {
    "arm": ["twin" if i % 5 < 3 else "treated" for i in range(N)],
    "event": [("death", "relapse")[i % 2] for i in range(N)],
    "day": np.where(np.arange(N) % 7 == 0, np.nan, np.arange(N) / 3),
    "n": np.arange(N) * 10,
    "late": np.arange(N) > 11,
}


@pytest.fixture(params=[1, 6, N])
def file(request, tmp_path):
    """The same table in row groups of several sizes."""
    path = tmp_path / "t.parquet"
    pq.write_table(arrow_table("t", COLUMNS, DATA), path, row_group_size=request.param)
    return TableFile(path)


@pytest.mark.parametrize("name", ["day", "n", "late"])
def test_a_column_is_read_whole_or_for_one_word(file, name):
    arm, event = np.array(DATA["arm"]), np.array(DATA["event"])
    np.testing.assert_array_equal(file.column(name), DATA[name])
    assert file.column(name).dtype == DATA[name].dtype
    np.testing.assert_array_equal(file.column(name, arm="twin"), DATA[name][arm == "twin"])
    both = (arm == "twin") & (event == "death")
    np.testing.assert_array_equal(file.column(name, arm="twin", event="death"), DATA[name][both])
    assert file.column(name, arm="nobody").size == 0
    assert file.rows() == N


def test_words_are_counted(file):
    assert file.words("arm") == Counter(DATA["arm"])


def test_an_unknown_column_and_a_torn_file_are_refused(file, tmp_path):
    with pytest.raises(StoreError, match="columns among arm, event, day, n, late, got dya"):
        file.column("dya")
    file.path.write_bytes(file.path.read_bytes()[:50])
    with pytest.raises(StoreError, match="the file as thymos wrote it"):
        file.column("day")
    with pytest.raises(StoreError, match="a table that can be read"):
        TableFile(tmp_path / "none.parquet").column("day")


def test_an_empty_table_has_empty_columns(tmp_path):
    path = tmp_path / "t.parquet"
    empty = {c.name: [] for c in COLUMNS}
    pq.write_table(arrow_table("t", COLUMNS, empty), path)
    assert TableFile(path).column("day", arm="twin").size == 0
    assert TableFile(path).words("arm") == Counter()


def test_blocks_are_joined_into_few_row_groups_with_the_same_values(tmp_path, monkeypatch):
    from thymos.io.manifest import Identity

    def run(name, rows_together):
        monkeypatch.setattr(run_store, "ROW_GROUP", rows_together)
        identity = Identity("s" * 64, "v" * 64, "m" * 64, "0.1.0", 7, N, 3, N)
        with run_store.RunWriter(tmp_path / name, identity, ("t", "name: t\n"), {"t": COLUMNS}) as store:
            for i in range(N):
                store.write_block(i, {"t": {k: list(v[i : i + 1]) for k, v in DATA.items()}})
            store.gather()
            return store.complete({}, {})

    each, some = run("each", 1), run("some", 8)
    assert pq.read_metadata(each.file("t")).num_row_groups == N
    assert [pq.ParquetFile(some.file("t")).metadata.row_group(i).num_rows for i in range(3)] == [8, 8, 4]
    assert each.digest == some.digest
