"""Clonotype files in every format, and each fault as one message with its place."""

import gzip

import numpy as np
import pytest

from thymos.io.airr_schema import required_columns
from thymos.io.clonotype_file import read_clonotypes
from thymos.io.clonotypes import Clonotypes
from thymos.io.immunoseq import gene as immunoseq_gene
from thymos.io.mixcr import gene as mixcr_gene
from thymos.lang.errors import DataError

TITLES = (*required_columns(), "duplicate_count")
HEAD = "\t".join(TITLES) + "\n"
GOOD = {
    "productive": "T",
    "v_call": "TRBV5-1*01",
    "j_call": "TRBJ2-7*01",
    "junction": "TGTGCCTTT",
    "junction_aa": "CAF",
    "duplicate_count": "3",
}


def row(**changed):
    cells = GOOD | changed
    return "\t".join(cells.get(title, "") for title in TITLES) + "\n"


@pytest.fixture
def read(tmp_path):
    def read_it(data, name="sample.tsv"):
        (tmp_path / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        return read_clonotypes(tmp_path / name)

    return read_it


@pytest.mark.parametrize(
    "encode",
    [
        str.encode,
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: gzip.compress(text.encode(), mtime=0),
        lambda text: gzip.compress(HEAD.encode(), mtime=0) + gzip.compress(text.removeprefix(HEAD).encode()),
        lambda text: text.replace("\n", "\n\n").encode(),
        lambda text: text.removesuffix("\n").encode(),
    ],
    ids=["plain", "CR", "CRLF", "BOM", "gzip", "gzip of two parts", "empty lines", "no last line end"],
)
def test_line_ends_and_packing_change_nothing(read, encode):
    found = read(encode(HEAD + row() + row() + row(v_call="TRBV9*01")), "sample.tsv.gz")
    assert (found.sample, found.rows, found.count.tolist()) == ("sample", 3, [6, 3])
    assert found.v_call.to_pylist() == ["TRBV5-1*01", "TRBV9*01"]
    assert found.loci() == {"TRB": 9}


def test_what_cannot_be_used_is_left_out_and_counted_by_its_reason(read):
    odd = (
        row(junction="TGTGCNTTT"),
        row(junction="", junction_aa=""),
        row(junction="", junction_aa=""),
        row(junction_aa="CXF"),
        row(junction_aa="CAAF"),
        row(junction_aa=""),
        row(duplicate_count="0"),
        "cut\tshort\n",
    )
    found = read(HEAD + row() + "".join(odd))
    assert found.count.tolist() == [3]
    assert found.rows == 9
    assert found.left_out == {
        "too few cells": 1,
        "no junction": 2,
        "bases other than A, C, G, T": 1,
        "letters that are no amino acids": 1,
        "amino acids that do not fit the bases": 1,
        "no amino acids": 1,
        "a count of zero": 1,
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"junction": "TGTGCCTT", "junction_aa": "CA~"},
        {"junction": "TGTGCCTT", "junction_aa": ""},
        {"junction_aa": "C*F"},
        {"junction": "", "junction_aa": "CA_F"},
        {"productive": "F"},
    ],
)
def test_what_is_not_productive_is_kept_apart(read, changed):
    found = read(HEAD + row() + row(**changed))
    assert sorted(found.productive.tolist()) == [False, True]
    assert found.left_out == {}
    assert len(found.only(found.productive)) == 1


def test_reads_of_one_clonotype_are_one_whatever_allele_was_called(read):
    found = read(HEAD + row() + row(v_call="TRBV5-1*02,TRBV5-4*01") + row(productive=""))
    assert (found.count.tolist(), found.v_call.to_pylist()) == ([9], ["TRBV5-1*01"])


def test_without_counts_each_row_is_one(read):
    bare = "".join(line.rpartition("\t")[0] + "\n" for line in (HEAD + row() + row()).splitlines())
    found = read(bare)
    assert (found.count.tolist(), found.counted) == ([2], "rows")
    assert read(HEAD + row(duplicate_count="")).count.tolist() == [1]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", r"expected a header and rows, got an empty file"),
        (HEAD, r"expected at least one row with a junction and a count, got a header alone"),
        (HEAD + row(junction="", junction_aa=""), r"got no junction: 1"),
        (b"\x7fELF\0\0\1" * 30, r"expected a text file, got a binary file"),
        (b"PK\x03\x04xlsx", r"expected tab-separated text, got an Excel workbook"),
        ((HEAD + row()).encode("utf-16"), r"got text in UTF-16"),
        ((HEAD + row(v_call="é")).encode("latin-1"), r"row 2: expected text in UTF-8, got the byte 0xe9"),
        ((HEAD + row()).replace("\t", ","), r"row 1: expected columns separated by tabs, got commas"),
        ("Dear\nreader\n", r"row 1: expected columns separated by tabs, got one column, 'Dear'"),
        ((HEAD + row()).replace("v_cigar", "v_call"), r"row 1: expected each column once, got 'v_call' twice"),
        ((HEAD + row()).replace("junction_aa", "cdr3"), r"row 1: expected all columns of AIRR .* no junction_aa"),
        ("a\tb\n1\t2\n", r"one of: AIRR rearrangements \(sequence_id, .*; immunoSEQ .*, got only a, b"),
        (HEAD + row() + row(duplicate_count="-2"), r"row 3, column duplicate_count: .*0 to 10\^15, got '-2'"),
        (HEAD + row() + row(duplicate_count="2.5"), r"row 3, column duplicate_count: expected a whole number"),
        (HEAD + row() + row(duplicate_count="nan"), r"row 3, column duplicate_count: .*, got 'nan'"),
        (HEAD + row() + row(duplicate_count="9" * 30), r"row 3, column duplicate_count"),
        (HEAD + row() + row(productive="yes"), r"row 3, column productive: expected T, F or an empty cell"),
        (HEAD + "a\tb\n" + row(productive="yes"), r"row 3, column productive"),
        (HEAD + row() + row().replace("\n", "\tmore\n"), r"row 3: expected 15 cells as in the header, got 16"),
        (HEAD + row(sequence_id='"open') + row(), r"row 2: expected 15 cells .*\n.*a quote not closed"),
        (gzip.compress((HEAD + row() * 9000).encode(), mtime=0)[:-40], r"read to its end, got Truncated"),
        (gzip.compress(HEAD.encode(), mtime=0)[:5] + b"\0" * 40, r"expected a gzipped file"),
    ],
)  # fmt: skip
def test_a_fault_is_one_message(read, data, said):
    with pytest.raises(DataError, match=said):
        read(data)


def test_two_repertoires_in_a_file_are_refused(read):
    text = (HEAD + row(v_cigar="a") + row(v_cigar="b")).replace("v_cigar", "v_cigar\trepertoire_id", 1)
    lines = [
        line.replace("\ta\t", "\t\tdonor1\t").replace("\tb\t", "\t\tdonor2\t") for line in text.splitlines()
    ]
    with pytest.raises(
        DataError, match=r"column repertoire_id: expected one sample in a file, got donor1, donor2"
    ):
        read("\n".join(lines) + "\n")


def test_a_column_of_personal_data_is_refused(read):
    text = (HEAD + row()).replace("\n", "\tpatient_name\n", 1).replace("3\n", "3\tJo\n")
    with pytest.raises(DataError, match=r"row 1, column patient_name: expected no personal data, got a name"):
        read(text)


def test_an_absent_file_names_the_near_one(tmp_path, read):
    read(HEAD + row())
    with pytest.raises(DataError, match=r"No such file(.|\n)*sample\.tsv"):
        read_clonotypes(tmp_path / "sampl.tsv")


VDJTOOLS = (
    "{0}\tfreq\tcdr3nt\tcdr3aa\tv\td\tj\n"
    "12\t0.5\tTGTGCCTTT\tCAF\tTRBV5-1\t.\tTRBJ2-7\n"
    "7\t0.2\tTGTGCCTT\tCA_\tTRBV9\t.\t.\n"
)


@pytest.mark.parametrize("count", ["count", "#count"])
def test_vdjtools(read, count):
    found = read(VDJTOOLS.format(count))
    assert found.count.tolist() == [12, 7]
    assert found.productive.tolist() == [True, False]
    assert found.j_call.to_pylist() == ["TRBJ2-7", ""]


def test_mixcr(read):
    found = read(
        "cloneId\tcloneCount\tcloneFraction\tallVHitsWithScore\tallJHitsWithScore\tnSeqCDR3\taaSeqCDR3\n"
        "0\t12.0\t0.5\tTRBV5-1*00(845),TRBV5-4*00(840)\tTRBJ2-7*00(300)\tTGTGCCTTT\tCAF\n"
    )
    assert (found.count.tolist(), found.v_call.to_pylist()) == ([12], ["TRBV5-1"])
    with pytest.raises(DataError, match=r"row 2, column cloneCount: expected a whole number"):
        read("cloneCount\tallVHits\tallJHits\tnSeqCDR3\taaSeqCDR3\n1.5\tTRBV9\tTRBJ2-7\tTGTGCCTTT\tCAF\n")


def test_immunoseq_version_2(read):
    found = read(
        "nucleotide\taminoAcid\tcount (templates/reads)\tcdr3Length\t"
        "vMaxResolved\tjMaxResolved\tvIndex\tsequenceStatus\n"
        "AAATGTGCCTTTGGG\tCAF\t7\t9\tTCRBV06-01*01\tTCRBJ02-07*01\t3\tIn\n"
        "AAATGTGCCTTGGG\t\t2\t8\tTCRBV09-01*01\tunresolved\t3\tOut\n"
        "AAATGTTGATTTGGG\tC*F\t1\t9\tTCRBV06\tTCRBJ02-07*01\t3\tStop\n"
    )
    assert found.junction.to_pylist() == ["TGTGCCTTT", "TGTGCCTT", "TGTTGATTT"]
    assert found.v_call.to_pylist() == ["TRBV6-1*01", "TRBV9*01", "TRBV6"]
    assert found.productive.tolist() == [True, False, False]


def test_immunoseq_version_4_with_a_junction_that_was_not_found(read):
    head = "rearrangement\tamino_acid\ttemplates\tframe_type\tcdr3_length\tv_resolved\tj_resolved\tv_index\n"
    found = read(head + "AAATGTGCC\tCAF\t7\tIn\t9\tTCRBV12-03/12-04\tTCRBJ02-07\t-1\n")
    assert (found.junction.to_pylist(), found.v_call.to_pylist()) == ([""], ["TRBV12-3"])
    with pytest.raises(DataError, match=r"column frame_type: expected one of In, Out, Stop, got 'in frame'"):
        read(head + "AAATGTGCC\tCAF\t7\tin frame\t9\tTCRBV09\tTCRBJ02-07\t-1\n")


@pytest.mark.parametrize(
    ("theirs", "imgt"),
    [
        ("TCRBV06-01*01", "TRBV6-1*01"),
        ("TCRBV09-01", "TRBV9"),
        ("TCRBV20-01", "TRBV20-1"),
        ("TCRBV06", "TRBV6"),
        ("TCRBJ02-07*01", "TRBJ2-7*01"),
        ("TCRAV14-01*02", "TRAV14/DV4*02"),
        ("TCRAV38-02", "TRAV38-2/DV8"),
        ("TCRAV12-02", "TRAV12-2"),
        ("TCRAJ03-01", "TRAJ3"),
        ("TCRBV06-02/06-03*01", "TRBV6-2"),
        ("unresolved", ""),
        ("TRBV7-9", "TRBV7-9"),
    ],
)
def test_adaptives_names_become_imgts(theirs, imgt):
    assert immunoseq_gene(theirs) == imgt


def test_mixcr_names_lose_score_and_the_unknown_allele():
    assert mixcr_gene("TRBV5-1*00(845.3),TRBV5-4*00(840)") == "TRBV5-1"
    assert mixcr_gene("TRBV5-1*02(845)") == "TRBV5-1*02"
    assert mixcr_gene("") == ""


def test_clonotypes_from_lists_must_fit():
    sample = Clonotypes.of("s", ["CAF", "CAAF"], ["TRBV9", "TRAV2"], ["TRBJ2-7", "TRAJ3"], [1, 5])
    assert sample.junction_aa.to_pylist() == ["CAAF", "CAF"]
    assert sample.residues().tolist() == [4, 3]
    assert sample.loci() == {"TRA": 5, "TRB": 1}
    assert len(sample.first(1)) == 1
    for lists in ((["CAF"], ["TRBV9", "TRBV9"], ["TRBJ2-7"], [1]), (["CAF"], ["TRBV9"], ["TRBJ2-7"], [0])):
        with pytest.raises(DataError, match="columns of one length, and counts from 1 on"):
            Clonotypes.of("s", *lists)
    assert np.array_equal(sample.of_locus("TRG"), [False, False])
