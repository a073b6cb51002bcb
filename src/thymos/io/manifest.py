"""What a run folder says of itself: what it was made from, by which code, and how far it came."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from thymos.io.atomic import write_text
from thymos.lang.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True)
class Identity:
    """All that decides the numbers of a run. Two runs of one identity have one digest."""

    study: str
    """SHA-256 of the study."""
    values: str
    """SHA-256 of the parameter rows and references."""
    model: str
    """SHA-256 of the source of the models."""
    code: str
    """Version of thymos."""
    seed: int
    patients: int
    draws: int
    blocks: int

    def differences(self, other: Identity) -> list[str]:
        """Names of the fields that differ, each with both values."""
        mine, theirs = asdict(self), asdict(other)
        return [
            f"{name} {short(mine[name])} and {short(theirs[name])}"
            for name in mine
            if mine[name] != theirs[name]
        ]


def short(value: object) -> str:
    """Enough of a hash to tell it from another."""
    text = str(value)
    return text[:12] if len(text) == 64 else text


def this_machine() -> dict[str, str]:
    """What the numbers may depend on in the last bit; nothing that names a person or a host."""
    import numpy as np

    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


@dataclass(frozen=True)
class Manifest:
    """The content of manifest.json."""

    identity: Identity
    study_name: str
    status: Literal["running", "complete"] = "running"
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    machine: dict[str, str] = field(default_factory=this_machine)
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    """Digest of each column of each table, once complete."""
    digest: str = ""
    dropped: tuple[str, ...] = ()
    """Tables that were not to be kept; the digests are of them too."""
    format: int = FORMAT

    @property
    def kept(self) -> tuple[str, ...]:
        """Names of the tables that are in the folder."""
        return tuple(sorted(set(self.tables) - set(self.dropped)))

    def completed(
        self, tables: dict[str, dict[str, str]], digest: str, dropped: tuple[str, ...] = ()
    ) -> Manifest:
        """The same run, done."""
        return replace(self, status="complete", tables=tables, digest=digest, dropped=dropped)

    def write(self, folder: Path) -> None:
        """Put it into `folder`, whole or not at all."""
        said = asdict(self)
        if not self.dropped:  # a run that keeps everything reads as it always did
            del said["dropped"]
        write_text(folder / NAME, json.dumps(said, indent=2, sort_keys=True) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a run folder."""
    path = folder / NAME
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            wanted, try_ = f"format {FORMAT}", "report it with the version of thymos that wrote it"
            raise StoreError(str(path), wanted, f"format {said['format']}", try_)
        dropped = tuple(said.get("dropped", ()))
        return Manifest(**{**said, "identity": Identity(**said["identity"]), "dropped": dropped})
    except FileNotFoundError:
        raise StoreError(
            str(folder), "a run folder, with manifest.json", "none there", "give the folder that --out named"
        ) from None
    except OSError as problem:
        raise StoreError(str(path), "a readable manifest", problem.strerror or str(problem)) from None
    except (ValueError, KeyError, TypeError) as problem:
        raise StoreError(str(path), "a manifest of thymos", f"another text ({problem})") from None
