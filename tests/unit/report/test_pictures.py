"""Pictures of cultures, campaigns and lineages: what stands on them, and where they may be written."""

import numpy as np
import pytest

from thymos.lang.errors import StudyError
from thymos.lang.lineage import Kind, Lineage, Step
from thymos.report import campaign_picture, composition, lineage, lineage_layout

TOY = Lineage(
    (
        Kind("m.first", "first cells", ("",), True, True, True),
        Kind("m.second", "second cells", ("a,open", "a,locked", "b,open", "b,locked"), False, True, True),
        Kind("m.third", "third cells", ("",), False, False, True),
    ),
    (
        Step("specification", ("m.first", ""), ("m.second", "a,open")),
        *(Step(f"gain {k}", ("m.second", f"a,{k}"), ("m.second", f"b,{k}")) for k in ("open", "locked")),
        *(Step(f"exit second {c} open", ("m.second", f"{c},open"), ("m.third", "")) for c in "ab"),
        Step("short cut", ("m.first", ""), ("m.third", "")),
    ),
)


def quantity(middle, spread):
    return {"median": middle, "low": max(0.0, middle - spread), "high": middle + spread, "unit": "percent"}


def readout(name, values):
    days = {str(day): quantity(x, 5) for day, x in zip((0, 3, 7), values, strict=True)}
    return {"text": name, "unit": "percent", "days": days}


def culture():
    shares = {
        "cd34neg_cd7_percent": (0, 35, 73),
        "cd34_cd7_percent": (0, 28, 8),
        "cd34_cd7neg_percent": (99, 20, 1),
        "myeloid_percent": (0, 14, 17),
        "b_percent": (0, 1, 0),
        "cd3_percent": (1, 0, 0),
        "fold": (1, 4, 15),
    }
    by_day = {name: readout(name, values) for name, values in shares.items()}
    return {"protocol": "dl4-7d", "source": "cord-blood", "lots": 40, "failed": 0, "by_day": by_day}


def campaign():
    share = {"p": 0.25, "low": 0.05, "high": 0.55, "n": 400}
    return {
        "protocol": "dl4-7d",
        "source": "cord-blood",
        "lots": 40,
        "failed": 0,
        "draws": 10,
        "out_of_specification": share,
        "attributes": {"cd7_percent": {}, "cd3_per_kg": {}, "cd7_cells": {}},
        "specification": [
            {"attribute": "cd7_percent", "side": "at least", "limit": 50.0, "unit": "percent", "out": share},
            {
                "attribute": "myeloid_percent",
                "side": "at most",
                "limit": 30.0,
                "unit": "percent",
                "out": share,
            },
        ],
        "dose_curve": [{"weight": w, **share} for w in (3.0, 20.0, 120.0)],
        "plan": {"dose": 5e5, "weight": 8.0},
    }


def lots():
    rng = np.random.default_rng(1)
    return {
        "cd7_percent": np.append(rng.uniform(0, 100, 399), np.nan),
        "cd3_per_kg": rng.lognormal(5, 1, 400),
        "myeloid_percent": rng.uniform(0, 100, 400),
        "cd7_cells": rng.lognormal(15, 1, 400),
    }


DRAWN = {
    "culture": (
        lambda path: composition.draw(culture(), path),
        ["SIMULATED", "myeloid", "40 simulated lots"],
    ),
    "campaign": (
        lambda path: campaign_picture.draw(campaign(), lots(), path),
        [
            "SIMULATED",
            "at least 50",
            "at most 30",
            "25% (5.0% to 55%) out of specification",
            "400 simulated lots",
        ],
    ),
    "lineage": (
        lambda path: lineage.draw(TOY, "A toy", path),
        ["SIMULATED", "specification", "short cut", "from open", "second cells"],
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_says_what_it_shows(tmp_path, name):
    draw, words = DRAWN[name]
    draw(tmp_path / "one.svg")
    text = (tmp_path / "one.svg").read_text()
    for word in ("<dc:title>", *words):
        assert word in text, word


def test_a_picture_is_the_same_file_each_time_and_of_the_kind_asked_for(tmp_path):
    draw, _ = DRAWN["lineage"]
    for name in ("one.svg", "two.svg", "one.png", "one.pdf"):
        draw(tmp_path / name)
    assert (tmp_path / "two.svg").read_bytes() == (tmp_path / "one.svg").read_bytes()
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("name", DRAWN)
def test_another_ending_is_refused(tmp_path, name):
    with pytest.raises(StudyError, match="a name that ends in png, svg, pdf"):
        DRAWN[name][0](tmp_path / "picture.docx")


def test_boxes_do_not_overlap_and_arrows_go_to_the_right():
    boxes = lineage_layout.laid_out(TOY)
    assert boxes["m.first"].x < boxes["m.second"].x < boxes["m.third"].x
    made = list(boxes.values())
    for i, a in enumerate(made):
        for b in made[i + 1 :]:
            assert a.x != b.x or abs(a.y - b.y) >= (a.height + b.height) / 2


def test_bins_end_at_the_limit_so_that_no_bar_is_half_out():
    edges = campaign_picture.bin_edges(np.linspace(0, 99.3, 500), [50.0], logarithmic=False)
    assert np.abs(edges - 50).min() < 1e-9
    edges = campaign_picture.bin_edges(np.geomspace(3, 9e4, 500), [1e4], logarithmic=True)
    assert np.abs(np.log(edges / 1e4)).min() < 1e-9


def test_medians_that_do_not_add_up_are_scaled_to_all_live_cells():
    found = culture()
    days, at = composition.course(found["by_day"]["myeloid_percent"])
    assert days.tolist() == [0, 3, 7]
    assert at["median"].tolist() == [0, 14, 17]
