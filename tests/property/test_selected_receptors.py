"""Receptors of a patient's clones: whom the thymus lets out, and whom they attack."""

from functools import cache

import numpy as np
import pytest

from thymos.biology.repertoire.selection.host import Outcome
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.therapy.selected_receptors import DONOR, PATIENT, Thymuses

ORIGIN = np.repeat(["H", "G", "I", "R"], [1500, 1200, 900, 5])


@cache
def thymuses():
    return Thymuses(3)


@cache
def receptors():
    return thymuses().receptors(recombination("invented", "TRB"), ORIGIN)


def test_every_clone_has_come_out_of_the_thymus_that_made_it():
    mine = ORIGIN != "G"
    patient, donor = (thymuses().hosts[who] for who in (PATIENT, DONOR))
    assert (patient.select(receptors().take(mine)) == Outcome.survives).all()
    assert (donor.select(receptors().take(~mine)) == Outcome.survives).all()


def test_the_patients_own_thymus_leaves_nobody_who_attacks_what_it_shows():
    found = thymuses().recognition(receptors(), ORIGIN, np.ones(len(ORIGIN), dtype=np.int64))
    for origin in ("H", "I", "R"):
        assert found[origin]["self"] == 0.0
    # A cell of another thymus, for whom this self is foreign: with M peptides at chance p each, 1 - (1 - p)^M of them.
    patient = thymuses().hosts[PATIENT]
    mature = patient.mature(receptors().take(ORIGIN == "H"))
    p = mature.recognition(np.flip(patient.thymic, axis=1)[:4000]).mean  # peptides that nobody here has met
    want = -np.expm1(len(patient.thymic) * np.log1p(-p))
    assert found["G"]["self"] == pytest.approx(want, abs=0.15)
    assert found["G"]["self"] > 0.2


def test_shares_are_of_cells():
    cells = np.where(
        np.arange(len(ORIGIN)) == 1600, 10**6, 1
    )  # one clone of the graft has nearly all its cells
    found = thymuses().recognition(receptors(), ORIGIN, cells)["G"]
    assert all(x < 0.01 or x > 0.99 for x in found.values())


def test_workers_change_nothing():
    again = Thymuses(3, workers=3).receptors(recombination("invented", "TRB"), ORIGIN)
    assert np.array_equal(again.residues, receptors().residues)
    other = Thymuses(4).receptors(recombination("invented", "TRB"), ORIGIN[:50])
    assert not np.array_equal(other.residues, receptors().residues[:50])
