"""One program of a contest in a process of its own, in whatever environment it is installed in.

    python repertoire_worker.py MODULE CLASS GIVEN.json

Orders come as lines of JSON on the standard input, answers leave as lines of JSON on the standard output. Needs
nothing but NumPy and the program itself.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from processors import one_processor


def answer(said: dict[str, Any]) -> None:
    """One line to whoever asks."""
    os.write(ANSWERS, json.dumps(said).encode() + b"\n")


def run(program: Any, n: int) -> dict[str, Any]:
    """Do n, and say how long it took by the clock and by the processor [s]."""
    begun, busy = time.perf_counter(), time.process_time()
    found = program.run(n)
    return {
        "n": n,
        "found": found,
        "cpu_seconds": time.process_time() - busy,
        "seconds": time.perf_counter() - begun,
    }


def main() -> None:
    """Make the program, let it warm up, then wait for orders."""
    module, name, path = sys.argv[1:]
    one_processor()
    begun = time.perf_counter()
    try:
        program = getattr(importlib.import_module(module), name)(**json.loads(Path(path).read_text()))
        program.run(2)
    except Exception as failure:
        answer({"missing": f"{type(failure).__name__}: {failure}"})
        return
    answer({"name": name, "batch": 1, "first": time.perf_counter() - begun})
    for line in sys.stdin:
        try:
            answer(run(program, json.loads(line)["n"]))
        except Exception as failure:
            answer({"missing": f"{type(failure).__name__}: {failure}"})
            return


if __name__ == "__main__":
    # Libraries may print what they like: their words go where errors go.
    ANSWERS = os.dup(1)
    os.dup2(2, 1)
    main()
