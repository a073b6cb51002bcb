"""The shipped grids against the authors' files, and their surfaces against what these fit."""

import csv

import numpy as np
import pytest

from thymos.evidence.datasets import cytokine_grids as g


@pytest.mark.parametrize("codebook", [g.CODEBOOK, g.SURFACES], ids=lambda c: c.name)
def test_a_table_is_the_one_its_codebook_describes(codebook):
    assert codebook.read()
    assert {row["source"] for row in codebook.read()} == {"unmasc2025"}


def test_the_licence_is_carried():
    text = (g.CODEBOOK.file.parent / "cytokine_grids.LICENCE.txt").read_text()
    assert text.startswith("MIT License")
    assert "Permission is hereby granted" in text


def test_every_count_is_that_of_the_authors(shared):
    populations = {"CD7+CD5-": "cd7_cd5neg_cells", "CD7+CD5+": "cd7_cd5pos_cells"}
    with (shared / "data" / "unmasc_cd7_cytokines" / "cord_blood_cells_long.csv").open() as file:
        theirs = {
            (
                r["vial"],
                r["cytokine_1"].lower() + "-il7",
                populations[r["population"]],
                float(r["dose_1"]),
                float(r["dose_2"]),
            ): float(r["cells"])
            for r in csv.DictReader(file)
        }
    ours = {
        (r["donor"], r["plate"], r["readout"], float(r["scf [ng/mL]"] or r["il3 [ng/mL]"]), float(r["il7 [ng/mL]"])):
        float(r["value"]) for r in g.CODEBOOK.read()
    }  # fmt: skip
    assert ours == theirs


def test_the_authors_surfaces_lie_on_the_wells_they_were_fitted_to():
    """Where both doses are above 0: a wrong sign of a power would leave errors of a factor two and more."""
    rows = [r for r in g.CODEBOOK.read() if not r["exclude"]]
    for s in g.surfaces():
        mine = [r for r in rows if (r["donor"], r["plate"], r["readout"]) == (s.donor, s.plate, s.readout)]
        top = max(float(r["value"]) for r in mine)
        doses = [
            (float(r["scf [ng/mL]"] or r["il3 [ng/mL]"]), float(r["il7 [ng/mL]"]), float(r["value"]))
            for r in mine
        ]
        a, b, y = np.array([d for d in doses if d[0] > 0 and d[1] > 0]).T
        assert np.std(np.log(y / top / s.relative(a, b))) < 0.20


def test_plenty_and_want_are_the_named_effects():
    """Without a falling limb the surface runs from E3 without both to E0 with plenty of both."""
    numbers = {"E0": 1.0, "E1": 0.3, "E2": 0.4, "E3": 0.1, "h11": -2.0, "h12": None, "h21": -2.0, "h22": None,
               "C11": 0.0, "C12": None, "C21": 0.0, "C22": None, "alpha12": 1.0, "alpha21": 1.0}  # fmt: skip
    s = g.Surface("x", "scf-il7", "cd7_cells", numbers)
    found = s.relative([1e4, 0.0, 1e4, 0.0], [1e4, 1e4, 0.0, 0.0])
    assert found == pytest.approx([1.0, 0.3, 0.4, 0.1], abs=1e-4)
    # At both half-effective doses, with no interplay, all four states weigh the same.
    assert float(s.relative(1.0, 1.0)) == pytest.approx((1.0 + 0.3 + 0.4 + 0.1) / 4)
