"""A GPU by way of CuPy: memory, streams, NVRTC, launches; and what to try when one of them fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numpy.typing import NDArray

from thymos.lang.errors import SolveError

# Threads of one group. The kernel takes 255 registers, so a processor of the GPU holds 256 threads: four groups.
THREADS = 64
LANES = "or solve on the processor with backend='lanes'"
DRIVER = (
    "an NVIDIA driver for CUDA 12",
    f"a machine with an NVIDIA GPU and driver 525 or later (`nvidia-smi` shows it), {LANES}",
)
# A part of what CUDA or CuPy says; what was wanted, and what to try.
TROUBLES = {
    "insufficientdriver": DRIVER,
    "unsupported ptx version": DRIVER,
    "nodevice": (
        "an NVIDIA GPU",
        f"make one visible (CUDA_VISIBLE_DEVICES, the container's settings), {LANES}",
    ),
    "out of memory": (
        "more free memory on the GPU",
        f"a smaller `block` in solve(), fewer `workers`, fewer output times, {LANES}",
    ),
    "launch timeout": (
        "a launch that ends before the display's time limit",
        f"a smaller `block` in solve(), a GPU that drives no display, {LANES}",
    ),
    "libnvrtc": ("CUDA's run-time compiler NVRTC", f"pip install 'thymos[cuda]', {LANES}"),
}
OTHERWISE = ("a GPU that compiles and runs the kernel", f"update driver and CuPy, {LANES}")


def import_cupy() -> Any:
    """CuPy; its import takes a while and fails where the extra `cuda` is not installed."""
    import cupy

    return cupy


class Device:
    """The current GPU; `where` is the name of the program, for messages.

    Raises `SolveError` where CuPy, a driver or a device is missing.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._idle: list[Any] = []
        try:
            self._cupy = import_cupy()
        except ImportError as missing:
            raise SolveError(
                f"{where}, backend cuda", "CuPy", f"'{missing}'", f"pip install 'thymos[cuda]', {LANES}"
            ) from None
        with self.troubles():
            count = self._cupy.cuda.runtime.getDeviceCount()
        if not count:
            wanted, hint = TROUBLES["nodevice"]
            raise SolveError(f"{where}, backend cuda", wanted, "none", hint)

    @contextmanager
    def troubles(self) -> Iterator[None]:
        """Turn what CUDA, NVRTC and CuPy raise into one error that says what to try."""
        compiler, memory = self._cupy.cuda.compiler, self._cupy.cuda.memory
        try:
            yield
        except (RuntimeError, ImportError, memory.OutOfMemoryError, compiler.CompileException) as e:
            said = " ".join(str(e).split())
            plain = said.lower().replace("_", " ")
            wanted, hint = next((row for mark, row in TROUBLES.items() if mark in plain), OTHERWISE)
            raise SolveError(f"{self.where}, backend cuda", wanted, f"'{said[:300]}'", hint) from e

    def function(self, text: str, name: str) -> Any:
        """A kernel compiled for this device; CuPy keeps the machine code on disk."""
        with self.troubles():
            return self._cupy.RawModule(code=text, backend="nvrtc").get_function(name)

    @contextmanager
    def stream(self) -> Iterator[Device]:
        """Queue what follows apart from other threads' work.

        A stream is used again: CuPy keeps freed memory for the stream that had it, so new ones would take ever more.
        """
        with self.troubles():
            try:
                stream = self._idle.pop()
            except IndexError:
                stream = self._cupy.cuda.Stream(non_blocking=True)
            try:
                with stream:
                    yield self
            finally:
                self._idle.append(stream)

    def send(self, array: NDArray[Any]) -> Any:
        """A copy on the device."""
        return self._cupy.asarray(array)

    def space(self, array: NDArray[Any]) -> Any:
        """Room on the device for an array like this one."""
        return self._cupy.empty(array.shape, array.dtype)

    def fetch(self, there: Any, here: NDArray[Any]) -> None:
        """Copy back into an array of this process; waits for all that was queued."""
        if here.size:
            there.get(out=here)

    def launch(self, function: Any, patients: int, arguments: tuple[Any, ...]) -> None:
        """Start as many threads as there are patients, at most as many as the device runs at a time."""
        groups = min(-(-patients // THREADS), self._groups_at_a_time(function))
        function((groups,), (THREADS,), arguments)

    def _groups_at_a_time(self, function: Any) -> int:
        driver = self._cupy.cuda.driver
        each = driver.occupancyMaxActiveBlocksPerMultiprocessor(function.kernel.ptr, THREADS, 0)
        return int(max(1, each) * self._cupy.cuda.Device().attributes["MultiProcessorCount"])
