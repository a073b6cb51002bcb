"""One engine in its own process, as the one who asks it sees it."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from printed import Floats


class Missing(Exception):  # noqa: N818  not an error of ours: an engine that is not there
    """Why an engine cannot take part."""


class Seat:
    """Started and waited for; `ready_seconds` is the time from nothing to the first patient's result."""

    def __init__(
        self,
        module: str,
        name: str,
        problem: Path,
        environment: dict[str, str] | None = None,
        patience: float = 600.0,
        python: str = sys.executable,
        worker: str = "worker.py",
    ) -> None:
        self.name, self.patience = name, patience
        here = Path(__file__).parent
        self.complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115  open as long as the process
        begun = time.perf_counter()
        self.process = subprocess.Popen(  # noqa: S603  our own worker
            [python, str(here / worker), module, name, str(problem)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            env=os.environ | (environment or {}),
        )
        ready = self._answer()
        self.name, self.batch = ready["name"], ready["batch"]
        self.ready_seconds = time.perf_counter() - begun
        self.memory = 0

    def ask(self, into: Path | None = None, **order: Any) -> dict[str, Any]:
        """Solve or measure; raises `Missing` when the engine gives up."""
        assert self.process.stdin
        extra = {} if into is None else {"into": str(into)}
        self.process.stdin.write(json.dumps(order | extra).encode() + b"\n")
        self.process.stdin.flush()
        said = self._answer()
        self.memory = max(self.memory, said.get("memory", 0))
        return said

    def solve(self, folder: Path, **order: Any) -> tuple[dict[str, Any], Floats]:
        """What the engine says of a run, and its outputs (patient, time, output)."""
        into = folder / f"{self.process.pid}.npy"
        return self.ask(into, **order), np.load(into, allow_pickle=False)

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin
        assert self.process.stdout
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.complaints.close()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            line = self.process.stdout.readline() if selector.select(self.patience) else b"{}"
        said: dict[str, Any] = json.loads(line or b'{"missing": ""}')
        if not said or "missing" in said:
            why = said.get("missing", f"no answer within {self.patience:g} s") or self._last_words()
            self.close()
            raise Missing(why)
        return said

    def _last_words(self) -> str:
        """What a process that died without an answer wrote last."""
        self.complaints.seek(0)
        lines = self.complaints.read().strip().splitlines()
        return f"ended with code {self.process.wait()}: {lines[-1] if lines else 'no word'}"
