"""A million patients in constant memory: time and peak memory of populations of growing size.

    python benchmarks/million.py                                  # up to 10^5 folded, a trial of up to 10^4
    python benchmarks/million.py --fold 1000000 --trial 1000000   # the whole way, more than an hour

Every size runs in a process of its own, whose peak memory the operating system reports. `fold` solves the
recipient of the shipped SCID study and keeps quantiles of six lineages on 131 days and the table of its events;
`trial` is `thymos trial scid-haplo`, with every virtual patient, visit and event stored.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

TARGET = 1.5e9  # bytes
LINEAGES = ("cd3", "cd4", "cd8", "cd19", "nk", "trec")


class Recipients:
    """Parameter matrices of the study's untreated patients, made block by block."""

    def __init__(self, patients: int) -> None:
        from thymos.io.study_file import read_study
        from thymos.therapy.recipient import recipient_program
        from thymos.therapy.sampling import blocks_of

        self.program = recipient_program()
        self.study = read_study(Path(str(files("thymos.trial") / "studies" / "scid-haplo.yaml")))
        self.blocks = blocks_of(patients, min(self.study.draws, patients), largest=500)

    def __len__(self) -> int:
        return len(self.blocks)

    def __getitem__(self, index: int) -> Any:
        from thymos.therapy.sampling import fill
        from thymos.trial.population import population

        block = self.blocks[index]
        people = population(self.study, self.study.seed, block)
        dose = {"dose": 0.0, "infusion_day": float("inf")}
        return fill(self.program, block.size, people.parameters, people.covariates, dose)


def fold_recipients(patients: int, workers: int) -> dict[str, Any]:
    """Solve and fold, at the tolerances of a trial."""
    from thymos.engine import fold
    from thymos.engine.reducers import Incidence, Quantiles
    from thymos.trial.simulation import ATOL, RTOL, output_days

    people = Recipients(patients)
    days = output_days(people.study.follow_up)
    keep: dict[str, Any] = {name: Quantiles(name) for name in LINEAGES} | {"events": Incidence(days)}
    folded = fold(people.program, people, days, keep, rtol=RTOL, atol=ATOL, workers=workers)
    counts = [folded[name].counts.nbytes for name in LINEAGES]
    return {"patients": folded.failures.patients, "failed": folded.failures.failed, "counts": sum(counts)}


def trial(patients: int, workers: int) -> dict[str, Any]:
    """Run the study, and say how large its folder is."""
    from thymos.trial.run import load_study, run_trial

    with TemporaryDirectory(dir=os.environ.get("THYMOS_BENCH_FOLDER")) as folder:
        run = run_trial(
            load_study("scid-haplo"), out=Path(folder) / "run", patients=patients, workers=workers
        )
        size = sum(file.stat().st_size for file in run.path.rglob("*") if file.is_file())
        return {"patients": patients, "failed": run.summary()["failed"]["n"], "disk": size}


WHAT = {"fold": fold_recipients, "trial": trial}


def measured(what: str, patients: int, workers: int) -> dict[str, Any]:
    """One size, in this process."""
    began = time.perf_counter()
    found = WHAT[what](patients, workers)
    seconds = time.perf_counter() - began
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    times = {"seconds": seconds, "processor": time.process_time()}
    return {"what": what, **found, **times, "peak": peak, "workers": workers}


def apart(what: str, patients: int, workers: int) -> dict[str, Any]:
    """One size, in a process of its own."""
    command = [sys.executable, __file__, "--one", what, str(patients), "--workers", str(workers)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def processor() -> str:
    """What the operating system calls it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(": ")[2] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def show(rows: list[dict[str, Any]]) -> None:
    """A table on the terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{datetime.now(UTC):%Y-%m-%d}, {processor()}, {os.cpu_count()} CPUs")
    titles = (
        "what",
        "patients",
        "failed",
        "time",
        "processor time",
        "patients/s",
        "peak memory",
        "on disk",
        "target 1.5 GB",
    )
    for title in titles:
        table.add_column(title, justify="left" if title == "what" else "right")
    for row in rows:
        table.add_row(
            row["what"],
            f"{row['patients']:,}",
            str(row["failed"]),
            f"{row['seconds']:,.0f} s",
            f"{row['processor']:,.0f} s",
            f"{row['patients'] / row['seconds']:,.0f}",
            f"{row['peak'] / 1e6:,.0f} MB",
            f"{row['disk'] / 1e6:,.0f} MB" if "disk" in row else "",
            "met" if row["peak"] < TARGET else "missed",
        )
    Console(width=120).print(table)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fold", type=int, nargs="*", default=[10_000, 100_000], metavar="PATIENTS")
    parser.add_argument("--trial", type=int, nargs="*", default=[1000, 10_000], metavar="PATIENTS")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--one", nargs=2, metavar=("WHAT", "PATIENTS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(options.one[0], int(options.one[1]), options.workers)))
        return
    sizes = [("fold", n) for n in options.fold] + [("trial", n) for n in options.trial]
    rows = []
    for what, n in sizes:
        rows.append(apart(what, n, options.workers))
        print(rows[-1], file=sys.stderr, flush=True)
    show(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
