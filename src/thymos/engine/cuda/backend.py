"""The backend for a GPU: the kernel's text from the cache or from the models, then a device that runs it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.engine.cuda.device import Device
from thymos.engine.kernel_file import (
    Kernel,
    cache_folder,
    generator_key,
    kernel_path,
    read_kernel,
    write_kernel,
)
from thymos.engine.lanes import TRIED_AGAIN, lanes
from thymos.engine.program import Control, Floats, Integrator, Program
from thymos.engine.signature import signature
from thymos.engine.solution import Solution

if TYPE_CHECKING:
    from thymos.engine.source import Source
    from thymos.lang.system import System

# Patients sent to the device in one go: several for each of the threads that a large device runs at a time, so that
# few of them wait for the slowest. 60 times of 19 outputs take 0.6 GB of its memory.
BLOCK = 65_536


def cuda(source: Source, cache_dir: str | Path | None = None) -> Program:
    """Read the kernel's text from disk, or trace, print and keep it; NVRTC's own result is kept by CuPy."""
    device = Device(source.name)  # first: without one, nobody should wait for the trace
    path = kernel_path(cache_folder(cache_dir), source.name, "cuda", source.key, generator_key())
    kernel = read_kernel(path)
    if kernel is None:
        kernel = print_kernel(source.system())
        write_kernel(path, kernel)
    return Program(kernel.signature, Cuda(kernel, device, source, cache_dir))


def print_kernel(system: System) -> Kernel:
    """The kernel of one system as text; one patient wide."""
    from thymos.engine.algebra import algebra
    from thymos.engine.cuda.kernel_text import kernel_text

    a, s = algebra(system), signature(system)
    return Kernel(s, 1, len(a.hoisted), kernel_text(a, s.jumps).encode())


class Cuda:
    """One kernel on one device; who fails there is solved again by the lanes, with all the care they have."""

    block = BLOCK

    def __init__(self, kernel: Kernel, device: Device, source: Source, cache_dir: str | Path | None) -> None:
        self.kernel, self.device, self.source, self.cache_dir = kernel, device, source, cache_dir
        self.function = device.function(kernel.code.decode(), "solve_patients")

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent to another process, the text is compiled for the device there."""
        return _again, (self.kernel, self.device.where, self.source, self.cache_dir)

    def solve(self, patients: Floats, times: Floats, control: Control, into: Solution) -> None:
        """Integrate one block."""
        self.launch(patients, times, control, into)
        failed = np.flatnonzero(np.isin(into.status, TRIED_AGAIN))
        if failed.size:
            again = Solution.empty(failed.size, times, *(array.shape[-1] for array in into.arrays[:3]))
            self.lanes.solve(patients[failed], times, control, again)
            into.put(failed, again)

    @cached_property
    def lanes(self) -> Integrator:
        """The same system on the processor, built when first needed."""
        return lanes(self.source, self.cache_dir).integrator

    def launch(self, patients: Floats, times: Floats, control: Control, into: Solution) -> None:
        """Integrate one block on the device; several workers share it, each on a stream of its own."""
        if len(patients) == 0:
            return
        here: tuple[NDArray[Any], ...] = (into.outputs, into.final, into.fired, into.status, into.steps)
        here += (into.undershoot,)
        with self.device.stream() as d:
            there = tuple(d.space(array) for array in here)
            given = (d.send(patients), np.int64(len(patients)), d.send(times), np.int32(times.size))
            limits = (np.float64(control.rtol), np.float64(control.atol), np.int64(control.max_steps))
            waiting = d.send(np.zeros(1, np.uint64))
            d.launch(self.function, len(patients), (*given, *limits, *there, waiting))
            for array, result in zip(here, there, strict=True):
                d.fetch(result, array)


def _again(kernel: Kernel, where: str, source: Source, cache_dir: str | Path | None) -> Cuda:
    return Cuda(kernel, Device(where), source, cache_dir)
