"""One writer for a run folder. The lock belongs to the process, so a killed writer leaves none behind."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from thymos.io.atomic import store_error
from thymos.lang.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

NAME = ".lock"


class RunLock:
    """Held from `with` to its end; a second holder is refused, not made to wait."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.handle = -1

    def __enter__(self) -> RunLock:
        path = self.folder / NAME
        try:
            self.handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as problem:
            raise store_error(problem, path) from problem
        try:
            take(self.handle)
        except OSError:
            os.close(self.handle)
            try_ = "wait for it to end, or choose another folder with --out"
            raise StoreError(
                str(self.folder), "a run that no one is writing", "another writer", try_
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.handle)


def take(handle: int) -> None:
    """Lock the open file, or raise OSError at once."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
