import pytest

from thymos.evidence.bibliography import references
from thymos.evidence.check import check_all, sources_used


@pytest.fixture
def package(tmp_path):
    """A package with one docstring and one data set that cite."""
    (tmp_path / "evidence" / "datasets").mkdir(parents=True)
    (tmp_path / "engine.py").write_text(
        '"""A solver. References: `steinebach2023`, `steinmann1985`,\n`zhang2007`. Uses `numba`."""\n'
    )
    (tmp_path / "evidence" / "example.py").write_text('"""References: `nobody1900`."""\n')
    (tmp_path / "evidence" / "datasets" / "some.csv").write_text("id,source\nP1,denny1992\n")
    return tmp_path


def test_docstrings_and_data_sets_use_sources(package):
    assert sources_used([], package) == {"steinebach2023", "steinmann1985", "zhang2007", "denny1992"}


def test_a_source_that_no_one_uses_is_a_problem(package):
    problems = check_all([], package)
    assert len(problems) == len(references()) - 4
    assert "references.bib [vrisekoop2008]: no value, docstring or data set uses it." in problems


def test_a_docstring_that_cites_an_unknown_source_is_a_problem(package):
    (package / "thymus.py").write_text('"""Reference: `nobody1900`."""\n')
    assert any(p.startswith("EvidenceError: thymus.py: expected a key") for p in check_all([], package))


def test_a_data_set_that_cites_an_unknown_source_is_a_problem(package):
    (package / "evidence" / "datasets" / "more.csv").write_text("source\nnobody1900\n")
    assert any("more.csv: expected a key" in p for p in check_all([], package))
