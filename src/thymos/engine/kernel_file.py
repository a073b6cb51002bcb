"""Compiled kernels on disk: one file each, a line of JSON and the object code, named by what made it.

A damaged file is rebuilt; a folder that cannot be written only means that nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thymos.engine.signature import Signature

FORMAT = "thymos kernel 2"


@dataclass(frozen=True)
class Kernel:
    """Machine code of one system for one host, with what the driver must know of it.

    tables : further whole numbers by name, each a list or a list of lists
    """

    signature: Signature
    width: int
    hoisted: int
    code: bytes
    tables: dict[str, Any] = field(default_factory=dict)


def cache_folder(folder: str | Path | None = None) -> Path:
    """The given folder, or $THYMOS_CACHE, or the user's cache folder."""
    chosen = folder or os.environ.get("THYMOS_CACHE")
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("thymos", appauthor=False)


def generator_key() -> str:
    """SHA-256 of this room's sources and of the libraries that shape the code."""
    from importlib.metadata import version

    h = hashlib.sha256()
    room = Path(__file__).parent
    for path in sorted(p for p in room.rglob("*") if p.suffix in (".py", ".cu")):
        h.update(path.relative_to(room).as_posix().encode() + b"\0" + path.read_bytes())
    for library in ("llvmlite", "sympy"):
        h.update(f"{library} {version(library)}\0".encode())
    return h.hexdigest()


def kernel_path(folder: Path, name: str, *parts: str) -> Path:
    """The file of the kernel made from exactly these parts."""
    digest = hashlib.sha256("\0".join((FORMAT, *parts)).encode()).hexdigest()
    plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in name)[:40]
    return folder / f"{plain}-{digest[:32]}.kernel"


def read_kernel(path: Path) -> Kernel | None:
    """The stored kernel; None where there is none, it is damaged, or it is that of another name."""
    try:
        head, _, code = path.read_bytes().partition(b"\n")
        data: dict[str, Any] = json.loads(head)
        if (data["format"], data["file"], data["sha256"]) != (FORMAT, path.name, _digest(data, code)):
            return None
        sizes = (data["width"], data["hoisted"])
        return Kernel(Signature.from_json(data["signature"]), *sizes, code, data["tables"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_kernel(path: Path, kernel: Kernel) -> None:
    """Store a kernel under a temporary name, then rename: a reader sees all of it or nothing."""
    data: dict[str, Any] = {
        "format": FORMAT,
        "file": path.name,
        "width": kernel.width,
        "hoisted": kernel.hoisted,
        "signature": kernel.signature.as_json(),
        "tables": kernel.tables,
    }
    data["sha256"] = _digest(data, kernel.code)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, delete=False) as part:
            try:
                part.write(json.dumps(data).encode() + b"\n" + kernel.code)
                part.flush()
                os.fsync(part.fileno())
                os.replace(part.name, path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError:
        return


def _digest(data: dict[str, Any], code: bytes) -> str:
    """SHA-256 over everything but the digest itself."""
    plain = json.dumps({k: v for k, v in data.items() if k != "sha256"}, sort_keys=True)
    return hashlib.sha256(plain.encode() + b"\n" + code).hexdigest()
