"""The report stands alone, can be read without seeing, and says the same each time."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from thymos.io.run_folder import RunFolder
from thymos.lang.errors import StoreError
from thymos.report.html import CONTENTS, page, write_report
from thymos.report.stored import Stored
from thymos.report.words import NARROW

VOID = {"meta", "link", "br", "hr", "col", "input", "img"}


class Reader(HTMLParser):
    """Collects what the tests ask about, and checks that elements close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.tags = [], [], [], []
        self.attributes = []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        self.attributes.append((tag, found))
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found[k] for k in ("href", "src", "xlink:href") if k in found]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def text(fake_run):
    return page(fake_run)


@pytest.fixture(scope="module")
def read(text):
    reader = Reader()
    reader.feed(text)
    return reader


def test_it_is_well_formed(read):
    assert read.open == []
    assert read.tags[0] == "html"


def test_no_name_is_used_twice(read):
    assert len(read.ids) == len(set(read.ids))


def test_it_asks_nothing_of_the_network(text, read):
    outside = [link for link in read.links if not link.startswith("#")]
    assert outside == ["https://clinicaltrials.gov/study/NCT03879876"]  # a link to follow, not a request
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    assert "@import" not in text
    assert "url(http" not in text


def test_every_link_inside_leads_somewhere(read):
    targets = {link[1:] for link in read.links if link.startswith("#")}
    assert targets <= set(read.ids)
    assert set(CONTENTS) <= set(read.ids)


def test_it_can_be_read_without_seeing(text, read):
    assert ("html", {"lang": "en"}) in read.attributes
    for tag, found in read.attributes:
        if tag == "svg":
            assert found["role"] == "img"
            assert found.get("aria-labelledby") or found.get("aria-label")
        if tag == "th":
            assert "scope" in found
    assert text.count("<table") == text.count("<caption>")


def test_every_figure_is_marked_as_simulated(text):
    figures = re.findall(r"<figure>.*?</figure>", text, flags=re.DOTALL)
    assert len(figures) == 7
    assert all("SIMULATED" in figure for figure in figures)


def test_its_drawings_are_xml(text):
    drawings = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
    assert len(drawings) == 8
    named = '<svg xmlns:xlink="http://www.w3.org/1999/xlink" '
    for drawing in drawings:
        ElementTree.fromstring(drawing.replace("<svg ", named, 1))  # noqa: S314 (our own text)


@pytest.mark.parametrize(
    "said",
    [
        "67% against 55%",
        "27% of trials",
        "0.5 × 10⁶/kg",
        "Denny 1992",
        "thymos trial RUN/study.yaml",
        f"1 of 2{NARROW}000 virtual patients could not be computed",
        "van Roessel",
        "homing fraction",
        "not a medical device",
    ],
)
def test_it_says(text, said):
    assert said in text


def test_the_same_run_gives_the_same_file(fake_run, text):
    assert page(fake_run) == text


def test_names_from_a_study_cannot_become_markup(fake_run, monkeypatch):
    summary = fake_run.summary()
    summary["title"] = "<script>alert(1)</script>"
    monkeypatch.setattr(RunFolder, "summary", lambda self: summary)
    text = page(fake_run)
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_it_is_written_into_the_run_folder_or_where_told(fake_run, tmp_path):
    there = write_report(fake_run, tmp_path / "r.html")
    assert there.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_summary_of_another_form_is_refused_with_its_place(fake_run, monkeypatch):
    summary = fake_run.summary()
    summary["lot"]["fold"]["median"] = "many"
    monkeypatch.setattr(RunFolder, "summary", lambda self: summary)
    with pytest.raises(StoreError, match=r"summary\.json \[lot\.fold\.median\]"):
        _ = Stored(fake_run).summary


def test_one_arm_alone_can_be_reported(fake_run, monkeypatch):
    summary = fake_run.summary()
    summary.update(
        arms=summary["arms"][:1], compared=None, difference={}, registered_size=None, assumptions=[]
    )
    monkeypatch.setattr(RunFolder, "summary", lambda self: summary)
    assert "one arm" in page(fake_run)
