"""Slopes of the recipient and the culture: how exact, and at what cost in plain solves.

Cost is the time of `sensitivities` over that of `solve` for the same patients, times and tolerance, the two in
turns. Error of a slope is that of an elasticity: |p (slope - exact)| / (|p exact| + 0.001 of the output's largest
value). Exact are central differences of lanes that share steps, at rtol 1e-11; these are checked against differences of
fourth order of plain solves, in which no steps are shared.

    python benchmarks/sensitivities.py --patients 24 --rounds 3 --json benchmarks/sensitivities.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from cohort import recipient
from printed import Floats

from thymos.engine import Program, sensitivities
from thymos.engine.sensitivity import EPS, EPS_CENTRAL

RECIPIENT = (
    "homing.homing_fraction", "infusion_day", "turnover.naive_cd4_loss", "periphery.naive_drive", "stroma.repair",
    "thymus.dn_residence", "gvhd_threshold", "thymic_capacity.output_slow", "thymic_capacity.cells_per_seeding",
    "thymic_capacity.etp_residence", "marrow.lag", "serotherapy.atg_elimination", "serotherapy.atg_kill_max",
    "thymus.cd4_share", "thymus.selection", "turnover.memory_cd4_loss", "periphery.conversion",
    "natural_killer.production", "b_cells.turnover",
)  # fmt: skip
CULTURE = (
    "progenitors.growth", "progenitors.myeloid_odds", "progenitors.death", "progenitors.specification", "notch.turn",
    "notch.rise", "scf",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A program, its patients (parameter, patient), output times and parameters."""

    name: str
    program: Program
    table: Floats
    times: Floats
    wrt: tuple[str, ...]

    def slopes(self, rtol: float, central: bool, eps: float | None = None, count: int | None = None) -> Any:
        """Slopes in the first `count` parameters."""
        return sensitivities(
            self.program, self.table, self.times, self.wrt[:count], rtol, rtol / 100, central=central, eps=eps
        )

    def error(self, got: Floats, exact: Floats, outputs: Floats) -> Floats:
        """Of each slope that is one (not at the moment of an event)."""
        columns = [self.program.parameter_index(name) for name in self.wrt[: got.shape[-1]]]
        p = np.abs(self.table[columns]).T[:, None, None, :]
        exact = exact[..., : got.shape[-1]]
        largest = np.abs(outputs).max(axis=1)[:, None, :, None]
        off = p * np.abs(got - exact) / (p * np.abs(exact) + 1e-3 * largest + 1e-300)
        return np.asarray(off[np.isfinite(off)])

    def apart(self, share: float = 1e-3) -> Floats:
        """Fourth-order differences of plain solves at rtol 1e-11, each with steps of its own."""
        columns = []
        for i in map(self.program.parameter_index, self.wrt):
            found = []
            for size in (share, 2 * share):
                up, down = self.table.copy(), self.table.copy()
                up[i] *= 1 + size
                down[i] *= 1 - size
                ends = [self.program.solve(p, self.times, 1e-11, 1e-13).outputs for p in (up, down)]
                found.append((ends[0] - ends[1]) / (2 * size * self.table[i])[:, None, None])
            columns.append((4 * found[0] - found[1]) / 3)
        return np.stack(columns, axis=-1)


def recipients(patients: int) -> Case:
    """The recipients of `engine.py`, a third of them with acute GvHD: a trigger on the way."""
    problem = recipient(patients)
    level = np.random.default_rng(3).exponential(0.3, patients)
    problem.parameters[problem.program.parameter_index("gvhd_threshold")] = level
    return Case("recipient", problem.program, problem.parameters, problem.times, RECIPIENT)


def lots(patients: int) -> Case:
    """Lots of different donors."""
    from thymos.therapy.culture import culture_models, culture_program
    from thymos.therapy.culture_protocol import CultureProtocol
    from thymos.therapy.sampling import Block, fill, sample

    program = culture_program("mobilised-blood")
    drawn = sample(culture_models("mobilised-blood"), 7, Block(0, 0, patients))
    table = fill(program, patients, CultureProtocol().covariates(), drawn)
    return Case("culture", program, table, np.linspace(0.5, 7.0, 14), CULTURE)


def cost(case: Case, rtol: float, central: bool, count: int, rounds: int) -> tuple[float, float]:
    """(time of the slopes over that of a plain solve, seconds per patient), medians of turns."""
    ratios, seconds = [], []
    for _ in range(rounds):
        begun = time.perf_counter()
        case.program.solve(case.table, case.times, rtol, rtol / 100)
        middle = time.perf_counter()
        case.slopes(rtol, central, count=count)
        end = time.perf_counter()
        ratios.append((end - middle) / (middle - begun))
        seconds.append((end - middle) / case.table.shape[1])
    return median(ratios), median(seconds)


def measure(case: Case, rounds: int) -> dict[str, Any]:
    """Every figure of one case."""
    exact = case.slopes(1e-11, True)
    if exact.status.any():
        raise SystemExit(f"{case.name}: the reference failed for {np.flatnonzero(exact.status)}")
    reference = case.error(case.apart(), exact.slopes, exact.outputs)
    rows = []
    for rtol in (1e-6, 1e-7, 1e-8):
        for central, lengths in ((False, (1e-7, EPS, 1e-6, 1e-5)), (True, (1e-5, EPS_CENTRAL, 1e-4))):
            for eps in lengths:
                got = case.slopes(rtol, central, eps).slopes
                off = case.error(got, exact.slopes, exact.outputs)
                rows.append({"rtol": rtol, "central": central, "eps": eps, **said(off)})
    costs = []
    for count in sorted({1, 7, len(case.wrt)}):
        for central in (False, True):
            ratio, seconds = cost(case, 1e-7, central, count, rounds)
            lanes = case.slopes(1e-7, central, count=count).lanes
            costs.append(
                {"parameters": count, "central": central, "lanes": lanes, "solves": ratio, "seconds": seconds}
            )
    return {"case": case.name, "reference": said(reference), "errors": rows, "costs": costs}


def said(off: Floats) -> dict[str, float]:
    """Median, 99th percentile and the worst."""
    return {"median": float(np.median(off)), "high": float(np.quantile(off, 0.99)), "worst": float(off.max())}


def show(found: dict[str, Any], patients: int) -> None:
    """Two tables on the terminal."""
    from rich.console import Console
    from rich.table import Table

    reference = found["reference"]
    errors = Table(title=f"{found['case']}, {patients} patients: error of slopes")
    for title in ("rtol", "differences", "eps", "median", "99%", "worst"):
        errors.add_column(title, justify="right")
    for row in found["errors"]:
        side = "central" if row["central"] else "forward"
        numbers = [f"{row[k]:.1e}" for k in ("median", "high", "worst")]
        errors.add_row(f"{row['rtol']:g}", side, f"{row['eps']:g}", *numbers)
    costs = Table(title=f"{found['case']}: cost at rtol 1e-7")
    for title in ("parameters", "differences", "lanes", "time in plain solves", "ms per patient"):
        costs.add_column(title, justify="right")
    for row in found["costs"]:
        side = "central" if row["central"] else "forward"
        numbers = [str(row["lanes"]), f"{row['solves']:.1f}", f"{1000 * row['seconds']:.2f}"]
        costs.add_row(str(row["parameters"]), side, *numbers)
    Console().print(errors, costs)
    print(
        "The reference differs from plain solves that share no steps by "
        f"{reference['median']:.0e} (median), {reference['high']:.0e} (99%), {reference['worst']:.0e} (worst)."
    )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--patients", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    found = []
    for case in (recipients(options.patients), lots(options.patients)):
        found.append(measure(case, options.rounds))
        show(found[-1], options.patients)
    if options.json:
        machine = {"processor": platform.processor() or platform.machine(), "cpus": os.cpu_count()}
        text = {
            "machine": machine,
            "python": sys.version.split()[0],
            "patients": options.patients,
            "cases": found,
        }
        options.json.write_text(json.dumps(text, indent=2) + "\n")


if __name__ == "__main__":
    main()
