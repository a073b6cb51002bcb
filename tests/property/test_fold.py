"""A population folded block by block: the same bits for any cut, order and workers, and no more memory for more."""

import threading
import tracemalloc
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.engine import Program, Status, compile, fold
from thymos.engine.reducers import Bins, Courses, Incidence, Means, Quantiles
from thymos.lang import Model, Output, Scheduled, Transition, Trigger, parameter, state
from thymos.lang.errors import SolveError


@dataclass(frozen=True)
class Growth(Model):
    """Growth to a level that culls, with a dose on the way."""

    x = state("", "amount")
    first = parameter("", "amount at the start")
    r = parameter("1/day", "growth")
    day = parameter("day", "day of the dose")
    level = parameter("", "level that culls")

    def starts(self, x, p, env):
        yield x.x, p.first

    def transitions(self, x, p, env):
        yield Transition("growth", p.r * x.x, {x.x: +1})

    def gives(self, x, p, env):
        yield Output("amount", "", x.x, "amount", observe=True)
        yield Output("minus", "", -x.x, "the same below zero", observe=True)

    def events(self, x, p, env):
        yield Scheduled("dose", at=p.day, changes={x.x: x.x})
        yield Trigger("cull", when=x.x, reaches=p.level, sets={x.x: p.first})


TIMES = np.array([0.0, 1.0, 2.5, 6.0])
KEEP = {
    "amount": Quantiles("amount"),
    "minus": Quantiles("minus", Bins(bits=4)),
    "events": Incidence(np.arange(0.0, 7.0)),
    "mean": Means("amount"),
}
N = 83  # neither a multiple of the lanes nor of most blocks


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return compile((Growth(),), "growth", cache_dir=tmp_path_factory.mktemp("kernels"))


def patients(seed: int, n: int = N) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = [10 ** rng.uniform(-3, 3, n), rng.uniform(-2, 2, n)]
    rows += [np.where(rng.random(n) < 0.3, np.nan, rng.uniform(0, 8, n))]
    rows += [np.where(rng.random(n) < 0.3, np.inf, 10 ** rng.uniform(0, 4, n))]
    return np.array(rows)


def failing(table: np.ndarray, rows: list[int]) -> np.ndarray:
    """The same patients, some of them without a growth rate: they cannot be solved."""
    table = table.copy()
    table[1, rows] = np.nan
    return table


def cut(table: np.ndarray, size: int) -> list[np.ndarray]:
    return [table[:, i : i + size] for i in range(0, table.shape[1], size)]


def same(a, b):
    """Every count of two foldings, whatever window of bins it stands in."""
    for name in ("amount", "minus"):
        assert a[name].first == b[name].first
        np.testing.assert_array_equal(a[name].counts, b[name].counts)
        np.testing.assert_array_equal(a[name].missing, b[name].missing)
    np.testing.assert_array_equal(a["events"].happened, b["events"].happened)
    assert (a["events"].patients, a["events"].failed) == (b["events"].patients, b["events"].failed)
    np.testing.assert_array_equal(a["mean"].mean, b["mean"].mean)
    assert a.failures.by_status == b.failures.by_status
    assert a.failures.by_way == b.failures.by_way
    assert a.failures.steps == b.failures.steps


@given(st.integers(0, 999), st.integers(1, 90), st.integers(1, 4), st.randoms())
@settings(max_examples=20)
def test_workers_cuts_and_order_do_not_show(program, seed, size, workers, mixer):
    table = failing(patients(seed), [5, 40])
    order = list(range(N))
    mixer.shuffle(order)
    whole = fold(program, [table], TIMES, KEEP)
    same(whole, fold(program, cut(table[:, order], size), TIMES, KEEP, workers=workers))


def test_the_tallies_are_those_of_the_whole_solution(backend, tmp_path):
    program = compile((Growth(),), "growth", backend=backend, cache_dir=tmp_path)
    table = failing(patients(3, 24), [0, 7])
    folded = fold(program, cut(table, 10), TIMES, {**KEEP, "courses": Courses(("minus",), blocks={1})})
    solution = program.solve(table, TIMES)
    fired = solution.fired[:, :, None] <= np.arange(0.0, 7.0)
    np.testing.assert_array_equal(folded["events"].happened, fired.sum(axis=0))
    np.testing.assert_array_equal(folded["events"].share, fired.sum(axis=0) / 24)
    assert (folded["events"].patients, folded["events"].failed) == (24, 2)
    exact = np.nanquantile(solution.outputs[:, :, 0], [0.1, 0.5], axis=0)
    np.testing.assert_allclose(folded["amount"].quantile([0.1, 0.5]), exact, rtol=Bins().accuracy)
    means = np.nanmean(solution.outputs[:, :, 0], axis=0)
    np.testing.assert_allclose(folded["mean"].mean, means, rtol=1e-14)  # numpy's own rounding
    np.testing.assert_array_equal(folded["courses"][1], solution.outputs[10:20, :, [1]])
    assert list(folded["courses"]) == [1]
    assert folded.failures.steps == solution.steps.sum()


def test_failures_change_the_status_and_never_the_denominator(program):
    table = patients(1)
    well = fold(program, cut(table, 20), TIMES, KEEP)
    ill = fold(program, cut(failing(table, [3, 25, 26, 70]), 20), TIMES, KEEP, workers=3)
    assert well.failures.by_status == Counter({Status.ok: N})
    assert ill.failures.by_status == Counter({Status.ok: N - 4, Status.not_finite: 4})
    assert ill.failures.patients == ill["amount"].patients == ill["events"].patients == N
    np.testing.assert_array_equal(ill["amount"].missing, 4)
    first = [(f.block, f.row) for f in ill.failures.first]
    assert first == [(0, 3), (1, 5), (1, 6)]
    assert ill.failures.sentence().startswith(
        f"4 of {N} patients failed.\n  patient 3 of block 0: A parameter"
    )
    assert well.failures.sentence() == ""


@pytest.mark.parametrize("blocks", [[], [np.empty((4, 0))], [np.empty((4, 0)), patients(2, 1)]])
def test_nobody_and_one_patient(program, blocks):
    folded = fold(program, blocks, TIMES, KEEP, workers=2)
    n = sum(block.shape[1] for block in blocks)
    assert folded.failures.patients == folded["amount"].patients == folded["events"].patients == n
    assert np.isnan(folded["amount"].quantile(0.5)).all() == (n == 0)
    assert np.isnan(folded["events"].share).all() == (n == 0)


@pytest.mark.parametrize(
    ("reducer", "said"),
    [
        (Quantiles("amuont"), r"output 'amuont': .*\n.*did you mean amount"),
        (Means("minsu"), r"output 'minsu': .*\n.*did you mean minus"),
        (Courses(("amount", "mnius")), r"output 'mnius': .*\n.*did you mean minus"),
        (Incidence([1.0], ("does",)), r"event 'does': .*\n.*did you mean dose"),
        (Incidence([2.0, 1.0]), "rising days"),
    ],
)
def test_an_unknown_name_is_refused_before_anything_is_solved(program, reducer, said):
    class Never(list):
        def __getitem__(self, index):
            raise AssertionError("a block was asked for")

    with pytest.raises(SolveError, match=said):
        fold(program, Never([0]), TIMES, {"kept": reducer})


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_in_a_block_ends_every_worker(program, workers):
    asked = []

    class Broken:
        def __len__(self):
            return 10_000

        def __getitem__(self, index):
            asked.append(index)
            if index == 4:
                raise OSError("the disk with the patients is gone")
            return patients(index, 8)

    before = threading.active_count()
    with pytest.raises(OSError, match="is gone"):
        fold(program, Broken(), TIMES, KEEP, workers=workers)
    assert threading.active_count() == before
    assert len(asked) < 1000


def test_more_patients_need_no_more_memory(program):
    class Many:
        def __init__(self, count):
            self.count = count

        def __len__(self):
            return self.count

        def __getitem__(self, index):
            return patients(index % 3, 50)

    times = np.linspace(0.0, 6.0, 200)
    keep = {"amount": Quantiles("amount", Bins(bits=2)), "events": Incidence(times)}

    def peak(count):
        tracemalloc.start()
        folded = fold(program, Many(count), times, keep)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert folded.failures.patients == 50 * count
        return used

    peak(5)  # loads what is loaded once
    # One block's outputs are 160 kB; 15 more may not cost even one of them.
    assert peak(20) < peak(5) + 50 * times.size * len(program.outputs) * 8


@pytest.mark.parametrize("workers", [1, 3])
def test_each_worker_solves_into_the_same_arrays(program, workers):
    class Where:
        """Keeps the address of every block's outputs."""

        def begin(self, program, times):
            self.seen = set()
            return self

        def add(self, index, block):
            self.seen.add(block.outputs.__array_interface__["data"][0])

        def result(self):
            return self.seen

    seen = fold(program, cut(patients(0), 2)[:-1], TIMES, {"where": Where()}, workers=workers)["where"]
    assert 1 <= len(seen) <= workers


def test_nothing_of_the_last_block_is_left_in_the_arrays(backend, tmp_path):
    program = compile((Growth(),), "growth", backend=backend, cache_dir=tmp_path)
    table = failing(patients(4, 11), [6])
    used = program.room(11, TIMES)
    for array in used.arrays:
        array[:] = 1
    fresh, again = program.solve(table, TIMES), program.solve(table, TIMES, into=used)
    assert again is used
    for a, b in zip(fresh.arrays, again.arrays, strict=True):
        np.testing.assert_array_equal(a, b)


def test_room_of_another_shape_is_refused(program):
    with pytest.raises(SolveError, match="room for 83 patients at these times, got room for 5"):
        program.solve(patients(0), TIMES, into=program.room(5, TIMES))
    with pytest.raises(SolveError, match="at least 1 worker"):
        fold(program, [], TIMES, KEEP, workers=0)


def test_event_tables_add_up(program):
    table = failing(patients(6), [2])
    whole = fold(program, [table], TIMES, KEEP)["events"]
    part, rest = (fold(program, [t], TIMES, KEEP)["events"] for t in (table[:, :30], table[:, 30:]))
    part.merge(rest)
    np.testing.assert_array_equal(part.happened, whole.happened)
    assert (part.patients, part.failed) == (whole.patients, whole.failed)
    with pytest.raises(SolveError, match="merging event tables"):
        part.merge(fold(program, [], TIMES, {"e": Incidence([1.0])})["e"])
