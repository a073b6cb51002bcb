"""Whatever bytes a file of clonotypes has, it is read, or refused in one message; the order of rows is no matter."""

import gzip
from itertools import permutations
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.io.clonotype_file import read_clonotypes
from thymos.lang.errors import DataError

FILES = Path(__file__).parents[1] / "reference" / "airr"
AIRR = (FILES / "good_rearrangement.tsv").read_bytes()
VDJTOOLS = b"count\tfreq\tcdr3nt\tcdr3aa\tv\td\tj\n12\t0.5\tTGTGCCTTT\tCAF\tTRBV5-1\t.\tTRBJ2-7\n"
IMMUNOSEQ = (
    b"nucleotide\taminoAcid\tcount (reads)\tcdr3Length\tvMaxResolved\tjMaxResolved\tvIndex\tsequenceStatus\n"
    b"AAATGTGCCTTTGGG\tCAF\t7\t9\tTCRBV06-01*01\tTCRBJ02-07*01\t3\tIn\n"
)
GOOD = (AIRR, VDJTOOLS, IMMUNOSEQ)


def outcome(folder, data, name="odd.tsv"):
    """The clonotypes, or the message."""
    path = folder / name
    path.write_bytes(data)
    try:
        return read_clonotypes(path)
    except DataError as problem:
        return str(problem)


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused_in_one_message(tmp_path_factory, data):
    for packed in (data, gzip.compress(data), b"\x1f\x8b" + data):
        found = outcome(tmp_path_factory.getbasetemp(), packed)
        assert isinstance(found, str)
        assert found.startswith("DataError: ")


spliced = st.tuples(
    st.sampled_from(GOOD), st.integers(0, 6000), st.integers(0, 40), st.binary(max_size=12), st.booleans()
)


@settings(max_examples=150)
@given(spliced)
def test_a_good_file_with_a_wound_is_read_or_refused(tmp_path_factory, wound):
    data, at, gone, new, zipped = wound
    at %= len(data)
    hurt = data[:at] + new + data[at + gone :]
    found = outcome(tmp_path_factory.getbasetemp(), gzip.compress(hurt) if zipped else hurt)
    if isinstance(found, str):
        assert found.startswith("DataError: ")
    else:
        assert len(found) > 0
        assert (found.count > 0).all()
        assert found.count.dtype == np.int64
        assert (np.diff(found.count) <= 0).all()
        assert sum(found.left_out.values()) < found.rows


@settings(max_examples=60)
@given(st.integers(1, 10_000))
def test_a_cut_file_of_gzip_is_refused_or_whole(tmp_path_factory, cut):
    whole = gzip.compress(AIRR)
    found = outcome(
        tmp_path_factory.getbasetemp(), whole[: max(1, len(whole) - cut % len(whole))], "cut.tsv.gz"
    )
    assert isinstance(found, str)


def test_the_order_of_rows_changes_nothing(tmp_path):
    header, *rows = VDJTOOLS.decode().splitlines()
    rows += [rows[0].replace("TRBV5-1", "TRBV9").replace("12", "3"), rows[0].replace("CAF", "C*F"), rows[0]]
    seen = set()
    for order in permutations(rows):
        found = outcome(tmp_path, ("\n".join((header, *order)) + "\n").encode())
        columns = (found.junction_aa, found.v_call, found.j_call)
        seen.add((*(tuple(c.to_pylist()) for c in columns), tuple(found.count), tuple(found.productive)))
    assert len(seen) == 1
