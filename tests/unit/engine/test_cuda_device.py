"""What goes wrong with a GPU ends in one message that says what to try; and what is asked of the device."""

import pickle
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from thymos.engine import Status, compile, kernel_file
from thymos.engine.cuda import backend, device
from thymos.engine.program import BLOCK
from thymos.lang import Model, Output, Transition, parameter, state
from thymos.lang.errors import SolveError


@dataclass(frozen=True)
class Decay(Model):
    """First-order loss."""

    x = state("", "amount")
    k = parameter("1/day", "rate")

    def starts(self, x, p, env):
        yield x.x, 1

    def transitions(self, x, p, env):
        yield Transition("loss", p.k * x.x, {x.x: -1})

    def gives(self, x, p, env):
        yield Output("x", "", x.x, "amount", observe=True)


@pytest.fixture
def cupy(cuda_on_host, monkeypatch):
    """The stand-in for CuPy, whose parts a test may break."""
    monkeypatch.setattr(cuda_on_host, "cuda", SimpleNamespace(**vars(cuda_on_host.cuda)))
    return cuda_on_host


@pytest.fixture
def decay(cupy, tmp_path):
    return compile((Decay(),), "decay", backend="cuda", cache_dir=tmp_path)


def fails(kind, text):
    """Something that raises when it is called."""

    def failing(*arguments, **named):
        raise kind(text)

    return failing


class CUDADriverError(RuntimeError):
    """CuPy's error of this name is a RuntimeError, too."""


def test_without_cupy_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(device, "import_cupy", fails(ImportError, "No module named 'cupy'"))
    with pytest.raises(
        SolveError, match=r"decay, backend cuda: expected CuPy, .*\n.*pip install 'thymos\[cuda\]', or"
    ):
        compile((Decay(),), "decay", backend="cuda")


def test_without_a_driver_the_version_needed_is_named(cupy, monkeypatch):
    text = "cudaErrorInsufficientDriver: CUDA driver version is insufficient for CUDA runtime version"
    monkeypatch.setattr(cupy.cuda, "runtime", SimpleNamespace(getDeviceCount=fails(RuntimeError, text)))
    with pytest.raises(
        SolveError, match=r"expected an NVIDIA driver for CUDA 12, got .*\n.*driver 525 or later"
    ):
        compile((Decay(),), "decay", backend="cuda")


@pytest.mark.parametrize(
    "count", [lambda: 0, fails(RuntimeError, "cudaErrorNoDevice: no CUDA-capable device")]
)
def test_without_a_device_visibility_is_named(cupy, monkeypatch, count):
    monkeypatch.setattr(cupy.cuda, "runtime", SimpleNamespace(getDeviceCount=count))
    with pytest.raises(SolveError, match=r"expected an NVIDIA GPU, got .*\n.*CUDA_VISIBLE_DEVICES"):
        compile((Decay(),), "decay", backend="cuda")


def test_a_missing_device_is_said_before_anything_is_traced(monkeypatch, tmp_path):
    monkeypatch.setattr(device, "import_cupy", fails(ImportError, "No module named 'cupy'"))
    monkeypatch.setattr(backend, "print_kernel", fails(AssertionError, "printed"))
    with pytest.raises(SolveError, match="CuPy"):
        compile((Decay(),), "decay", backend="cuda", cache_dir=tmp_path)


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (RuntimeError, 'Failure finding "libnvrtc.so.12": No such file', r"NVRTC, got .*\n.*thymos\[cuda\]"),
        (
            "CompileException",
            "error: identifier is undefined",
            r"compiles and runs the kernel, got 'error: id",
        ),
    ],
)
def test_a_kernel_that_cannot_be_compiled(cupy, monkeypatch, tmp_path, kind, text, message):
    kind = getattr(cupy.cuda.compiler, kind) if isinstance(kind, str) else kind
    monkeypatch.setattr(cupy, "RawModule", fails(kind, text), raising=False)
    with pytest.raises(SolveError, match=message):
        compile((Decay(),), "decay", backend="cuda", cache_dir=tmp_path)


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("OutOfMemoryError", "Out of memory allocating 9 bytes", r"more free memory .*\n.*a smaller `block`"),
        (
            CUDADriverError,
            "CUDA_ERROR_OUT_OF_MEMORY: out of memory",
            r"more free memory .*\n.*a smaller `block`",
        ),
        (
            CUDADriverError,
            "CUDA_ERROR_LAUNCH_TIMEOUT: the launch timed out",
            r"time limit, got .*\n.*no display",
        ),
        (CUDADriverError, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION: no", r"expected an NVIDIA driver for CUDA 12"),
        (
            CUDADriverError,
            "CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access",
            r"runs the kernel, got 'CUDA_ERR",
        ),
    ],
)
def test_a_block_that_cannot_be_solved(decay, cupy, monkeypatch, kind, text, message):
    kind = getattr(cupy.cuda.memory, kind) if isinstance(kind, str) else kind
    monkeypatch.setattr(cupy, "empty", fails(kind, text), raising=False)
    with pytest.raises(SolveError, match=message):
        decay.solve(np.ones((1, 5)), [1.0])


def test_no_more_threads_are_started_than_the_device_holds(cupy):
    started = []

    def function(groups, threads, arguments):
        started.append((groups, threads))

    function.kernel = SimpleNamespace(ptr=0)
    for n in (1, device.THREADS, device.THREADS + 1, 10_000_000):
        device.Device("test").launch(function, n, ())
    # the stand-in has 2 processors for 4 groups each
    assert started == [((g,), (device.THREADS,)) for g in (1, 1, 2, 8)]


@pytest.mark.parametrize(("name", "usual"), [("cuda", [1200]), ("lanes", [BLOCK, BLOCK, 1200 - 2 * BLOCK])])
def test_a_gpu_is_given_large_blocks_and_a_processor_small_ones(cupy, tmp_path, name, usual):
    program, given = compile((Decay(),), "decay", backend=name, cache_dir=tmp_path), []
    solve = program.integrator.solve
    program.integrator.solve = lambda patients, *rest: (given.append(len(patients)), solve(patients, *rest))
    program.solve(np.ones((1, 1200)), [1.0])
    assert given == usual
    program.solve(np.ones((1, 1200)), [1.0], block=500)
    assert given[len(usual) :] == [500, 500, 200]


def test_patients_share_no_steps_on_a_gpu(decay):
    assert decay.width == 1
    with pytest.raises(SolveError, match="decay, together: expected a divisor of 1 lanes"):
        decay.solve(np.ones((1, 4)), [1.0], together=2)


def test_a_block_of_nobody_starts_no_thread(decay):
    s = decay.solve([[np.nan, np.nan]], [0.0, 1.0])
    assert list(s.failed) == [0, 1]
    assert np.isnan(s.outputs).all()


def test_who_fails_on_the_device_is_solved_again_by_the_lanes(decay, monkeypatch, tmp_path):
    launch = decay.integrator.launch

    def half(patients, times, control, into):
        launch(patients, times, control, into)
        into.status[1::2], into.outputs[1::2] = Status.unsolved, np.nan

    monkeypatch.setattr(decay.integrator, "launch", half)
    table = [[0.5, 1.0, 2.0, 3.0]]
    s, lanes = (p.solve(table, [1.0]) for p in (decay, compile((Decay(),), "decay", cache_dir=tmp_path)))
    assert s.failures() == ""
    np.testing.assert_array_equal(s.outputs[1::2], lanes.outputs[1::2])
    np.testing.assert_array_equal(s.way, lanes.way)


def test_the_text_is_printed_once(decay, cupy, monkeypatch, tmp_path):
    monkeypatch.setattr(backend, "print_kernel", fails(AssertionError, "printed again"))
    again = compile((Decay(),), "decay", backend="cuda", cache_dir=tmp_path)
    assert again.integrator.kernel == decay.integrator.kernel


def test_a_program_can_be_sent_to_another_process(decay):
    again = pickle.loads(pickle.dumps(decay))  # noqa: S301  our own bytes
    table = [[1.0, 2.0]]
    np.testing.assert_array_equal(again.solve(table, [1.0]).outputs, decay.solve(table, [1.0]).outputs)


@pytest.mark.parametrize("name", ["cuda/step.cu", "cuda/c_code.py", "graph.py"])
def test_a_change_of_any_source_of_the_engine_makes_new_kernels(monkeypatch, tmp_path, name):
    copy = tmp_path / "engine"
    shutil.copytree(Path(kernel_file.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = kernel_file.generator_key()
    monkeypatch.setattr(kernel_file, "__file__", str(copy / "kernel_file.py"))
    assert kernel_file.generator_key() == before
    (copy / name).write_text((copy / name).read_text() + "\n")
    assert kernel_file.generator_key() != before


def test_a_second_solve_takes_no_further_stream(decay, cupy, monkeypatch):
    made, stream = [], cupy.cuda.Stream
    monkeypatch.setattr(cupy.cuda, "Stream", lambda non_blocking: made.append(1) or stream(non_blocking))
    for _ in range(2):
        decay.solve(np.ones((1, 4)), [1.0], block=2)
    assert len(made) == 1
