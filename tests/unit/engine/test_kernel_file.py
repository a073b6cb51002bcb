"""Compiled kernels on disk."""

import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

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
