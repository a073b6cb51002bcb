"""Reading takes memory for the distinct clonotypes, not for the rows."""

import subprocess
import sys

import pytest

from thymos.io.airr_schema import required_columns

READ = """
import resource, sys
from pathlib import Path
from thymos.io.clonotype_file import read_clonotypes
found = read_clonotypes(Path(sys.argv[1]))
print(len(found), found.count.sum(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
DISTINCT = 1000
ALLOWED = 150_000
"""kB: batches of 4 MB, read ahead, with what Arrow and DuckDB keep of the memory they had."""


def written(path, rows):
    """A file of so many rows, some 330 bytes each."""
    titles = required_columns()
    with path.open("w") as file:
        file.write("\t".join(titles) + "\n")
        for i in range(rows):
            cells = dict.fromkeys(titles, "")
            letters = "".join("ACDEFGHIKLMNPQRSTVWY"[i % DISTINCT // 20**k % 20] for k in range(3))
            cells |= {"sequence_id": str(i), "sequence": "ACGT" * 60, "productive": "T", "v_call": "TRBV9*01"}
            cells |= {"junction_aa": f"CAS{letters}F", "j_call": "TRBJ2-7*01", "v_cigar": "80M"}
            file.write("\t".join(cells.values()) + "\n")
    return path


@pytest.mark.slow
def test_ten_times_the_rows_take_no_more_memory(tmp_path):
    peaks = []
    for rows in (100_000, 1_000_000):
        path = written(tmp_path / f"{rows}.tsv", rows)
        done = subprocess.run([sys.executable, "-c", READ, path], capture_output=True, text=True, check=True)
        clonotypes, cells, peak = map(int, done.stdout.split())
        assert (clonotypes, cells) == (DISTINCT, rows)
        peaks.append(peak)
    assert peaks[1] - peaks[0] < ALLOWED
