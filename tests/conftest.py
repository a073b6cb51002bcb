"""Settings and fixtures that all tests share."""

import ctypes
import os
import shutil
import subprocess
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import settings

from thymos.engine import METHODS
from thymos.engine.cuda import device

ROOT = Path(__file__).resolve().parents[1]

# No deadline: a first call compiles a kernel, a later one takes microseconds; neither time is a law.
# Derandomised, so that `make test` says the same twice; `make prove` goes looking for new cases.
settings.register_profile("repeat", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("search", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference tables beside the checkout; most users do not have it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the reference tables of ../shared are absent beside this checkout")
    return folder


class HostArray(np.ndarray):
    """Stands in for an array on a GPU."""

    def get(self, out):
        out[...] = self


# What a function leaves on the stack, the next one finds: a kernel that reads what it never wrote is seen.
DIRTY = """
int dirty(int value)
{
    volatile int stack[20000];
    for (int i = 0; i < 20000; i++)
        stack[i] = value;
    return stack[value];
}
"""


class HostFunction:
    """Stands in for a kernel on a GPU: the same text, compiled for this processor, where one thread does it all."""

    def __init__(self, library, name):
        self.function, self.dirty, self.kernel = library[name], library["dirty"], SimpleNamespace(ptr=1)

    def __call__(self, groups, threads, arguments):
        assert groups[0] > 0
        assert threads[0] > 0
        kinds = {np.int64: ctypes.c_longlong, np.int32: ctypes.c_int, np.float64: ctypes.c_double}
        self.function.argtypes = [kinds.get(type(a), ctypes.c_void_p) for a in arguments]
        self.dirty(2)  # where that is taken for the number of an event, a trigger of the toy models
        self.function(*(a.ctypes.data if isinstance(a, HostArray) else a for a in arguments))


class HostCupy:
    """Stands in for CuPy: what `engine.cuda.device` asks of it, done by the C compiler and numpy."""

    def __init__(self, compiler, folder):
        self.compiler, self.folder = compiler, folder
        self.cuda = SimpleNamespace(
            Device=lambda: SimpleNamespace(attributes={"MultiProcessorCount": 2}),
            Stream=lambda non_blocking: nullcontext(),
            compiler=SimpleNamespace(CompileException=type("CompileException", (Exception,), {})),
            driver=SimpleNamespace(occupancyMaxActiveBlocksPerMultiprocessor=lambda *_: 4),
            memory=SimpleNamespace(OutOfMemoryError=type("OutOfMemoryError", (MemoryError,), {})),
            runtime=SimpleNamespace(getDeviceCount=lambda: 1),
        )

    def RawModule(self, code, backend):  # noqa: N802  CuPy's name
        source = self.folder / f"{abs(hash(code))}.c"
        library = source.with_suffix(".so")
        if not library.exists():
            source.write_text(code + DIRTY)
            strict = ["-std=c99", "-Wall", "-Wextra", "-Werror"]
            fast = ["-O1", "-march=native", "-ffp-contract=fast"]  # contracted, as NVRTC does
            command = [self.compiler, *strict, *fast, "-fPIC", "-shared", source, "-o", library, "-lm"]
            subprocess.run(command, check=True)  # noqa: S603  nothing from outside
        loaded = ctypes.CDLL(str(library))
        return SimpleNamespace(get_function=lambda name: HostFunction(loaded, name))

    @staticmethod
    def asarray(array):
        return np.array(array).view(HostArray)

    @staticmethod
    def empty(shape, dtype):
        return np.full(shape, 99, dtype).view(HostArray)  # what the kernel forgets to write is seen


@pytest.fixture(scope="session")
def cuda_on_host(tmp_path_factory):
    """The backend "cuda" without a GPU: its kernels run here. Skips where no C compiler is."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler is here to run the text of the CUDA kernels on the processor")
    with pytest.MonkeyPatch.context() as patch:
        stand_in = HostCupy(compiler, tmp_path_factory.mktemp("cuda_on_host"))
        patch.setattr(device, "import_cupy", lambda: stand_in)
        yield stand_in


@pytest.fixture(scope="session", params=list(METHODS))
def backend(request):
    """Every backend in turn; "cuda" on the processor, so that no GPU is needed."""
    if request.param == "cuda":
        request.getfixturevalue("cuda_on_host")
    return request.param
