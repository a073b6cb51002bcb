"""The only way to a final name: temporary name, sync, replace, sync of the folder.

A reader then sees the whole old file or the whole new one, and a kill at any moment leaves nothing torn.
"""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from thymos.lang.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

TEMPORARY = ".partial"

ADVICE = {
    errno.ENOSPC: ("room on the disk", "the disk is full", "free some space and run the same command again"),
    errno.EDQUOT: (
        "room in your quota",
        "the quota is used up",
        "free some space and run the same command again",
    ),
    errno.EFBIG: ("a file within the size limit", "the limit on file size was met", "raise it (`ulimit -f`)"),
    errno.EROFS: (
        "a folder that can be written",
        "a read-only file system",
        "choose another folder with --out",
    ),
    errno.EACCES: ("a folder that can be written", "permission denied", "choose another folder with --out"),
    errno.EPERM: ("a folder that can be written", "not permitted", "choose another folder with --out"),
    errno.ENOTDIR: ("a folder", "a file in its path", "choose another folder with --out"),
    errno.EISDIR: ("a file", "a folder of that name", "choose another name"),
    errno.ENOENT: ("a folder that exists", "no such folder", "make the folder first, or choose another"),
    errno.EEXIST: ("a folder", "a file of that name", "choose another folder with --out"),
    errno.ENAMETOOLONG: ("a path the file system takes", "a name that is too long", "choose a shorter --out"),
}


def store_error(problem: OSError, path: Path) -> StoreError:
    """The operating system's complaint about `path`, as something the user can act on."""
    # Arrow raises OSError without errno and writes the number into the text.
    number = problem.errno or next((n for n in ADVICE if f"[errno {n}]" in str(problem).lower()), 0)
    said = problem.strerror or str(problem)
    wanted, got, advice = ADVICE.get(number, ("to write", said, "choose another folder with --out"))
    return StoreError(str(path), wanted, got, advice)


def check_place(path: Path) -> None:
    """Refuse before a long computation what could not be written after it."""
    if path.is_dir():
        raise store_error(OSError(errno.EISDIR, "a folder"), path)
    if not path.parent.is_dir():
        raise store_error(OSError(errno.ENOENT, "no folder"), path)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a loss of power."""
    if os.name == "nt":  # Windows offers no handle on a folder to sync.
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a file that appears under `path` only when it is whole and on the disk."""
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=TEMPORARY, dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; a run folder is meant to be shared like any other.
        temporary.chmod(0o644)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as problem:
        raise store_error(problem, path) from problem
    finally:
        # After a success the name is gone; after anything else the remains must go.
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all."""
    write_atomically(path, lambda file: file.write(text.encode()))


def make_folder(path: Path) -> None:
    """Create `path` and its parents where they are missing."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        sync_folder(path.parent)
    except OSError as problem:
        raise store_error(problem, path) from problem


def clear_remains(folder: Path) -> None:
    """Remove the temporary files that a killed writer left in `folder`."""
    for remains in folder.glob(f".*{TEMPORARY}"):
        remains.unlink(missing_ok=True)
