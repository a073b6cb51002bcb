"""Compiled kernels on disk."""

import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import thymos
from thymos.engine import compile, lanes
from thymos.engine.kernel_file import cache_folder, kernel_path, read_kernel, write_kernel
from thymos.lang import Model, Output, Transition, parameter, state


@dataclass(frozen=True)
class Decay(Model):
    """First-order loss."""

    x = state("", "amount")
    k = parameter("1/day", "rate")

    def transitions(self, x, p, env):
        yield Transition("loss", p.k * (1 - x.x), {x.x: +1})

    def gives(self, x, p, env):
        yield Output("x", "", x.x, "amount", observe=True)


@dataclass(frozen=True)
class Growth(Decay):
    """The same, upwards."""

    def transitions(self, x, p, env):
        yield Transition("gain", p.k * (2 - x.x), {x.x: +1})


def kernel_of(name, folder):
    (path,) = folder.glob(f"{name}-*.kernel")
    return path


@pytest.fixture
def builds(monkeypatch):
    """Names of the systems that had to be built."""
    built, build = [], lanes.build

    def counted(system, a, host):
        built.append(system.name)
        return build(system, a, host)

    monkeypatch.setattr(lanes, "build", counted)
    return built


def outputs(program):
    return program.solve([[0.5, 2.0]], [1.0]).outputs[:, 0, 0]


def test_the_second_time_nothing_is_built(tmp_path, builds):
    first, second = (compile((Decay(),), "decay", cache_dir=tmp_path) for _ in range(2))
    assert builds == ["decay"]
    assert second.signature == first.signature
    np.testing.assert_array_equal(outputs(first), outputs(second))


def test_another_name_or_output_is_another_kernel(tmp_path, builds):
    compile((Decay(),), "decay", cache_dir=tmp_path)
    compile((Decay(),), "loss", cache_dir=tmp_path)
    compile((Decay(),), "decay", outputs=("x",), cache_dir=tmp_path)
    assert builds == ["decay", "loss", "decay"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b"",
        lambda b: b[: len(b) // 2],
        lambda b: b[:-1],
        lambda b: b[:-100] + bytes([b[-100] ^ 1]) + b[-99:],
        lambda b: b.replace(b'"width": ', b'"width": 1', 1),
        lambda b: b"[]\n" + b,
        lambda b: b"\xff\xfe" + b,
    ],
    ids=["empty", "half", "one byte short", "one bit", "metadata", "list", "no text"],
)
def test_a_damaged_file_is_rebuilt(tmp_path, builds, damage):
    wanted = outputs(compile((Decay(),), "decay", cache_dir=tmp_path))
    (path,) = tmp_path.glob("*.kernel")
    path.write_bytes(damage(path.read_bytes()))
    np.testing.assert_array_equal(outputs(compile((Decay(),), "decay", cache_dir=tmp_path)), wanted)
    assert builds == ["decay", "decay"]
    assert read_kernel(path) is not None


def test_a_kernel_under_the_name_of_another_is_not_used(tmp_path, builds):
    wanted = outputs(compile((Decay(),), "decay", cache_dir=tmp_path))
    (decay,) = tmp_path.glob("*.kernel")
    other = compile((Growth(),), "growth", cache_dir=tmp_path).integrator.kernel
    decay.write_bytes(kernel_of("growth", tmp_path).read_bytes())
    np.testing.assert_array_equal(outputs(compile((Decay(),), "decay", cache_dir=tmp_path)), wanted)
    assert builds == ["decay", "growth", "decay"]
    assert read_kernel(decay) != other


def test_two_processes_may_build_the_same_kernel_at_once(tmp_path):
    script = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_kernel_file import Decay, outputs
from thymos.engine import compile
sys.stdin.read(1)
print(outputs(compile((Decay(),), "decay", cache_dir={str(tmp_path)!r})).tobytes().hex())
"""
    both = [
        subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in both:
        process.stdin.write(b"go")
        process.stdin.close()
    said = [process.stdout.read() for process in both]
    assert [process.wait() for process in both] == [0, 0]
    for process in both:
        process.stdout.close()
    assert said[0] == said[1] != b""
    (path,) = tmp_path.iterdir()
    assert read_kernel(path) is not None


def test_no_temporary_file_stays(tmp_path):
    compile((Decay(),), "decay", cache_dir=tmp_path)
    assert [p.suffix for p in tmp_path.iterdir()] == [".kernel"]


@pytest.mark.parametrize("where", ["a file", "below a file"])
def test_a_folder_that_cannot_be_written_only_means_no_cache(tmp_path, builds, where):
    blocked = tmp_path / "blocked"
    blocked.write_text("not a folder")
    folder = blocked if where == "a file" else blocked / "deeper"
    for _ in range(2):
        np.testing.assert_allclose(
            outputs(compile((Decay(),), "decay", cache_dir=folder)), 1 - np.exp([-0.5, -2.0]), 1e-5
        )
    assert builds == ["decay", "decay"]


def test_the_folder_is_private(tmp_path):
    compile((Decay(),), "decay", cache_dir=tmp_path / "new")
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) & 0o077 == 0


def test_the_environment_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("THYMOS_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    assert cache_folder(tmp_path / "there") == tmp_path / "there"
    monkeypatch.delenv("THYMOS_CACHE")
    assert cache_folder().name == "thymos"


def test_paths_differ_with_every_part():
    paths = {kernel_path(Path(), "n", *parts) for parts in (("a", "b"), ("ab",), ("a", "c"), ("b", "a"))}
    assert len(paths) == 4
    assert kernel_path(Path(), "culture cord/blood", "a").name.startswith("culture_cord_blood-")


def test_a_kernel_comes_back_as_written(tmp_path):
    program = compile((Decay(),), "decay", cache_dir=tmp_path)
    kernel = program.integrator.kernel
    write_kernel(tmp_path / "copy.kernel", kernel)
    assert read_kernel(tmp_path / "copy.kernel") == kernel


def test_a_hit_needs_no_sympy(tmp_path):
    script = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_kernel_file import Decay
import pytest
for name in [n for n in sys.modules if n.split(".")[0] in ("sympy", "pint")]:
    raise SystemExit(f"{{name}} was imported by the imports")
from thymos.engine import compile
program = compile((Decay(),), "decay", cache_dir={str(tmp_path)!r})
program.solve([[1.0]], [1.0])
sys.exit(3 if "sympy" in sys.modules else 0)
"""
    codes = [subprocess.run([sys.executable, "-c", script], check=False).returncode for _ in range(2)]
    assert codes == [3, 0]


RUN = """
import sys
sys.path.insert(0, {tests!r})
from test_kernel_file import Decay, outputs
from thymos.engine import compile
print(outputs(compile((Decay(),), "decay", cache_dir={folder!r})).tobytes().hex())
"""


@pytest.mark.slow  # the driver is compiled four times
def test_a_damaged_copy_of_the_driver_is_made_anew(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "numba")}
    script = RUN.format(tests=str(Path(__file__).parent), folder=str(tmp_path))

    def run():
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    wanted = run()
    for suffix in ("nbi", "nbc"):
        for share in (0, 0.5):
            (path,) = (tmp_path / "numba").glob(f"*/driver.drive-*.{suffix}")
            whole = path.read_bytes()
            path.write_bytes(whole[: int(share * len(whole))])
            assert run() == wanted
            (path,) = (tmp_path / "numba").glob(f"*/driver.drive-*.{suffix}")
            assert len(path.read_bytes()) > len(whole) / 2  # whole again


@pytest.mark.slow
def test_a_command_runs_where_nothing_can_be_kept(tmp_path):
    """The package, numba's folder and the user's folder all behind a file: even root cannot write there."""
    package = tmp_path / "package" / "thymos"
    shutil.copytree(Path(thymos.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "engine" / "__pycache__").write_text("not a folder")
    blocked = str(package / "engine" / "__pycache__" / "deeper")
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"} | {
        "PYTHONPATH": str(tmp_path / "package"),
        "HOME": blocked,
        "XDG_CACHE_HOME": blocked,
        "THYMOS_CACHE": blocked,
        "MPLCONFIGDIR": str(tmp_path),
    }
    code = "import thymos, sys; assert sys.argv.pop() in thymos.__file__; from thymos.cli import main; main()"
    words = [sys.executable, "-c", code, "culture", "--lots", "10", "--json"]
    here = subprocess.run([*words, ""], capture_output=True, text=True, check=True)
    there = subprocess.run(
        [*words, str(tmp_path)], env=environment, capture_output=True, text=True, check=False
    )
    assert (there.returncode, there.stderr) == (0, "")
    assert json.loads(there.stdout) == json.loads(here.stdout)


@pytest.mark.slow
def test_without_any_folder_for_numba_the_driver_still_runs(tmp_path):
    script = f"""
import sys
import numba.core.caching
numba.core.caching.CacheImpl._locator_classes = []
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_kernel_file import Decay
from thymos.engine import compile
from thymos.engine.driver import drive
solution = compile((Decay(),), "decay", cache_dir={str(tmp_path)!r}).solve([[1.0]], [1.0])
sys.exit(0 if solution.status[0] == 0 and not drive.stats.cache_path else 1)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
