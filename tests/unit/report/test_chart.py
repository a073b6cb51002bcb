"""The chart of one patient as table, picture and page: what it says, and of whom it does not speak."""

import re

import pytest
from rich.console import Console

from thymos.lang.errors import StudyError
from thymos.report.chart import show
from thymos.report.chart_file import write

DAYS = [0.0, 30.0, 100.0, 365.0]
HEALTHY = {"p5": 4 * [900], "p50": 4 * [1500], "p95": 4 * [3000]}
LINEAGES = ("lymphocytes", "cd3", "cd4", "cd8", "cd19", "nk", "trec", "cd4_naive")


def row(day, value, lineage="cd4", **other):
    plain = {"unit": "cell/uL", "below": False, "assay": "", "z": -2.25, "centile": 1.2, "expected": 40.0}
    return {"day": day, "lineage": lineage, "value": value, "place": "on"} | plain | other


def found(**other):
    share = {"p": 0.55, "low": 0.45, "high": 0.65, "n": 200}
    reached = {"reached": share, "by": 100.0, "day": {"median": 90.0, "low": 60.0, "high": None}}
    counts = [
        row(14.0, 1.0, below=True, z=-9.0, centile=1e-17, place="behind"),
        row(30.0, 12.0),
        row(60.0, 2.0, "trec", unit="copy/uL", z=None, centile=None, assay="PCR"),
        row(-5.0, 900.0, z=0.4, centile=65.0, expected=None, place=None),
    ]
    return {
        "patient": {"label": "P-07", "age": 0.5, "diagnosis": "ada"},
        "platform": "scid-haplo",
        "simulated": 200,
        "doses": [{"day": 9.0, "per_kg": 5e5}],
        "steroids": [{"from": -3.0, "to": 40.0}, {"from": 90.0, "to": None}],
        "counts": counts,
        "milestones": [{"text": "CD4 above 50/uL twice", "state": "once", "day": 30.0, "like": reached}],
        "alarms": [{"text": "CD8 below 50/uL at day 100", "state": "due", "like": share}],
        "expected": {
            name: {"day": DAYS} | {q: [k * x for x in (0, 1, 10, 100)] for k, q in enumerate(
                ("q025", "q10", "q50", "q90", "q975"))} for name in LINEAGES
        },
        "reference": {
            "by": ["Shearer et al. 2003 (children)", "Chng et al. 2004 (adults)"],
            "lineages": {name: {"day": DAYS} | HEALTHY for name in LINEAGES[1:6]},
        },
        "sources": [{"key": "shearer2003", "text": "Shearer, William T. <Lymphocyte subsets>."}],
        "notes": ["day 30: cd4 is 130/uL, more than cd3 (100/uL)"],
    } | other  # fmt: skip


def printed(what):
    console = Console(width=160, record=True, highlight=False, markup=False)
    with console.capture() as text:
        show(what, console)
    return text.get()


def test_the_table_says_count_score_and_course():
    text = printed(found())
    assert "P-07: 6 months at transplant, ada" in text
    assert re.search(r"CD4\+ T cells +14 +<1/µL +< −4 +<0\.1 +40 +behind", text)
    assert re.search(r"CD4\+ T cells +30 +12/µL +−2\.2 +1\.2 +40 +on course", text)
    assert re.search(r"CD4\+ T cells +−5 +900/µL +\+0\.4 +65 *\n", text)
    assert re.search(r"sjTREC, PCR +60 +2.copies/µL +40 +on course", text)
    assert re.search(
        r"CD4 above 50/µL twice +once so far, day 30 +55% \(45–65\) by day 100, median day 90",
        text,
    )
    assert re.search(r"CD8 below 50/µL at day 100 +due +55% \(45–65\)", text)
    assert "Note: day 30: cd4 is" in text
    assert "Shearer et al. 2003 (children)" in text


@pytest.mark.parametrize(
    ("age", "said"), [(0.5, "6 months"), (14.0, "14 years"), (90.0, "90 years or older")]
)
def test_an_age_is_said_as_a_clinic_does(age, said):
    assert said in printed(found(patient={"label": "P-07", "age": age, "diagnosis": "ada"}))


def test_the_picture_names_its_sources_and_marks_what_was_below_a_limit(tmp_path):
    write(found(), tmp_path / "chart.svg")
    text = (tmp_path / "chart.svg").read_text()
    for said in (
        "Healthy people of the same age: Shearer et al. 2003 (children); Chng et al. 2004 (adults).",
        "Patients like this one: 200, simulated on the platform scid-haplo.",
        "patients like this one, simulated", "measured below this limit", "dose of the product",
        "steroids", "PCR", "CD4+ T cells", "50/µL: early recovery", "once so far, day 30",
        "Research use only",
    ):  # fmt: skip
        assert said in text
    before = (tmp_path / "chart.svg").read_bytes()
    write(found(), tmp_path / "chart.svg")
    assert (tmp_path / "chart.svg").read_bytes() == before


def test_the_picture_is_written_in_other_kinds(tmp_path):
    write(found(), tmp_path / "chart.pdf")
    assert (tmp_path / "chart.pdf").read_bytes().startswith(b"%PDF")


def test_naive_cells_have_a_panel_where_they_were_counted(tmp_path):
    write(found(counts=[row(30.0, 12.0, "cd4_naive", z=None, centile=None)]), tmp_path / "chart.svg")
    text = (tmp_path / "chart.svg").read_text()
    assert "Naive CD4+ T cells" in text
    assert "Lymphocytes" not in text


def test_the_page_stands_alone_and_escapes_what_it_is_handed(tmp_path):
    write(found(), tmp_path / "chart.html")
    text = (tmp_path / "chart.html").read_text()
    assert "&lt;Lymphocyte subsets&gt;" in text
    assert not re.search(r"(src|href)=\"(?!#)", text)
    for said in (
        "<svg",
        "not a medical device",
        "once so far, day 30",
        "&lt;1/µL",
        '<th scope="row">day 14</th>',
    ):
        assert said in text


def test_another_ending_is_refused_and_nothing_written(tmp_path):
    with pytest.raises(StudyError, match="option --out: expected a name that ends in png, svg, pdf, html"):
        write(found(), tmp_path / "chart.docx")
    assert not list(tmp_path.iterdir())
