"""Laws of gene transfer in culture that hold for all inputs: inheritance, conservation, bounds on what is marked."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, sampled_from

from thymos.lang.errors import StudyError
from thymos.therapy.culture import SOURCES, culture_program, lot_models, transduction, typical_lots
from thymos.therapy.culture_protocol import PROTOCOLS, CultureProtocol
from thymos.therapy.sampling import fill, nominal
from thymos.therapy.vector_protocol import VectorProtocol, vector_of

CLINICAL, NK_ARM = CultureProtocol(), PROTOCOLS["nk-14d"]
MOBILISED = "mobilised-blood"
OVERDISPERSED = {"transgene.vcn_dispersion=negative_binomial": 1.0}
NO_CARRIED_T = {"mobilised_blood.cd3_share": 0.0}
# Nothing divides and nothing dies.
STILL = {
    "progenitors.growth": 1e-30,
    "progenitors.death": 0.0,
    "progenitors.cd3_division": 0.0,
    "progenitors.cd3_death": 0.0,
    "progenitors.locked_starvation": 0.0,
    "notch.cost": 0.0,
    **{f"cytokines.{name}_lack": 0.0 for name in ("scf", "il7", "tpo", "flt3l")},
    **{f"cytokines.{name}_lack_cd5": 0.0 for name in ("scf", "il7")},
    "transgene.toxicity": 0.0,
}


def lots(day=1.0, vector_moi=10.0, protocol=CLINICAL, source=MOBILISED, also=None, **changes):
    changed = (also or {}) | {name.replace("__", "."): x for name, x in changes.items()}
    return typical_lots(protocol, source, changed, VectorProtocol(day, vector_moi))


def many(n, seed=1):
    """Values of a whole range of donors and vectors, in one batch."""
    rng = np.random.default_rng(seed)
    return {
        "moi": rng.uniform(0, 60, n),
        "transgene__resting_uptake": rng.uniform(0, 1, n),
        "transgene__overdispersion": rng.uniform(0.01, 3, n),
        "mobilised_blood__quiescent_share": rng.uniform(0.01, 0.99, n),
        "dl4": rng.uniform(0, 20, n),
        "vector_day": rng.uniform(0, 6, n),
    }


# ---- inheritance


@pytest.mark.parametrize("protocol", [CLINICAL, NK_ARM], ids=["t", "nk"])
def test_where_every_cell_rests_at_transduction_all_later_cells_are_its_descendants(protocol):
    # 1 - 1e-9: a graft without any cycling cell has none that the odds of the model could speak of.
    found = lots(
        0.0,
        protocol=protocol,
        mobilised_blood__quiescent_share=1 - 1e-9,
        mobilised_blood__cd3_share=0.0,
        transgene__resting_uptake=0.3,
    )
    copies = 0.3 * found.sample["transgene.copies"][0]
    for kind in ("", "cd7_", *(["nk_"] if protocol is NK_ARM else [])):
        assert found.harvest[f"{kind}vcn"] == pytest.approx(copies, rel=1e-5)
        assert found.harvest[f"{kind}marked_percent"] == pytest.approx(100 * (1 - np.exp(-copies)), rel=1e-5)


def test_where_none_rests_all_later_cells_descend_from_cycling_ones():
    found = lots(0.0, mobilised_blood__quiescent_share=0.0, also=NO_CARRIED_T)
    assert np.all(found.readouts["cd7_from_g0_percent"] == 0)
    assert found.readouts["vcn"][0, 1:] == pytest.approx(found.sample["transgene.copies"][0], rel=1e-12)


@pytest.mark.parametrize("source", SOURCES)
def test_descendants_are_never_more_than_the_cells_themselves(source):
    batch = {n: x for n, x in many(60).items() if not n.startswith("mobilised") or source == MOBILISED}
    shares = lots(source=source, **batch).readouts["cd7_from_g0_percent"]
    assert shares.min() >= 0
    assert shares.max() <= 100 * (1 + 1e-5)  # two integrations of the same course, each to 1e-6


def test_nk_cells_inherit_what_their_cd7_forebears_carried():
    found = lots(1.0, protocol=NK_ARM, transgene__resting_uptake=0.0)
    nk, cd7 = found.readouts["nk_vcn"][0, 8:], found.readouts["cd7_vcn"][0, 8:]
    # Both kinds come from one pool whose mix is settled long before the DL4 is withdrawn on day 7.
    assert nk == pytest.approx(cd7, rel=0.01)
    assert 0 < nk[-1] < found.sample["transgene.copies"][0]


# ---- conservation


@given(day=sampled_from([0.0, 0.5, 2.0]), share=floats(0, 1))
def test_copies_are_conserved_where_nothing_grows(day, share):
    found = lots(day, also=STILL, transgene__resting_uptake=share)
    after = found.days > day
    total = (found.readouts["vcn"] * found.readouts["live_cells"])[0, after]
    assert total == pytest.approx(total[0] * np.ones_like(total), rel=1e-6)


def test_mean_copies_stay_where_all_classes_take_up_alike():
    found = lots(1.0, transgene__resting_uptake=1.0, dl4=np.array([0.0, 5.0]))
    copies = found.sample["transgene.copies"][:, None] * np.ones(6)
    assert found.readouts["vcn"][:, 2:] == pytest.approx(copies, rel=1e-9)
    assert found.readouts["cd7_vcn"][1, 2:] == pytest.approx(copies[0], rel=1e-9)


def test_mean_copies_move_where_classes_grow_unequally():
    found = lots(0.0, transgene__resting_uptake=0.0, mobilised_blood__quiescent_share=0.6)
    # Cycling cells start a day before those in G0, whose descendants hold no copy here.
    assert found.harvest["vcn"] > 1.1 * 0.4 * found.sample["transgene.copies"]


# ---- bounds


@pytest.mark.parametrize("switch", [{}, OVERDISPERSED], ids=["poisson", "negative binomial"])
def test_no_more_cells_are_marked_than_one_class_with_these_mean_copies_would_be(switch):
    found = lots(**many(300), also=switch).harvest
    for kind in ("", "cd7_"):
        most = 100 * (1 - np.exp(-found[f"{kind}vcn"]))  # Jensen: heterogeneity costs marked cells
        marked = found[f"{kind}marked_percent"]
        assert np.all(marked <= most * (1 + 1e-9) + 1e-9)
        assert np.all(marked <= 100 * found[f"{kind}vcn"] * (1 + 1e-9) + 1e-9)
        assert np.all(found[f"{kind}expressing_percent"] <= marked * (1 + 1e-9))
    several = found["many_copies_percent"]
    assert several.min() >= -1e-10  # a difference from 1
    assert np.all(several <= 100 * found["vcn"] / 6 * (1 + 1e-9) + 1e-10)  # Markov
    assert np.all(found["vcn_measured"] >= found["vcn"] * (1 - 1e-12))


def test_every_copy_is_in_a_marked_cell():
    found = lots(**many(50)).harvest
    held = found["vcn_marked"] * found["marked_percent"] / 100
    assert held == pytest.approx(found["vcn"], rel=1e-6, abs=1e-9)


def test_overdispersion_marks_fewer_cells_with_the_same_copies_and_more_cells_with_many():
    plain, spread = lots().harvest, lots(also=OVERDISPERSED).harvest
    assert spread["vcn"] == pytest.approx(plain["vcn"], rel=1e-9)
    assert spread["marked_percent"] < plain["marked_percent"]
    assert spread["many_copies_percent"] > plain["many_copies_percent"]


def test_without_overdispersion_the_negative_binomial_is_the_poisson_law():
    changes = {"also": OVERDISPERSED, "transgene__overdispersion": 1e-8}
    for name in ("marked_percent", "expressing_percent", "many_copies_percent"):
        assert lots(**changes).harvest[name] == pytest.approx(lots().harvest[name], rel=1e-5)


# ---- dose and day


def test_more_vector_gives_more_copies_and_kills_more_cells():
    found = lots(moi=np.array([0.0, 1.0, 10.0, 100.0])).harvest
    assert np.all(np.diff(found["vcn"]) > 0)
    assert np.all(np.diff(found["marked_percent"]) > 0)
    assert np.all(np.diff(found["fold"]) < 0)


def test_without_vector_particles_nothing_is_marked():
    found = lots(vector_moi=0.0)
    names = (
        "vcn",
        "vcn_marked",
        "vcn_measured",
        "marked_percent",
        "expressing_percent",
        "many_copies_percent",
    )
    for name in names:
        assert np.all(np.abs(found.readouts[name]) < 1e-12)


@pytest.mark.parametrize("protocol", [CLINICAL, NK_ARM], ids=["t", "nk"])
def test_without_vector_particles_the_culture_is_the_untransduced_one(protocol):
    drawn = nominal(lot_models(MOBILISED, True), 1)
    days = np.arange(0.0, protocol.days + 1)
    readouts = []
    for vector in (None, VectorProtocol(1.5, 0.0)):
        program = culture_program(MOBILISED, vector is not None)
        said = protocol.covariates() | transduction(protocol, vector, drawn)
        solution = program.solve(fill(program, 1, said, drawn), days, rtol=1e-11, atol=1e-11)
        readouts.append({q.name: solution.outputs[0, :, i] for i, q in enumerate(program.outputs)})
    plain, transduced = readouts
    for name, values in plain.items():
        # Both are integrated to 1e-11 for each step, with other steps.
        assert transduced[name] == pytest.approx(values, rel=1e-8, abs=1e-8), name


def test_later_transduction_marks_more_as_fewer_cells_rest():
    found = lots(vector_day=np.array([0.0, 1.0, 2.0, 3.0])).harvest
    assert np.all(np.diff(found["marked_percent"]) > 0)
    assert found["cd7_from_g0_percent"][-1] < 0.1  # all cycle by day 3 (C090)


def test_a_graft_rich_in_resting_cells_is_marked_less_and_grows_as_fast_in_the_end():
    found = lots(1.0, mobilised_blood__quiescent_share=np.array([0.2, 0.9]), cytokines__tpo_lack=0.0)
    assert found.harvest["marked_percent"][1] < found.harvest["marked_percent"][0] - 5
    assert found.harvest["fold"][1] < found.harvest["fold"][0]
    late = np.log(found.readouts["live_cells"][:, -1] / found.readouts["live_cells"][:, -2])
    assert late[1] == pytest.approx(late[0], rel=0.06)  # by then it lacks a few cells that crowd


def test_the_vector_kills_the_stated_share_of_every_class_at_once():
    doses = np.array([0.0, 10.0])
    found = lots(3.0 - 1e-6, moi=doses, transgene__toxicity=0.3).readouts
    at = 3  # a microday later
    assert found["live_cells"][1, at] == pytest.approx(0.7 * found["live_cells"][0, at], rel=1e-4)
    assert found["cd3_cells"][1, at] == pytest.approx(0.7 * found["cd3_cells"][0, at], rel=1e-4)
    for name in ("cd7_percent", "myeloid_percent", "cd5_percent"):
        assert found[name][1, at] == pytest.approx(found[name][0, at], rel=1e-4)
    everything = found["live_cells"] * 100 / found["viability"]
    assert everything[1, at] == pytest.approx(everything[0, at], rel=1e-4)


# ---- copies that do not stay, copies that fall silent


def test_pcr_reads_too_high_at_first_and_right_in_the_end():
    found = lots(1.0, protocol=replace(CLINICAL, days=14.0)).readouts
    excess = found["vcn_measured"][0, 2:] / found["vcn"][0, 2:] - 1
    assert np.all(np.diff(excess) < 0)
    assert excess[0] > 1
    assert excess[6] < 0.15  # day 8
    assert excess[-1] < 0.05


@given(loss=floats(0.01, 1))
def test_in_cells_that_do_not_divide_other_copies_decay_at_their_own_rate(loss):
    found = lots(1.0, also=STILL, transgene__episome_loss=loss, transgene__episomes_taken=3.0).readouts
    excess = (found["vcn_measured"] - found["vcn"])[0, 2:]
    assert excess == pytest.approx(excess[0] * np.exp(-loss * np.arange(6)), rel=1e-4)


def test_copies_fall_silent_at_their_rate_and_marked_cells_stay_marked():
    fast, slow = lots(1.0, transgene__silencing=np.array([0.3, 1e-9])).readouts["copies_expressed"]
    assert fast[2:] == pytest.approx(slow[2:] * np.exp(-0.3 * np.arange(1, 7)), rel=1e-5)
    both = lots(1.0, transgene__silencing=np.array([0.3, 1e-9])).harvest
    assert both["marked_percent"][0] == pytest.approx(both["marked_percent"][1], rel=1e-6)
    assert both["expressing_percent"][0] < both["expressing_percent"][1]


# ---- what cannot be


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"day": -1.0}, "culture.vector.day"),
        ({"day": float("nan")}, "culture.vector.day"),
        ({"day": float("inf")}, "culture.vector.day"),
        ({"moi": -1.0}, "culture.vector.moi"),
        ({"moi": float("nan")}, "culture.vector.moi"),
        ({"moi": 1e6}, "culture.vector.moi"),
        ({"transgene": " "}, "culture.vector.transgene"),
    ],
)
def test_a_transduction_that_cannot_be_is_refused(wrong, named):
    with pytest.raises(StudyError, match=named):
        VectorProtocol(**wrong)


def test_a_transduction_after_the_harvest_is_refused():
    with pytest.raises(StudyError, match=r"(?s)culture.vector.day.*harvest on day 7.*earlier"):
        lots(7.0)


def test_a_day_or_a_dose_alone_means_the_usual_other_one():
    assert vector_of(None, None) is None
    assert vector_of(2.0, None) == VectorProtocol(2.0, 10.0)
    assert vector_of(None, 5.0) == VectorProtocol(1.0, 5.0)
