"""Files of the AIRR Community, and files of ours, judged as the Community's own library judges them."""

import contextlib
import io
from pathlib import Path

import airr
import numpy as np
import pytest
from ruamel.yaml import YAML

from thymos.io.airr_export import write_rearrangements
from thymos.io.airr_repertoire import read_airr, write_airr
from thymos.io.clonotype_file import read_clonotypes
from thymos.io.clonotypes import Clonotypes
from thymos.lang.errors import InputError

FILES = Path(__file__).with_name("airr")


def accepts(read, path):
    """Whether something reads a file; what the library says on stderr is not for the reader of tests."""
    with contextlib.redirect_stderr(io.StringIO()):
        try:
            return read(path) is not False
        except (InputError, airr.schema.ValidationError):
            return False


def theirs(path):
    return airr.read_airr(str(path), validate=True)


@pytest.mark.parametrize("path", sorted(FILES.glob("*_rearrangement.tsv")), ids=lambda path: path.name)
def test_a_rearrangement_file_is_judged_alike(path):
    assert accepts(read_clonotypes, path) == accepts(airr.validate_rearrangement, str(path))


@pytest.mark.parametrize("path", sorted((*FILES.glob("*.yaml"), *FILES.glob("*.json"))), ids=lambda p: p.name)
def test_a_data_file_is_judged_alike(path):
    assert accepts(read_airr, path) == accepts(theirs, path) == path.name.startswith("good")


def test_the_good_rearrangements_are_read_as_pandas_reads_them():
    import pandas as pd

    path = FILES / "good_rearrangement.tsv"
    rows = pd.read_csv(path, sep="\t")
    rows["gene"] = rows["v_call"].str.split(r"[*,]").str[0]
    keys = ["junction", "junction_aa", "gene", "productive"]
    wanted = rows.groupby([*keys, rows["j_call"].str.split(r"[*,]").str[0]])["duplicate_count"].sum()
    found = read_clonotypes(path)
    assert sorted(found.count.tolist()) == sorted(wanted.tolist())
    assert found.count[found.productive].sum() == rows.loc[rows["productive"] == "T", "duplicate_count"].sum()


def invented(number):
    """So many clonotypes, all different."""
    rng = np.random.default_rng(6)
    letters = np.array(list("ACDEFGHIKLMNPQRSTVWY"))[rng.integers(0, 20, (number, 11))]
    aa = ["C" + "".join(row) + "F" for row in letters]
    v, j = (np.array([f"TRB{s}{i}-1*01" for i in range(2, 9)])[rng.integers(0, 7, number)] for s in "VJ")
    return Clonotypes.of("invented", aa, v.tolist(), j.tolist(), rng.integers(1, 60, number))


def test_a_hundred_thousand_rows_of_ours_are_valid_and_read_back_as_they_were(tmp_path):
    sample = invented(100_000)
    write_rearrangements(tmp_path / "out.tsv", sample)
    assert airr.validate_rearrangement(str(tmp_path / "out.tsv"))
    again = read_clonotypes(tmp_path / "out.tsv")
    order = sorted(range(len(sample)), key=lambda i: (-sample.count[i], sample.junction_aa[i].as_py()))
    for name in ("junction_aa", "v_call", "j_call", "locus"):
        before = getattr(sample, name).to_pylist()
        assert getattr(again, name).to_pylist() == [before[i] for i in order], name
    assert again.count.tolist() == sample.count[order].tolist()
    assert again.productive.all()
    assert again.left_out == {}


def test_the_same_clonotypes_give_the_same_zipped_file(tmp_path):
    for name in ("a.tsv.gz", "b.tsv.gz"):
        write_rearrangements(tmp_path / name, invented(500))
    a, b = ((tmp_path / name).read_bytes() for name in ("a.tsv.gz", "b.tsv.gz"))
    # The name of the file stands in a gzip header, were it given.
    assert a == b


@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_metadata_of_ours_are_valid_and_read_back_as_they_were(tmp_path, ending):
    data = {"Repertoire": read_airr(FILES / "good_repertoire.yaml")["Repertoire"]}
    path = tmp_path / f"out.{ending}"
    write_airr(path, data)
    assert accepts(theirs, path)
    assert read_airr(path)["Repertoire"] == data["Repertoire"]


def test_metadata_that_the_standard_forbids_are_not_written(tmp_path):
    bad = YAML(typ="safe").load((FILES / "bad_repertoire.yaml").read_text())
    with pytest.raises(InputError, match=r"out\.yaml \[Repertoire\[0\]"):
        write_airr(tmp_path / "out.yaml", bad)
    assert not list(tmp_path.iterdir())
