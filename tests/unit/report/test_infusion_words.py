"""How an infusion, its gain and a choice are put into words."""

import io

import pytest
from rich.console import Console

from thymos.report import infusion_words
from thymos.report.infusion_choice import show

MINUS = "\N{MINUS SIGN}"
POINT = {
    "dose": 1e6, "day": 8.0, "doses": 2, "gap": 14.0, "age": None, "atg": None, "atg_at_infusion": 0.5,
    "niche_cap": 5e5, "short": 0.25, "failed": 0, "total": 2e6, "cells": 5e7,
    "values": {"cd4": {"twin": 40.0, "median": 3.0, "low": 0.0, "high": 30.0}},
    "score": {"value": 0.71, "low": 0.5, "high": 0.9, "unit": "1"},
}  # fmt: skip
FOUND = {
    "title": "A question", "study": "some-study", "seed": 1, "pairs": 400, "draws": 50, "equivalent": 0.05,
    "aim": {"kind": "reach", "value": "recovery", "at_least": 0.7, "unit": "1"},
    "limits": {"lot": True, "atg_share": 0.9},
    "choices": {"day": {"low": 4.0, "high": 14.0}, "gap": 14.0},
    "verdict": "found", "untreated": 0.6, "chosen": POINT, "best": 0.8, "regret": 0.01, "again": 0.7,
    "as_good": [POINT, POINT | {"day": 9.0}], "looked_at": [{}] * 90, "could": [],
}  # fmt: skip


def printed(**changed):
    out = io.StringIO()
    show(FOUND | changed, Console(file=out, width=200))
    return out.getvalue()


@pytest.mark.parametrize(
    ("x", "unit", "text"),
    [
        (0.049, "cell/uL", "0"),
        (-0.01, "day", "0"),
        (3.21, "cell/uL", "+3.2"),
        (-12.4, "cell/uL", f"{MINUS}12"),
        (0.124, "1", "+12"),
        (None, "cell/uL", "not reached"),
    ],
)
def test_a_gain_has_its_sign_and_no_pretended_digits(x, unit, text):
    assert infusion_words.gain(x, unit) == text


def test_an_assumption_without_words_is_still_read():
    assert infusion_words.assumption("blood_model=lymphopenic") == "blood model: lymphopenic"


def test_a_choice_says_what_to_give_how_sure_it_is_and_what_is_as_good():
    said = printed()
    for part in (
        "Give 1 × 10⁶ cells/kg on day 8 and again on day 22: 50 × 10⁶ cells in all.",
        "71% (50\N{EN DASH}90); untreated 60%",
        "fills the free niches 2 times over",
        "25% of lots hold fewer cells",
        "80% of resampled simulations reach the aim with it, and they fall short by 1.0 points",
        "2 of 90 choices looked at",
        "days 8 to 9",
    ):
        assert part in said


def could(name, score, untreated, reaches):
    return {
        "assumption": name, "text": "", "score": score, "untreated": untreated, "reaches": reaches, "dose": 1e6,
        "day": 4.0, "doses": 1,
    }  # fmt: skip


def test_out_of_reach_names_the_assumptions_that_would_bring_it_there_by_the_product():
    rows = [could("turnover_pair=fast", 0.9, 0.85, True), could("niche_number=fixed", 0.8, 0.5, True)]
    said = printed(verdict="out_of_reach", could=rows)
    assert "The product cannot reach 70% here" in said
    assert "It could, if: niches as many at any age." in said
    said = printed(verdict="out_of_reach", could=rows[:1])
    assert "it would be reached without the product too" in said
    said = printed(verdict="out_of_reach", could=[could("cni", 0.2, 0.1, False)])
    assert "No assumption that was tried would bring it there" in said


def test_other_verdicts():
    assert "No product is needed: 60% of untreated patients reach it, and 70% were asked for" in printed(
        verdict="untreated"
    )
    atg = [{"day": 14.0, "median": 0.8, "low_enough": 0.4}]
    said = printed(verdict="no_day", atg=atg, aim={"kind": "early", "value": "cd4", "unit": "cell/uL"})
    assert "On day 14 it is 0.8 AU/mL (median), low enough in 40%" in said
