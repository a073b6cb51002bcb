"""What this processor can do at most, measured: fused multiply-adds and divisions in registers, nothing else."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

# Independent chains: more than latency x units of today's processors, few enough for their registers.
CHAINS = 12
TURNS = {"fma": 4_000_000, "div": 250_000}


class Peak:
    """Machine code from the emitter of the kernels, on vectors as wide as theirs."""

    def __init__(self) -> None:
        import llvmlite.binding as llvm

        from thymos.engine.host import this_host

        host = this_host()
        self.width = host.width
        self._engine = llvm.create_mcjit_compiler(
            llvm.parse_assembly(module_text(host.width)), host.machine()
        )
        self._engine.finalize_object()

    def _operations(self, name: str) -> None:
        """TURNS[name] x CHAINS x width operations."""
        function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self._engine.get_function_address(name))
        memory = np.zeros((CHAINS + 1) * self.width)
        function(memory.ctypes.data + -memory.ctypes.data % (8 * self.width))

    def _rate(self, name: str, clock: Callable[[], float], threads: int) -> float:
        begun = clock()
        if threads == 1:
            self._operations(name)
        else:  # ctypes lets go of Python's lock
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(self._operations, [name] * threads))
        return threads * TURNS[name] * CHAINS * self.width / (clock() - begun)

    def flops(self, threads: int = 1, clock: Callable[[], float] = time.perf_counter) -> float:
        """Floating-point operations per second in fused multiply-adds, each of them two."""
        return 2.0 * self._rate("fma", clock, threads)

    def divisions(self, clock: Callable[[], float] = time.perf_counter) -> float:
        """Divisions per second."""
        return self._rate("div", clock, 1)


def module_text(width: int) -> str:
    """Two loops over independent chains, as LLVM IR."""
    import llvmlite.ir as ir

    from thymos.engine.vector import VectorFunction

    # Factors differ from chain to chain, or a compiler might find that all chains are one.
    bodies: dict[str, Callable[[Any, Any, float], Any]] = {
        "fma": lambda v, x, factor: v.fma(x, v.number(factor), v.number(1.0)),
        "div": lambda v, x, factor: v.builder.fdiv(v.number(factor), v.builder.fadd(x, v.number(0.5))),
    }
    module = ir.Module("peak")
    for name, body in bodies.items():
        v = VectorFunction(module, name, ("out",), width)
        with v.loop(TURNS[name], totals=CHAINS) as (_, chains):
            for k in range(CHAINS):
                chains[k] = body(v, chains[k], 0.5 + k / (2 * CHAINS))
        for k in range(CHAINS):
            v.store(chains[k], v.arguments["out"], k)
        v.done()
    return str(module)
