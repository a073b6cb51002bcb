"""The Python that a page shows runs as it stands there, with fewer patients."""

import re
from pathlib import Path

import numpy as np

DOCS = Path(__file__).resolve().parents[2] / "docs"


def first_block(page: str) -> str:
    """The first Python of a page."""
    code = re.search(r"^```python\n(.*?)^```", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)
    assert code is not None
    return code.group(1)


def test_the_population_of_the_page_is_folded(capsys):
    space: dict[str, object] = {}
    code = first_block("how-to/a-million-patients.md")
    exec(code.replace("Recipients(2000)", "Recipients(20)"), space)  # noqa: S102  our own page
    found = space["found"]
    assert found.failures.patients == found["cd4"].patients == found["events"].patients == 20
    assert np.isfinite(found["cd4"].quantile(0.5)).all()
    assert "nobody failed" in capsys.readouterr().out


def test_the_clones_of_the_page_are_counted(capsys):
    exec(first_block("explanation/clones-and-diversity.md"), {})  # noqa: S102  our own page
    said = capsys.readouterr().out
    # What its table says of the neutral case.
    assert said == "267,898 clones, 18,555 of them seen\nchance alone moves the number seen by 136\n"


def test_the_responses_of_the_page_are_those_it_prints(capsys):
    page = "explanation/precursors-and-responses.md"
    exec(first_block(page), {})  # noqa: S102  our own page
    assert f"```text\n{capsys.readouterr().out}```" in (DOCS / page).read_text()


def test_the_probabilities_of_the_page_are_computed(capsys):
    exec(first_block("how-to/find-known-receptors.md"), {})  # noqa: S102  our own page
    assert "e-" in capsys.readouterr().out
