"""The Python that a page shows runs as it stands there, with fewer patients."""

import re
from pathlib import Path

import numpy as np

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "a-million-patients.md"


def test_the_population_of_the_page_is_folded(capsys):
    code = re.search(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert code is not None
    space: dict[str, object] = {}
    exec(code.group(1).replace("Recipients(2000)", "Recipients(20)"), space)  # noqa: S102  our own page
    found = space["found"]
    assert found.failures.patients == found["cd4"].patients == found["events"].patients == 20
    assert np.isfinite(found["cd4"].quantile(0.5)).all()
    assert "nobody failed" in capsys.readouterr().out
