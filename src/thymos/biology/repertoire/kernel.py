"""Compiled loops: how they are compiled, kept on disk, and run over blocks by any number of threads.

A loop works on whole blocks, and what is random in a block comes from a stream of its own, so that results are the
same bits for any number of workers. Numba's cache watches only the file that holds the outer function: everything an
outer function calls stands in its own file, or, like `xoshiro`, never changes.
"""

from __future__ import annotations

import pickle  # for the name of its error; numba reads its own files
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import numba

from thymos.lang.errors import RunError

F = TypeVar("F", bound=Callable[..., Any])
DAMAGED = (EOFError, pickle.UnpicklingError)


def inner(function: F) -> F:
    """Compiled into whatever compiled function calls it."""
    return cast(F, numba.njit(inline="always", error_model="numpy")(function))


def outer(function: F) -> F:
    """Compiled, letting other threads run; kept on disk where some folder can be written."""
    try:
        compiled = numba.njit(nogil=True, error_model="numpy", cache=True)(function)
    except RuntimeError:  # no folder for numba's cache: compile anew in each process
        return cast(F, numba.njit(nogil=True, error_model="numpy")(function))
    _distrust(cast(Any, compiled)._cache)
    return cast(F, compiled)


def _distrust(stored: Any) -> None:
    """Take a damaged copy on disk for none: numba trusts what it kept, and a full disk cuts files short."""
    load = stored.load_overload

    def load_or_forget(*wanted: Any) -> Any:
        try:
            return load(*wanted)
        except DAMAGED:
            stored.flush()
            return None

    stored.load_overload = load_or_forget


def over_blocks(part: Callable[[int, int], None], number: int, block: int, workers: int = 1) -> None:
    """Call `part(first, last)` for each run of `block` items of `number`, in threads.

    Raises `RunError` for less than one worker.
    """
    if workers < 1:
        raise RunError("repertoire, workers", "at least 1", str(workers))
    cuts = [(first, min(first + block, number)) for first in range(0, number, block)]
    if workers == 1 or len(cuts) < 2:
        for first, last in cuts:
            part(first, last)
        return
    with ThreadPoolExecutor(min(workers, len(cuts))) as pool:
        try:
            for _ in pool.map(lambda cut: part(*cut), cuts):
                pass
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
