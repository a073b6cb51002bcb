# ruff: noqa: E501  a table is as wide as it is
import gzip

import pytest

from thymos.io.vdjdb import read_vdjdb
from thymos.lang.errors import DataError

RELEASE = """\
complex.id	gene	cdr3	v.segm	j.segm	species	mhc.a	mhc.b	mhc.class	antigen.epitope	antigen.gene	antigen.species	method	vdjdb.score
1	TRA	CAVSF	TRAV1*01	TRAJ1*01	HomoSapiens	HLA-A*02	B2M	MHCI	AAAAAAAAA	ONE	CMV	{"frequency": "1/2", "x": ""}	2
1	TRB	CASSAF	TRBV1*01	TRBJ1*01	HomoSapiens	HLA-A*02	B2M	MHCI	AAAAAAAAA	ONE	CMV	{"frequency": "1/2", "x": ""}	2
0	TRB	CASSAF	TRBV1*01	TRBJ1*01	HomoSapiens	HLA-A*02	B2M	MHCI	AAAAAAAAA	ONE	CMV	{}	0
0	TRB	CASSWF	TRBV2*01	TRBJ1*01	HomoSapiens	HLA-A*02	B2M	MHCI	WWWWWWWWW	TWO	EBV	{}	0
0	TRB	CASSMF	TRBV2*01	TRBJ1*01	MusMusculus	H2-Db	B2M	MHCI	WWWWWWWWW	TWO	EBV	{}	0
0	TRB	CAS#F	TRBV2*01	TRBJ1*01	HomoSapiens	HLA-A*02	B2M	MHCI	WWWWWWWWW	TWO	EBV	{}	1
"""
SLIM = """\
gene	cdr3	species	antigen.epitope	antigen.gene	antigen.species	complex.id	v.segm	j.segm	v.end	j.start	mhc.a	mhc.b	mhc.class	reference.id	vdjdb.score
TRB	CASSAF	HomoSapiens	AAAAAAAAA	ONE	CMV	1,2	TRBV1*01	TRBJ1*01	4	5	HLA-A*02	B2M	MHCI	PMID:1,PMID:2	2
TRB	CASSWF	HomoSapiens	WWWWWWWWW	TWO	EBV	0	TRBV2*01	TRBJ1*01	4	5	HLA-A*02	B2M	MHCI	PMID:1	0
"""
BROWSER = """\
complex.id	Gene	CDR3	V	J	Species	MHC A	MHC B	MHC class	Epitope	Epitope gene	Epitope species	Reference	Method	Meta	CDR3fix	Score
1	TRB	CASSAF	TRBV1*01	TRBJ1*01	HomoSapiens	HLA-A*02	B2M	MHCI	AAAAAAAAA	ONE	CMV	PMID:1	{"frequency":""}	{"cell.subset":"CD8+"}	{"cdr3":"CASSAF"}	2
1	TRB	CASSWF	TRBV2*01	TRBJ1*01	HomoSapiens	HLA-A*02	B2M	MHCI	WWWWWWWWW	TWO	EBV	PMID:1	{"frequency":""}	{"cell.subset":"CD8+"}	{"cdr3":"CASSWF"}	0
"""
PAIRED = """\
cdr3.alpha	v.alpha	j.alpha	cdr3.beta	v.beta	d.beta	j.beta	species	mhc.a	mhc.b	mhc.class	antigen.epitope	antigen.gene	antigen.species	vdjdb.score
CAVSF	TRAV1*01	TRAJ1*01	CASSAF	TRBV1*01		TRBJ1*01	HomoSapiens	HLA-A*02	B2M	MHCI	AAAAAAAAA	ONE	CMV	2
			CASSWF	TRBV2*01		TRBJ1*01	HomoSapiens	HLA-A*02	B2M	MHCI	WWWWWWWWW	TWO	EBV	0
CAVTF	TRAV2*01	TRAJ1*01				 	HomoSapiens	HLA-A*02	B2M	MHCI	WWWWWWWWW	TWO	EBV	1
"""


def _file(folder, text, name="vdjdb.txt"):
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text", [RELEASE, SLIM, BROWSER, PAIRED], ids=["release", "slim", "browser", "paired"]
)
def test_every_kind_of_table_says_the_same(tmp_path, text):
    first, second = read_vdjdb(_file(tmp_path, text)).chains
    assert (first.cdr3, first.v, first.j, first.score) == ("CASSAF", "TRBV1*01", "TRBJ1*01", 2)
    assert (first.epitope, first.antigen, first.source, first.mhc) == ("AAAAAAAAA", "ONE", "CMV", "HLA-A*02")
    assert (second.cdr3, second.source, second.score) == ("CASSWF", "EBV", 0)


def test_what_is_left_out_is_counted(tmp_path):
    assert read_vdjdb(_file(tmp_path, RELEASE)).left_out == {
        "another locus": 1,
        "the same chain and epitope again": 1,
        "another species": 1,
        "letters that are no amino acids, or an odd length": 1,
    }


def test_the_better_score_of_twins_is_kept_whatever_their_order(tmp_path):
    head, alpha, good, poor, *rest = RELEASE.splitlines(keepends=True)
    for rows in ([good, poor], [poor, good]):
        found = read_vdjdb(_file(tmp_path, "".join([head, alpha, *rows, *rest])))
        assert found.chains[0].score == 2


def test_filters(tmp_path):
    path = _file(tmp_path, RELEASE)
    assert [chain.cdr3 for chain in read_vdjdb(path, locus="TRA").chains] == ["CAVSF"]
    assert [chain.cdr3 for chain in read_vdjdb(path, species="MusMusculus").chains] == ["CASSMF"]
    assert [chain.cdr3 for chain in read_vdjdb(path, least_score=1).chains] == ["CASSAF"]
    assert [chain.cdr3 for chain in read_vdjdb(_file(tmp_path, PAIRED), locus="TRA").chains] == [
        "CAVSF",
        "CAVTF",
    ]


def test_a_gzipped_table(tmp_path):
    path = tmp_path / "vdjdb.txt.gz"
    path.write_bytes(gzip.compress(SLIM.encode()))
    assert len(read_vdjdb(path)) == 2


@pytest.mark.parametrize(
    ("text", "wanted", "said"),
    [
        (RELEASE.replace("antigen.epitope", "epitop"), {}, "among them antigen.epitope"),
        ("a\tb\n1\t2\n", {}, r"(?s)the columns of VDJdb.*give vdjdb.txt"),
        (
            RELEASE.replace("\t0\n", "\thigh\n"),
            {},
            r"row 4, column vdjdb.score: expected 0, 1, 2 or 3, got “high”",
        ),
        (RELEASE, {"species": "MacacaMulatta"}, "TRB chains of MacacaMulatta.*another species: "),
        (RELEASE, {"least_score": 3}, "with a score from 3, got .*a score below 3: 4"),
        (RELEASE, {"least_score": 7}, "least score: expected 0, 1, 2 or 3, got 7"),
        (RELEASE, {"locus": "TRG"}, "expected TRA or TRB, got “TRG”"),
        (RELEASE.splitlines()[0] + "\n", {}, "got a header alone"),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path, text, wanted, said):
    with pytest.raises(DataError, match=said):
        read_vdjdb(_file(tmp_path, text), **wanted)
