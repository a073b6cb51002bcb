"""All engines on one system, in turns: what is slow for a minute is slow for everyone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from accuracy import errors, loosest
from flops import Count, Work
from peers import PEERS, Peer
from printed import Floats
from problem import RTOL, Problem
from seat import Missing, Seat
from thymos_lanes import Thymos

LADDER = (1e-4, 3e-5, 1e-5, 3e-6, RTOL, 3e-7, 1e-7, 1e-8)
REFERENCE = 1e-11
THREADS = 2
LEAST = 8  # patients of a peer, however slow it is: an error of fewer says little


def say(text: str) -> None:
    """A word on how far we are."""
    import sys

    print(text, file=sys.stderr, flush=True)


def spread(values: list[float]) -> dict[str, float]:
    """Median, smallest, largest."""
    return {"median": median(values), "min": min(values), "max": max(values)}


@dataclass
class Turns:
    """One system's comparison.

    seconds : that a peer is given in each round, for `LEAST` patients more if it must be
    checked : patients whose errors are looked at; `exact` are their outputs at `REFERENCE`
    speeds  : patients per second by engine and round; `ratios` thymos over a peer, the two one after the other

    Every engine but that with two threads is held to one core and timed by the processor's clock, which stands while
    other programs have the core.
    """

    problem: Problem
    folder: Path
    rounds: int
    seconds: float
    checked: int = 256
    missing: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path = self.folder / f"{self.problem.name}.npz"
        self.problem.write(self.path)
        self.checked = min(self.checked, self.problem.size)
        self.speeds: dict[str, list[float]] = defaultdict(list)
        self.ratios: dict[str, list[float]] = defaultdict(list)
        self.errors: dict[str, Floats] = {}
        self.ours: dict[float, Floats] = {}
        self.said: dict[str, list[Any]] = defaultdict(list)

    # ---- the engines

    def sit(self) -> None:
        """Start everyone, ourselves first, and learn how many patients fit into a peer's time."""
        self.thymos = Seat("thymos_lanes", Thymos.__name__, self.path)
        _, self.exact = self.thymos.solve(self.folder, n=self.checked, rtol=REFERENCE, workers=THREADS)
        self.peers: list[tuple[Peer, Seat, int]] = []
        for peer in PEERS:
            try:
                seat = self._start(peer)
                first = seat.ask(n=seat.batch)
                batches = max(int(self.seconds / first["cpu_seconds"]), -(-LEAST // seat.batch))
                n = min(batches * seat.batch, self.checked)
                self.peers.append((peer, seat, n))
                say(f"  {seat.name}: ready in {seat.ready_seconds:.1f} s, {n} patients a round")
            except Missing as why:
                self._lose(peer, why)

    def _start(self, peer: Peer) -> Seat:
        try:
            version(peer.distribution)
        except PackageNotFoundError:
            raise Missing(f"{peer.distribution} is not installed") from None
        return Seat(peer.module, peer.name, self.path)

    def _lose(self, peer: Peer, why: Missing) -> None:
        self.missing[peer.distribution] = str(why)
        say(f"  {peer.distribution} takes no part: {why}")

    def leave(self) -> None:
        """End all processes."""
        for seat in (self.thymos, *(seat for _, seat, _ in self.peers)):
            seat.close()

    # ---- the rounds

    def play(self) -> None:
        """All rounds."""
        for k in range(self.rounds):
            say(f"  round {k + 1} of {self.rounds}")
            self._alone()
            self._threads()
            self._tolerances()
            for peer, seat, n in list(self.peers):
                try:
                    self._beside(seat, n)
                except Missing as why:
                    self._lose(peer, why)
                    self.peers.remove((peer, seat, n))

    def _ours(self, n: int, **options: Any) -> float:
        said = self.thymos.ask(n=n, **options)
        return float(n / said["cpu_seconds"])

    def _alone(self) -> None:
        """One thread of thymos, right after what its core can do at most."""
        ceiling = self.thymos.ask(measure=True)
        said = self.thymos.ask(n=self.problem.size)
        self.speeds["thymos"].append(said["n"] / said["cpu_seconds"])
        self.said["alone"].append(said | ceiling)

    def _threads(self) -> None:
        """Two threads against one by the clock on the wall, and the same for bare arithmetic."""
        one, two = (self.thymos.ask(measure=True, workers=w, wall=True)["flops"] for w in (1, THREADS))
        alone, together = (self.thymos.ask(n=self.problem.size, workers=w) for w in (1, THREADS))
        self.speeds["two threads"].append(self.problem.size / together["seconds"])
        self.said["scaling"].append(alone["seconds"] / together["seconds"])
        self.said["scaling of work"].append(THREADS * alone["cpu_seconds"] / together["cpu_seconds"])
        self.said["bare scaling"].append(two / one)

    def _tolerances(self) -> None:
        """Speed at other tolerances over that at the common one; errors in the first round."""
        n = min(self.problem.size, 4 * self.checked)
        for rtol in LADDER:
            if rtol not in self.ours:
                _, got = self.thymos.solve(self.folder, n=self.checked, rtol=rtol)
                self.ours[rtol] = errors(got, self.exact)
            common = self._ours(n)
            self.said[f"speed at {rtol:g}"].append(self._ours(n, rtol=rtol) / common)

    def _beside(self, seat: Seat, n: int) -> None:
        """A peer, and thymos on the same patients repeated before it."""
        ours = self._ours(min(self.problem.size, 4 * self.checked))
        said, got = seat.solve(self.folder, n=n)
        self.speeds[seat.name].append(n / said["cpu_seconds"])
        self.ratios[seat.name].append(ours * said["cpu_seconds"] / n)
        self.errors[seat.name] = errors(got, self.exact[:n])

    # ---- what came out

    def rows(self) -> list[dict[str, Any]]:
        """One for each engine, ourselves first."""
        own = {"engine": "thymos", "patients": self.problem.size, "ratio": None, "matched": None}
        return [own | self._common("thymos", self.thymos, self.ours[RTOL])] + [
            {"engine": seat.name, "version": version(peer.distribution), "patients": n}
            | {"ratio": spread(self.ratios[seat.name]), "matched": self._matched(seat.name)}
            | self._common(seat.name, seat, self.errors[seat.name])
            for peer, seat, n in self.peers
        ]

    def _common(self, name: str, seat: Seat, error: Floats) -> dict[str, Any]:
        return {
            "patients_per_second": spread(self.speeds[name]),
            "error_median": float(np.median(error)),
            "error_max": float(error.max()),
            "ready_seconds": seat.ready_seconds,
            "memory": seat.memory,
        }

    def _matched(self, name: str) -> dict[str, float] | None:
        """thymos over a peer where thymos is no further from the truth."""
        rtol = loosest(self.ours, self.errors[name])
        if rtol is None:
            return None
        gain = median(self.said[f"speed at {rtol:g}"])
        return {"rtol": rtol, "ratio": gain * median(self.ratios[name])}

    def limit(self, work: Work) -> dict[str, Any]:
        """The share of the processor's fused multiply-adds that one thread puts to use, by round and in the median."""
        times = self.problem.times.size
        shares, busy = [], []
        last = self.said["alone"][-1]
        patient = Count(
            round(last["steps"] * work.step.flops + times * work.output.flops),
            round(last["steps"] * work.step.divisions + times * work.output.divisions),
        )
        for said, speed in zip(self.said["alone"], self.speeds["thymos"], strict=True):
            shares.append(speed * patient.flops / said["flops"])
            busy.append(speed * patient.divisions / said["divisions"])
        return {
            "share_of_fma_limit": spread(shares),
            "share_of_time_for_divisions": spread(busy),
            "steps_per_patient": last["steps"],
            "flops_per_step": work.step.flops,
            "divisions_per_step": work.step.divisions,
            "flops_per_output": work.output.flops,
            "flops_per_patient": patient.flops,
            "patients_per_second_at_limit": median(s["flops"] for s in self.said["alone"]) / patient.flops,
            "peak_flops": spread([said["flops"] for said in self.said["alone"]]),
            "peak_divisions": spread([said["divisions"] for said in self.said["alone"]]),
            "flops_per_step_before_llvm": work.step_as_written.flops,
            "functions": {
                name: {"before_llvm": written.flops, "machine_code": left.flops}
                for name, written, left in work.straight()
            },
        }

    def scaling(self) -> dict[str, Any]:
        """Two threads over one, for thymos and for bare arithmetic.

        by_processor_time : what two threads would reach if nothing else ran and both were busy to the end
        """
        return {
            "patients_per_second": spread(self.speeds["two threads"]),
            "thymos": spread(self.said["scaling"]),
            "by_processor_time": spread(self.said["scaling of work"]),
            "arithmetic": spread(self.said["bare scaling"]),
        }

    def tolerances(self) -> list[dict[str, float]]:
        """Speed against error over tolerances of thymos."""
        common = median(self.speeds["thymos"])
        return [
            {
                "rtol": rtol,
                "patients_per_second": common * median(self.said[f"speed at {rtol:g}"]),
                "error_median": float(np.median(self.ours[rtol])),
                "error_max": float(self.ours[rtol].max()),
            }
            for rtol in LADDER
        ]


def reference_check(turns: Turns, patients: int = 2) -> float:
    """Largest difference of the reference from SciPy's Radau at rtol 1e-10."""
    seat = Seat("scipy_lsoda", "ScipyRadau", turns.path)
    _, radau = seat.solve(turns.folder, n=patients)
    seat.close()
    return float(errors(radau, turns.exact[:patients]).max())
