"""One engine in a process of its own: says when it is ready, then solves what it is asked to.

    python worker.py MODULE CLASS PROBLEM.npz

Orders come as lines of JSON on the standard input, answers leave as lines of JSON on the standard output.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from problem import Problem
from processors import one_processor


def answer(said: dict[str, Any]) -> None:
    """One line to whoever asks."""
    os.write(ANSWERS, json.dumps(said).encode() + b"\n")


def solve(engine: Any, n: int, into: str | None = None, **options: Any) -> dict[str, Any]:
    """Run n patients, store their outputs where asked, and say how long it took [s] and the most memory held [B]."""
    begun, busy = time.perf_counter(), time.process_time()
    found = engine.run(n, **options)
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - busy
    if into:
        np.save(into, found)
    said = {"n": n, "seconds": seconds, "cpu_seconds": cpu_seconds, **getattr(engine, "said", {})}
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return said | {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}


def main() -> None:
    """Make the engine, solve one patient, then wait for orders."""
    module, name, path = sys.argv[1:]
    one_processor()
    try:
        engine = getattr(importlib.import_module(module), name)(Problem.read(Path(path)))
        engine.run(1)
    except Exception as failure:
        answer({"missing": f"{type(failure).__name__}: {failure}"})
        return
    # Patients that cost as much as one: a batch is run whole.
    answer({"name": engine.name, "batch": getattr(engine, "batch", 1)})
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer(engine.measure(**order) if order.pop("measure", False) else solve(engine, **order))
        except Exception as failure:
            answer({"missing": f"{type(failure).__name__}: {failure}"})
            return


if __name__ == "__main__":
    # Libraries may print what they like: their words go where errors go.
    ANSWERS = os.dup(1)
    os.dup2(2, 1)
    main()
