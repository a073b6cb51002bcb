"""The solver backends by name; a new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from thymos.engine.program import Program
from thymos.engine.source import Source
from thymos.lang.errors import SolveError

if TYPE_CHECKING:
    from thymos.lang.model import Model

Method = Callable[[Source, str | Path | None], Program]


def _lanes(source: Source, cache_dir: str | Path | None) -> Program:
    from thymos.engine.lanes import lanes

    return lanes(source, cache_dir)


def _cuda(source: Source, cache_dir: str | Path | None) -> Program:
    from thymos.engine.cuda.backend import cuda

    return cuda(source, cache_dir)


def _scipy(source: Source, cache_dir: str | Path | None) -> Program:
    from thymos.engine.plain import plain

    return plain(source)


METHODS: dict[str, Method] = {
    "lanes": _lanes,
    "cuda": _cuda,
    "scipy": _scipy,
}


def compile(
    models: Sequence[Model],
    name: str,
    outputs: Sequence[str] | None = None,
    backend: str = "lanes",
    cache_dir: str | Path | None = None,
) -> Program:
    """Make a program from models: seconds the first time, then from the cache on disk.

    outputs   : names of the quantities to record; None records those the models mark with `observe`
    backend   : one of `METHODS`; "lanes" is fast, "cuda" the same on a GPU, "scipy" a slow and plain reference
    cache_dir : where kernels are kept; else $THYMOS_CACHE, else the user's cache folder
    """
    if backend not in METHODS:
        raise SolveError(f"{name}, backend", f"one of {', '.join(METHODS)}", backend)
    return METHODS[backend](Source.of(models, name, outputs), cache_dir)
