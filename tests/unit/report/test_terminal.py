"""What `thymos trial` prints, and the smaller tables."""

import io

import pytest
from rich.console import Console

from thymos.report import culture, patient, targets
from thymos.report.terminal import show
from thymos.therapy.targets.target import Target


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=120, highlight=False, markup=False)


def printed(console):
    return console.file.getvalue()


def test_a_run_is_printed_in_the_order_in_which_it_is_read(console, fake_run):
    show(fake_run, console)
    text = printed(console)
    titles = [
        "The lot",
        "Recovery",
        "Median counts",
        "Outcomes",
        "Difference",
        "registered size",
        "What carries it",
    ]
    places = [text.index(title) for title in titles]
    assert places == sorted(places)
    assert "67% (64–70)" in text
    assert "they stay in every denominator" in text
    assert fake_run.digest[:16] in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 120


def test_a_missed_target_is_shown_as_missed(console):
    rows = [
        (Target("fold", "live cells", 14.7, 8.8, 18.5, "", "C002", 0.05), 14.0),
        (Target("purity", "CD7+ share", 79.7, 54.6, 98.9, "percent", "C001", 0.1, use="check"), 20.0),
    ]
    targets.show(rows, console)
    assert "1 of 2 targets met" in printed(console)
    assert [targets.as_json(*row)["verdict"] for row in rows] == ["met", "missed"]


@pytest.mark.parametrize("arm", ["T", "NK"])
def test_a_culture_by_day(console, arm):
    value = {"median": 14.0, "low": 8.0, "high": 19.0, "unit": ""}
    days = {str(day): value for day in range(15)}
    names = (*culture.BY_DAY[arm], "expression[TCF7]", "density")
    product = {"product": "NK of others", "quantity": "nk_percent", "unit": "percent", "source": "them2000"}
    found = {
        "protocol": "dl4-7d",
        "source": "cord-blood",
        "arm": arm,
        "lots": 10,
        "failed": 1,
        "lot": {"fold": value},
        "genes": {"TCF7": {"grade": "borrowed", "evidence": "C125"}},
        "published": [product | {"value": None, "low": 80.0, "high": 90.0}] if arm == "NK" else [],
        "by_day": {name: {"text": f"text of {name}", "unit": "", "days": days} for name in names},
    }
    culture.show(found, console)
    text = printed(console)
    assert "14 (8–19)" in text
    assert "day 14" in text
    assert "1 of 10 lots failed" in text
    assert "TCF7 (borrowed, C125)" in text
    assert "text of density" not in text  # what is shown is chosen; the JSON object holds everything
    assert ("80–90" in text) == (arm == "NK")


@pytest.fixture
def twins():
    def curve(level):
        return {
            str(day): {
                "median": level * day / 100,
                "low": level * day / 200,
                "high": level * day / 50,
                "unit": "cell/uL",
            }
            for day in (0, 30, 60, 100, 180, 365, 730)
        }

    lineages = ("cd3", "cd4", "cd8", "cd19", "nk", "trec")
    return {
        "age": 0.4,
        "diagnosis": "scid",
        "seed": 1,
        "arms": [
            {"name": name, "title": name, "counts": {lineage: curve(level) for lineage in lineages}}
            for name, level in (("twin", 100.0), ("protcell", 200.0))
        ],
        "reference_band": {
            "source": "x",
            "lineages": {"cd4": [{"day": 0.0, "low": 1000, "median": 2000, "high": 3000}]},
        },
    }


def test_a_patient_and_its_twin(console, twins):
    patient.show(twins, console)
    assert "CD4+ T cells, protcell" in printed(console)
    assert "(100–400)" in printed(console)


@pytest.mark.parametrize(("name", "begins"), [("p.png", b"\x89PNG"), ("p.pdf", b"%PDF"), ("p.svg", b"<?xml")])
def test_a_patient_is_drawn(tmp_path, twins, name, begins):
    patient.draw(twins, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_an_unknown_kind_of_picture_is_refused(tmp_path, twins):
    with pytest.raises(Exception, match="a name that ends in png, svg, pdf"):
        patient.draw(twins, tmp_path / "p.docx")
    assert list(tmp_path.iterdir()) == []
