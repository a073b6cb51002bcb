"""What the numbers of a chunk depend on, so that two versions never meet in one run."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import thymos

LIBRARIES = ("numpy", "scipy", "sympy", "numba", "llvmlite")


@cache
def versions() -> dict[str, str]:
    """Version and source of thymos, and the versions of the libraries that compute."""
    mine = f"{thymos.__version__} ({_sources()[:12]})"
    return {"thymos": mine, **{name: version(name) for name in LIBRARIES}}


def _sources() -> str:
    """SHA-256 of every file of the package: equations, values, studies and all else that was installed."""
    folder, sha = Path(thymos.__file__).parent, hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            sha.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            sha.update(hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()
