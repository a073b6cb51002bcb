"""Pictures of repertoires: what stands on them, and what they refuse."""

from dataclasses import replace

import numpy as np
import pytest

from thymos.biology.repertoire.analysis import analysed
from thymos.io.clonotypes import Clonotypes
from thymos.lang.errors import StudyError
from thymos.report import clone_tracking_picture, diversity_picture
from thymos.report.canvas import drawing, panels
from thymos.report.palette import TREATED, TWIN
from thymos.report.repertoire_file import write
from thymos.report.repertoire_page import page
from thymos.report.repertoire_picture import compose, height
from thymos.report.spectratype_picture import compose as spectratypes

DAYS = np.array([0.0, 30, 100, 365])


def band(top):
    middle = top * (DAYS + 1) / 366
    return {"low": middle / 2, "middle": middle, "high": middle * 2}


def samples(*names):
    rng = np.random.default_rng(4)
    made = []
    for name in names:
        aa = ["C" + "".join(rng.choice(list("ADEG"), n)) + "F" for n in rng.integers(8, 16, 300)]
        v = [f"TRBV{i}-1*01" for i in rng.choice((2, 5, 6, 7, 9, 20, 28), 300)]
        made.append(Clonotypes.of(name, aa, v, ["TRBJ2-7*01"] * 300, rng.geometric(0.2, 300)))
    return made


def texts(figure):
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def test_diversity_over_time_has_a_panel_for_each_index_and_a_line_for_each_arm(tmp_path):
    arms = {
        arm: {"richness": band(1e5), "clonality": band(0.4), "families": band(11)}
        for arm in ("twin", "protcell")
    }
    path = tmp_path / "diversity.svg"
    diversity_picture.draw(DAYS, arms, path, "Diversity (simulated)", {"protcell": "with ProTcell"})
    drawn = path.read_text()
    for said in ("Clones in blood", "Clonality", "alarm below 13", "with ProTcell", "twin", "SIMULATED"):
        assert said in drawn


def test_diversity_of_nothing_known_is_refused(tmp_path):
    with pytest.raises(StudyError, match=r"expected one of .*richness.*, got odd"):
        diversity_picture.draw(DAYS, {"twin": {"odd": band(1)}}, tmp_path / "x.png", "")


def test_a_day_without_any_cell_does_not_break_a_logarithmic_axis(tmp_path):
    none = {"low": DAYS * 0, "middle": DAYS * 0, "high": DAYS * 0}
    diversity_picture.draw(DAYS, {"twin": {"richness": none}}, tmp_path / "none.png", "none")


@pytest.mark.parametrize("times", [[30, 60, 100], ["a", "b", "c"]])
def test_clones_are_stacked_over_days_or_samples(tmp_path, times):
    shares = np.array([[0.4, 0.2, 0.1], [0.1, 0.1, 0.3]])
    path = tmp_path / "clones.svg"
    clone_tracking_picture.draw(times, shares, ["CASSF TRBV9", "CAF TRBV2"], path, "Clones")
    drawn = path.read_text()
    assert "CASSF TRBV9" in drawn
    assert "the 2 largest" in drawn
    assert ("days after transplant" in drawn) == (times[0] == 30)


def test_clones_of_one_sample_and_shares_of_another_shape():
    with drawing(4, 3) as figure:
        clone_tracking_picture.compose(figure.subplots(), ["a"], [[0.4], [0.1]], ["x", "y"])
        with pytest.raises(StudyError, match=r"shares of 1 to 16 clones at each time, got \(1, 2\)"):
            clone_tracking_picture.compose(figure.subplots(), ["a"], [[0.4, 0.1]], ["x"])


def test_a_skewed_family_and_an_empty_one_say_so():
    family = {"lengths": [12, 13], "reference": None, "name": "TRBV9"}
    skewed = family | {"shares": [0.9, 0.1], "cells": 10, "normal": False}
    empty = family | {"lengths": [], "shares": [], "cells": 0, "normal": False, "name": "TRBV2"}
    with drawing(6, 3) as figure:
        spectratypes(panels(figure, 3, 3), 3, [{"families": [skewed, empty]}] * 2, [TREATED[0], TWIN])
        said = texts(figure)
    assert {"BV9", "BV2", "skewed", "no cell"} <= set(said)


def test_five_samples_make_a_picture_of_four_and_tables_of_all():
    found = analysed(samples(*"abcde"))
    with drawing(12.4, height(found)) as figure:
        compose(figure, found)
        assert any("The first 4 samples; 1 more in the tables." in text for text in texts(figure))
    whole = page(found)
    assert all(f"Largest clones of {name}" in whole for name in "abcde")


def test_a_simulated_course_stands_beside_the_samples(tmp_path):
    found = analysed(samples("a", "b"), days=[30.0, 100.0])
    course = {
        arm: {end: list(map(float, values)) for end, values in band(200).items()}
        for arm in ("twin", "protcell")
    }
    found["expected"] = {
        "index": "richness", "depth": found["depth"], "day": DAYS.tolist(), "arms": course,
        "titles": {"twin": "alone", "protcell": "with ProTcell"},
    }  # fmt: skip
    write(found, tmp_path / "expected.svg")
    drawn = (tmp_path / "expected.svg").read_text()
    assert "Clones, of" in drawn
    assert "with ProTcell" in drawn


def test_a_sample_of_alpha_chains_has_no_spectratype(tmp_path):
    alpha = Clonotypes.of("alpha", ["CAF", "CAAF"], ["TRAV2", "TRAV3"], ["TRAJ3"] * 2, [5, 1])
    found = analysed([alpha])
    assert (found["locus"], found["samples"][0]["spectratype"], found["references"]) == ("TRA", None, [])
    write(found, tmp_path / "alpha.png")
    assert "Spectratype" not in page(found)


def test_a_picture_of_a_name_is_escaped_in_the_page():
    (odd,) = samples("a")
    assert "<b>" not in page(analysed([replace(odd, sample="<b>")]))
