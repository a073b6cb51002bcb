"""Side by side: thymos and its peers on thymos' own systems, in turns, with errors and the processor's limit.

Every engine solves the same system for the same patients, at the same tolerances, and gives the same outputs at the
same times. Error is measured against thymos at rtol 1e-11, which is itself checked against SciPy's Radau at 1e-10.

    python benchmarks/engine.py --markdown --json engine.json
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from cohort import COHORTS
from flops import work
from problem import ATOL, RTOL, Problem
from processors import machine
from start_up import start_up
from table import as_markdown, show
from turns import Turns, reference_check, say


def compare(problem: Problem, folder: Path, rounds: int, seconds: float) -> dict[str, Any]:
    """Everything measured on one system."""
    from thymos.engine.algebra import algebra
    from thymos.engine.host import this_host

    say(f"{problem.name}: starting the engines")
    turns = Turns(problem, folder, rounds, seconds)
    try:
        turns.sit()
        turns.play()
        check = reference_check(turns)
    finally:
        turns.leave()
    say("  counting operations, starting anew")
    s = problem.program.signature
    return {
        "states": len(s.states),
        "parameters": len(s.parameters),
        "outputs": len(s.outputs),
        "times": int(problem.times.size),
        "days": float(problem.times[-1]),
        "rows": turns.rows(),
        "missing": turns.missing,
        "tolerances": turns.tolerances(),
        "two_threads": turns.scaling(),
        "limit": turns.limit(work(algebra(problem.system), this_host())),
        "start_up": start_up(turns.path),
        "reference_check": check,
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--system", choices=[*COHORTS, "both"], default="both")
    parser.add_argument("--patients", type=int, default=4096, help="that thymos solves in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="that each peer is given in a round")
    parser.add_argument("--quick", action="store_true", help="1024 patients, 2 rounds, 1 second")
    parser.add_argument("--markdown", action="store_true", help="print what the documentation quotes")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    if options.quick:
        options.patients, options.rounds, options.seconds = 1024, 2, 1.0
    names = list(COHORTS) if options.system == "both" else [options.system]
    said: dict[str, Any] = {"machine": machine(), "rtol": RTOL, "atol": ATOL, "rounds": options.rounds}
    with tempfile.TemporaryDirectory() as folder:
        said["systems"] = {
            name: compare(COHORTS[name](options.patients), Path(folder), options.rounds, options.seconds)
            for name in names
        }
    (as_markdown if options.markdown else show)(said)
    if options.json:
        options.json.write_text(json.dumps(said, indent=2) + "\n")


if __name__ == "__main__":
    main()
