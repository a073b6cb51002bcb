"""The driver as numba keeps it on disk: a damaged copy is made anew, as a damaged kernel is.

Numba trusts what it stored; a file that was cut short, by a full disk or a lost connection, would end every run.
"""

from __future__ import annotations

import pickle  # for the name of its error; numba reads its own files
from functools import cache
from pathlib import Path
from typing import Any

import numba

from thymos.engine import driver

DAMAGED = (EOFError, pickle.UnpicklingError)
compiled: Any = driver.drive


def drive(*arguments: Any) -> None:
    """`driver.drive` with these arguments, whatever numba's folder holds."""
    try:
        compiled(*arguments)
    except DAMAGED:
        # A folder that cannot be written keeps the damage: then this process compiles for itself.
        again = compiled if _removed(Path(compiled.stats.cache_path)) else _unstored()
        again(*arguments)


def _removed(folder: Path) -> bool:
    """Whether every stored part of the driver is gone."""
    try:
        for part in folder.glob("driver.drive-*.nb[ic]"):
            part.unlink(missing_ok=True)
    except OSError:
        return False
    return True


@cache
def _unstored() -> Any:
    return numba.njit(nogil=True, error_model="numpy")(compiled.py_func)
