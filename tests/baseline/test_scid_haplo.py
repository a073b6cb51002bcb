"""Nothing moved: headline numbers of a small run of the first shipped study.

These are the project's own numbers; they say that something changed, not that it was right. A change that is
meant is written down in `changelog.d/` and renewed with `THYMOS_RENEW_BASELINE=1 pytest tests/baseline`.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from thymos.trial import run as trial_run

FILE = Path(__file__).with_suffix(".json")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    study = trial_run.load_study("scid-haplo")
    run = trial_run.run_trial(
        study, out=tmp_path_factory.mktemp("base") / "run", patients=100, draws=20, workers=2
    )
    return headline(run.summary())


def headline(summary: dict[str, Any]) -> dict[str, float]:
    """One number for each stage of the chain."""
    twin, product = summary["arms"]
    return {
        "fold": summary["lot"]["fold"]["median"],
        "cd7_percent": summary["lot"]["cd7_percent"]["median"],
        "cd3_per_kg": summary["lot"]["cd3_per_kg"]["median"],
        "cd4_day100_twin": twin["counts"]["cd4"]["100"]["median"],
        "cd4_day100_product": product["counts"]["cd4"]["100"]["median"],
        "nk_day60_twin": twin["counts"]["nk"]["60"]["median"],
        "trec_month6_product": product["trec_month6"]["median"],
        "survival_2_years_twin": twin["outcomes"]["overall_survival"]["730"]["p"],
        "difference_cd4_day60": summary["difference"]["cd4_day60"]["median"],
        "carried_most_low": summary["assumptions"][0]["effect_low"],
        "carried_most_high": summary["assumptions"][0]["effect_high"],
    }


def test_the_headline_numbers_have_not_moved(found: dict[str, float]) -> None:
    if os.environ.get("THYMOS_RENEW_BASELINE"):
        FILE.write_text(json.dumps(found, indent=1) + "\n")
    stood = json.loads(FILE.read_text())
    moved = {
        name: (stood[name], found[name])
        for name in stood
        if found[name] != pytest.approx(stood[name], rel=2e-3)
    }
    assert not moved, "moved (stood, found); if meant, add a `numbers` fragment to changelog.d and renew"
    assert stood.keys() == found.keys()
