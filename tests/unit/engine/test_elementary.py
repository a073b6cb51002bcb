"""exp and log of the kernels against the C library and against 40 digits."""

import ctypes
import math
import re
from collections.abc import Callable

import llvmlite.binding as llvm
import llvmlite.ir as ir
import mpmath
import numpy as np
import pytest

from thymos.engine import elementary
from thymos.engine.host import this_host
from thymos.engine.vector import VectorFunction

Function = Callable[[np.ndarray], np.ndarray]


@pytest.fixture(scope="module")
def functions():
    """exp and log as functions of numpy arrays of any length."""
    host = this_host()
    module = ir.Module("test")
    for name in ("exp", "log"):
        v = VectorFunction(module, name, ("x", "y"), host.width)
        v.store(getattr(elementary, name)(v, v.load(v.arguments["x"])), v.arguments["y"])
        v.done()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(str(module)), host.machine())
    engine.finalize_object()

    def wrap(name: str) -> Function:
        call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(engine.get_function_address(name))

        def apply(x: np.ndarray) -> np.ndarray:
            out = []
            memory = np.zeros(3 * host.width)
            start = (-memory.ctypes.data % (8 * host.width)) // 8
            a, b = memory[start : start + host.width], memory[start + host.width : start + 2 * host.width]
            for i in range(0, x.size, host.width):
                part = x[i : i + host.width]
                a[: part.size] = part
                call(a.ctypes.data, b.ctypes.data)
                out.append(b[: part.size].copy())
            return np.concatenate(out)

        return apply

    yield {name: wrap(name) for name in ("exp", "log")}
    engine.close()  # it owns the code, which lives until here


def ulps(got: np.ndarray, x: np.ndarray, exact: Callable[[mpmath.mpf], mpmath.mpf]) -> float:
    """The largest error in units in the last place."""
    with mpmath.workdps(40):
        wanted = [exact(mpmath.mpf(float(v))) for v in x]
        errors = [
            abs(mpmath.mpf(float(g)) - w) / mpmath.mpf(float(np.spacing(abs(float(w)))))
            for g, w in zip(got, wanted, strict=True)
        ]
    return float(max(errors))


@pytest.mark.parametrize("span", [1e-9, 1e-3, 1.0, 30.0, 700.0])
def test_exp_is_good_to_one_unit(functions, span):
    x = np.random.default_rng(1).uniform(-span, span, 2000)
    assert ulps(functions["exp"](x), x, mpmath.exp) < 1.0


@pytest.mark.parametrize("low", [-700.0, -20.0, -1.0, -1e-4])
def test_log_is_good_to_one_unit(functions, low):
    x = np.exp(np.random.default_rng(2).uniform(low, -low, 2000))
    assert ulps(functions["log"](x), x, mpmath.log) < 1.0


def test_exp_at_the_ends(functions):
    x = np.array([0.0, -0.0, 709.7, 709.79, 1e4, math.inf, -745.0, -746.0, -1e4, -math.inf, math.nan, -710.0])
    with np.errstate(over="ignore", under="ignore"):
        wanted = np.exp(x)
    np.testing.assert_allclose(functions["exp"](x), wanted, rtol=1e-15, atol=5e-324)


def test_log_at_the_ends(functions):
    x = np.array([1.0, 0.0, -0.0, -1.0, -math.inf, math.inf, math.nan, 5e-324, 2.0**-1022, 1.7e308])
    with np.errstate(all="ignore"):
        wanted = np.log(x)
    np.testing.assert_allclose(functions["log"](x), wanted, rtol=4e-16)


def test_no_library_is_called():
    module = ir.Module("test")
    v = VectorFunction(module, "both", ("x",), 4)
    v.store(elementary.exp(v, elementary.log(v, v.load(v.arguments["x"]))), v.arguments["x"])
    v.done()
    declared = re.findall(r'declare .*@"?([\w.]+)"?\(', str(module))
    assert set(declared) == {"llvm.fmuladd.v4f64"}
