"""What holds for any clones: composition, conservation, the same bits for any workers, weights, parents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thymos.biology.repertoire.clones.clones import Clones, founded, together
from thymos.biology.repertoire.clones.drawn import drawn
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.clones.rates import Rates
from thymos.biology.repertoire.clones.source import Source
from thymos.biology.repertoire.diversity.expected import expected
from thymos.lang.errors import RunError

DAYS = np.linspace(0, 100, 101)
RATES = Rates(DAYS, 0.08 * np.exp(-DAYS / 20) + 0.01, np.full(101, 0.03))
laws = st.builds(lambda m, B: Kendall(np.float64(m), np.float64(B)), st.floats(1e-3, 1e3), st.floats(0, 1e4))


def naive(**more) -> Source:
    return Source("naive", RATES, 300 + DAYS, **more)


@given(a=laws, b=laws, c=laws)
def test_stages_are_a_semigroup(a, b, c):
    left, right = a.then(b).then(c), a.then(b.then(c))
    assert left.m == pytest.approx(right.m, rel=1e-12)
    assert pytest.approx(right.B, rel=1e-12) == left.B
    same = Kendall.founder().then(a).then(Kendall.founder())
    assert (same.m, same.B) == (a.m, a.B)


@given(law=laws, p=st.floats(0, 1), q=st.floats(0, 1))
def test_thinning_twice_is_thinning_by_the_product(law, p, q):
    twice, once = law.thinned(p).thinned(q), law.thinned(p * q)
    assert twice.m == pytest.approx(once.m, rel=1e-12)
    assert pytest.approx(once.B, rel=1e-12) == twice.B


@given(law=laws, w=st.floats(1, 1e6), p=st.floats(1e-3, 1))
def test_expected_indices_keep_their_order(law, w, p):
    got = expected(Clones(np.array([w]), law.take(np.s_[None])), p)
    assert got.richness <= got.cells * (1 + 1e-12)
    assert got.hill2 <= got.hill1 * (1 + 1e-9)
    assert got.singletons + got.doubletons <= got.richness * (1 + 1e-12)
    assert (got.chao1 >= got.richness).all()


def test_drawing_does_not_depend_on_workers_or_on_another_source():
    there = Source("host", RATES, 100 + 0 * DAYS, sizes=np.arange(5_000) % 7)
    one = drawn([naive(), there], [30, 60, 100], 1)
    two = drawn([naive(), there], [30, 60, 100], 1, workers=3)
    assert (one.sizes == two.sizes).all()
    assert (one.founded == two.founded).all()
    alone = drawn([naive()], [30, 60, 100], 1)
    assert (alone.sizes == one.sizes[one.of("naive")]).all()
    assert (drawn([naive()], [30, 60, 100], 2).sizes.sum() != alone.sizes.sum()).all()


def test_a_clone_has_no_cell_before_its_day_and_stays_lost():
    got = drawn([naive()], [30, 60, 100], 1)
    for k, time in enumerate(got.times):
        assert (got.sizes[got.founded > time, k] == 0).all()
    # Seen once and then lost, it does not come back.
    for k in (1, 2):
        gone = (got.sizes[:, k - 1] == 0) & (got.founded <= got.times[k - 1])
        assert (got.sizes[gone, k] == 0).all()


def test_founding_days_follow_the_influx():
    got = drawn([Source("naive", RATES, np.where(DAYS < 50, 2 * DAYS, 100 - DAYS))], [40, 100], 3)
    upto = naive().founders()
    edges = np.array([0, 10, 25, 49, 50, 75, 100.0])
    influx = Source("naive", RATES, np.where(DAYS < 50, 2 * DAYS, 100 - DAYS))
    want = np.diff(np.interp(edges, DAYS, influx.founders()))
    assert upto[-1] > 0
    number = np.histogram(got.founded, edges)[0]
    assert (np.abs(number - want) < 4 * np.sqrt(want + 1)).all()


def test_a_burst_at_founding_is_part_of_the_law():
    burst = Kendall.burst(6.0, 0.3)
    got = drawn([naive(start=burst)], [60, 100], 4)
    for k, time in enumerate((60, 100)):
        clones = founded(300 + DAYS, RATES, time, burst)
        assert abs(clones.z(got.sizes[:, k].sum())) < 3.5
        assert abs((got.sizes[:, k] > 0).sum() - clones.alive) < 3.5 * np.sqrt(clones.alive)


def test_some_clones_stand_for_all():
    whole, part = drawn([naive()], [100], 5), drawn([naive()], [100], 5, most=4_000)
    assert whole.weight == 1
    assert len(part.sizes) == pytest.approx(4_000, rel=0.1)
    clones = founded(300 + DAYS, RATES, -1)
    z = (part.weight * part.sizes.sum() - clones.cells) / np.sqrt(part.weight * clones.variance)
    assert abs(z) < 3.5


def test_memory_clones_remember_the_naive_clone_they_came_from():
    memory = Source("memory", RATES, 20 + 0 * DAYS, Kendall.burst(8.0), parent="naive")
    got = drawn([naive(), memory], [30, 60, 100], 6)
    made = got.of("memory")
    parents = got.parent[made]
    assert (got.parent[got.of("naive")] == -1).all()
    assert (parents >= 0).all()
    assert got.of("naive")[parents].all()
    # The parent had a cell at the start of the interval or was founded within it, perhaps to be lost again.
    ends = np.array([0, 30, 60, 100.0])
    k = np.searchsorted(ends, got.founded[made]) - 1
    before = np.concatenate([got.sizes[:, :1] * 0, got.sizes], axis=1)
    within = (got.founded[parents] >= ends[k]) & (got.founded[parents] <= ends[k + 1])
    assert ((before[parents, k] > 0) | within).all()
    _, cells = got.clonotypes()
    assert len(cells) == got.of("naive").sum()
    assert (cells.sum(axis=0) == got.sizes.sum(axis=0)).all()


def test_samples_take_their_share():
    got = drawn([naive()], [60, 100], 7)
    some = got.sampled(np.array([0.5, 0.01]), 1)
    assert (some <= got.sizes).all()
    assert some.sum(axis=0) / got.sizes.sum(axis=0) == pytest.approx([0.5, 0.01], rel=0.1)


def test_groups_of_clones_are_joined_over_leading_axes():
    a = Clones(np.ones((3, 2)), Kendall(np.array([1.0, 2.0]), np.array([0.0, 1.0])))
    b = Clones(np.array([5.0]), Kendall(np.array([[3.0], [4.0], [5.0]]), np.array(2.0)))
    both = together(a, b)
    assert both.number.shape == (3, 3)
    assert both.cells == pytest.approx(a.cells + b.cells)
    assert both.alive == pytest.approx(a.alive + b.alive)


def test_a_halved_grid_gives_the_same_rates_and_a_smaller_error():
    influx = 300 + DAYS
    fine = RATES.halved()
    assert fine.until(-1).m[::2] == pytest.approx(RATES.until(-1).m, rel=1e-13)
    best = RATES.halved().halved().halved()
    want, one, two = (founded(np.interp(r.times, DAYS, influx), r, -1).alive for r in (best, RATES, fine))
    assert abs(two / want - 1) < 0.3 * abs(one / want - 1)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(RunError, match="clones, times of naive: expected increasing times of the grid"):
        drawn([naive()], [30.5], 1)
    with pytest.raises(RunError, match="at most 20,000,000 clones, got 3"):
        drawn([Source("naive", RATES, 1e6 * (300 + DAYS))], [30], 1)
    with pytest.raises(RunError, match="parent of memory: expected an earlier source, got naive"):
        drawn([Source("memory", RATES, 1 + DAYS, parent="naive"), naive()], [30], 1)
