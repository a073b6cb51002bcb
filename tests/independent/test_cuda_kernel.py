"""The kernel for a GPU against the lanes: another printer and another driver, the same graph and the same rules.

The text runs on the processor, made by the C compiler; where there is a GPU, also there. The two kernels round
differently (order of sums, fused operations, exp) and else do the same, so they may differ by far less than either
differs from the truth: 1e-9 is asked for, here of the values themselves at rtol 1e-6.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.engine import compile
from thymos.engine.cuda import device
from thymos.engine.program import Control
from thymos.engine.solution import Solution
from thymos.io.study_file import read_study
from thymos.lang import Model, Output, Scheduled, Transition, Trigger, exp, parameter, sqrt, state
from thymos.lang.errors import SolveError
from thymos.therapy.culture import SOURCES, culture_models, culture_program, simulate_culture
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.recipient import recipient_models, recipient_program
from thymos.therapy.sampling import blocks_of, fill
from thymos.trial.population import joined, population

STUDIES = Path(__file__).parents[2] / "src" / "thymos" / "trial" / "studies"
AGREED = 1e-9
FASTEST = 100  # 1/day; no quantity here changes faster, relative to itself
SLOW = pytest.mark.slow


def real_gpu(patch):
    """Ask for the GPU itself; skips where there is none."""
    patch.setattr(device, "import_cupy", lambda: pytest.importorskip("cupy"))
    try:
        device.Device("test")
    except SolveError as why:
        pytest.skip(str(why).replace("\n", ""))


@pytest.fixture(scope="module", params=["C compiler", "GPU"])
def cuda(request):
    """Where the kernel for a GPU runs."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "GPU":
            real_gpu(patch)
        else:
            request.getfixturevalue("cuda_on_host")
        yield request.param


def assert_same(a, b, near_zero=0.01):
    """Failures, steps and events are the same, numbers agree; `near_zero` is what counts as nothing."""
    np.testing.assert_array_equal(a.failed, b.failed)
    np.testing.assert_array_equal(np.isnan(a.fired), np.isnan(b.fired))
    good = a.status == 0
    # A trigger acts within 1e-9 day of its crossing, and which step is near enough may hang on the last bit.
    moved = np.nan_to_num(np.abs(a.fired - b.fired)[good]).max(axis=1, initial=0.0)
    assert (moved < 2e-9).all()
    allowed = AGREED + FASTEST * moved
    np.testing.assert_allclose(b.undershoot[good], a.undershoot[good], rtol=1e-6, atol=1e-6)
    for name in ("outputs", "final"):
        x, y = getattr(a, name)[good], getattr(b, name)[good]
        assert np.isnan(getattr(b, name)[~good]).all()
        apart = np.abs(x - y) / (np.abs(x) + near_zero)
        apart = apart.max(axis=tuple(range(1, x.ndim)), initial=0.0)
        assert (apart <= allowed).all(), (name, apart.max())
    # A step accepted here and refused there needs an error within rounding of the limit.
    assert (a.steps != b.steps)[good].sum() <= 0.02 * a.steps.size + 1


@pytest.mark.parametrize("n", [60, pytest.param(1000, marks=SLOW)])
def test_the_recipients_of_a_registered_study(cuda, n, tmp_path):
    days = np.linspace(0.0, 730.0, 61)
    study = read_study(STUDIES / "scid-haplo.yaml")
    people = joined([population(study, 7, block) for block in blocks_of(n, 10)])
    rng = np.random.default_rng(1)
    treated = {"dose": 1e6 * people.covariates["weight"], "infusion_day": rng.uniform(4.0, 15.0, n)}
    threshold = {"gvhd_threshold": rng.exponential(size=n)}
    table = fill(recipient_program(), n, people.parameters, people.covariates, treated, threshold)
    table[3, 5] = np.nan
    lanes = recipient_program().solve(table, days)
    got = compile(recipient_models(), "recipient", backend="cuda", cache_dir=tmp_path).solve(table, days)
    assert list(lanes.failed) == [5]
    assert np.isfinite(lanes.fired[:, -1]).sum() > 3  # the trigger
    assert_same(lanes, got)
    np.testing.assert_array_equal(lanes.status, got.status)


@pytest.mark.parametrize(
    "source", [next(iter(SOURCES)), *(pytest.param(s, marks=SLOW) for s in [*SOURCES][1:])]
)
def test_the_lots_of_a_culture(cuda, source, tmp_path):
    lots = simulate_culture(CultureProtocol(), source, 60, seed=3)
    program = culture_program(source)
    table = fill(program, 60, lots.protocol.covariates(), lots.sample)
    got = compile(culture_models(source), f"culture {source}", backend="cuda", cache_dir=tmp_path)
    assert got.signature == program.signature
    assert_same(program.solve(table, lots.days), got.solve(table, lots.days))  # nobody fails


@dataclass(frozen=True)
class Outbreak(Model):
    """Predator and prey with a season, doses and thresholds, and something of every function."""

    prey = state("", "prey")
    hunter = state("", "hunters")
    culls = state("", "culls")
    r = parameter("1/day", "growth")
    k = parameter("1/day", "hunting")
    n = parameter("", "power of the crowding")
    s = parameter("day", "length of the season")
    day = parameter("day", "day of the dose")
    level = parameter("", "level that culls")
    again = parameter("", "hunters that starve")

    def starts(self, x, p, env):
        yield x.prey, 1
        yield x.hunter, sqrt(p.n) / 2

    def transitions(self, x, p, env):
        season = 1 + exp(-env.t / p.s)
        yield Transition("growth", p.r * x.prey * season / (1 + x.prey**p.n / 50), {x.prey: +1})
        yield Transition("hunting", p.k * x.prey * x.hunter, {x.prey: -1, x.hunter: +1})
        yield Transition("death", p.k * x.hunter, {x.hunter: -1})

    def gives(self, x, p, env):
        yield Output("prey", "", x.prey, "prey", observe=True)
        yield Output("total", "", x.prey + x.hunter, "both", observe=True)

    def events(self, x, p, env):
        yield Scheduled("dose", at=p.day, changes={x.hunter: x.hunter / 3})
        yield Trigger("cull", when=x.prey, reaches=p.level, sets={x.prey: x.prey / 2}, changes={x.culls: +1})
        yield Trigger("famine", when=x.hunter, reaches=p.again, sets={x.hunter: x.hunter / 4})


TIMES = np.array([0.0, 0.5, 3.0, 3.25, 9.0])


def outbreaks(seed, n):
    """Patients who need very different steps, some without events, one that is not a number, one that overflows."""
    rng = np.random.default_rng(seed)

    def some(values, never):
        return np.where(rng.random(n) < 0.3, never, values)

    # Faster hunters die out below atol, and what grows from there is rounding.
    rows = [
        10 ** rng.uniform(-1, 0.5, n),
        10 ** rng.uniform(-1, 0.5, n),
        rng.uniform(1, 3, n),
        rng.uniform(1, 9, n),
    ]
    rows += [some(rng.uniform(-1, 12, n), np.nan), some(rng.uniform(0.5, 9, n), np.inf)]
    rows += [some(rng.uniform(0.5, 9, n), np.inf)]
    table = np.array(rows)
    if n:
        table[0, rng.integers(n)] = np.nan
        table[1, rng.integers(n)] = 1e308
    return table


@pytest.fixture(scope="module")
def both(cuda, tmp_path_factory):
    cache = tmp_path_factory.mktemp("kernels")
    return [compile((Outbreak(),), "outbreak", backend=b, cache_dir=cache) for b in ("lanes", "cuda")]


@given(seed=st.integers(0, 10_000), n=st.integers(0, 40), rtol=st.sampled_from([1e-4, 1e-6, 1e-9]))
def test_any_outbreaks(both, seed, n, rtol):
    table = outbreaks(seed, n)
    a, b = (program.solve(table, TIMES, rtol=rtol, max_steps=5_000) for program in both)
    assert_same(a, b)
    np.testing.assert_array_equal(a.status, b.status)  # who fails is solved again, by the same code


@given(seed=st.integers(0, 10_000))
def test_the_kernel_itself_fails_as_the_lanes_do(both, seed):
    table, control = outbreaks(seed, 40), Control(1e-6, 1e-8, 60)
    table[0] = np.nan_to_num(table[0], nan=1.0)
    lanes, cuda = (program.integrator for program in both)
    a, b = (Solution.empty(40, TIMES, 2, 3, 3) for _ in range(2))
    lanes._drive(lanes._functions, np.ascontiguousarray(table.T), TIMES, control, a)
    cuda.launch(np.ascontiguousarray(table.T), TIMES, control, b)
    assert_same(a, b)
    # Where numbers overflow, one order of a product may do so a few steps before another: failed, for either reason.
    moderate = ~(table[1] > 1e300)
    np.testing.assert_array_equal(a.status[moderate], b.status[moderate])


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), block=st.integers(1, 50), workers=st.integers(1, 3))
def test_bits_do_not_depend_on_how_the_work_is_cut(both, seed, block, workers):
    table, (_, program) = outbreaks(seed, 40), both
    whole, cut = program.solve(table, TIMES), program.solve(table, TIMES, block=block, workers=workers)
    for name in ("outputs", "final", "fired", "status", "steps", "undershoot", "way"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(cut, name), err_msg=name)
