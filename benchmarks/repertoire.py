"""Repertoires, thymos beside its peers: chains drawn and probabilities computed, in turns, one core each.

    make bench-repertoire
    python benchmarks/repertoire.py --peers PEERS/bin/python --model righor --json FILE

Every program has a process of its own; peers run in the environment that `--peers` names, see `repertoire_peers.txt`.
A new row is one class in `repertoire_peers.py` or `repertoire_ours.py`, and one line in `CONTESTS`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from processors import machine
from seat import Missing, Seat
from turns import say, spread

OURS, PEERS = "repertoire_ours", "repertoire_peers"
MOST = 10_000_000  # that any program does in a round
AGREED = 50  # sequences whose results are shown, the same for all


@dataclass(frozen=True)
class Program:
    """A class of `repertoire_ours` or `repertoire_peers`, and what it is called in the table."""

    label: str
    module: str
    name: str


@dataclass(frozen=True)
class Contest:
    """One thing that is counted; the first program is thymos', and ratios are of it over the others.

    given     : what every program is made with
    sequences : CDR3s that are handed to every program, drawn by thymos before
    floor     : what the design asks of one quiet core, per second
    """

    title: str
    unit: str
    programs: tuple[Program, ...]
    given: dict[str, Any] = field(default_factory=dict)
    sequences: int = 0
    floor: float | None = None
    caveats: tuple[str, ...] = ()


DRAWN = (
    Program("thymos, packed arrays", OURS, "Chains"),
    Program("thymos, as Python strings", OURS, "ChainsAsText"),
    Program("righor", PEERS, "RighorChains"),
    Program("olha", PEERS, "OlhaChains"),
    Program("OLGA", PEERS, "OlgaChains"),
)
PGEN = (
    Program("thymos", OURS, "Probability"),
    Program("OLGA FastPgen", PEERS, "OlgaFastPgen"),
    Program("OLGA", PEERS, "OlgaPgen"),
)
ARRAYS = (
    "thymos returns packed arrays; its row as Python strings is what the peers' rows are to be held against."
)
BATCH = "thymos takes many CDR3s at a call, the peers one."
CONTESTS = {
    "TRB": Contest(
        "Productive TRB chains", "chains/s", DRAWN, {"locus": "TRB"}, floor=2e6, caveats=(ARRAYS,)
    ),
    "TRA": Contest("Productive TRA chains", "chains/s", DRAWN, {"locus": "TRA"}, caveats=(ARRAYS,)),
    "pgen-TRB": Contest(
        "Pgen of TRB CDR3s",
        "CDR3s/s",
        PGEN,
        {"locus": "TRB"},
        sequences=50_000,
        floor=30_000,
        caveats=(BATCH,),
    ),
    "pgen-TRA": Contest(
        "Pgen of TRA CDR3s",
        "CDR3s/s",
        PGEN,
        {"locus": "TRA"},
        sequences=50_000,
        floor=60_000,
        caveats=(BATCH,),
    ),
}


@dataclass
class Played:
    """Speeds by program and round [1/s], ratios of thymos over each, what each found, and who was not there."""

    speeds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    ratios: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    found: dict[str, dict[str, float]] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def play(contest: Contest, options: argparse.Namespace, folder: Path) -> Played:
    """All programs in turns, each for about `seconds` in a round, by the processor's clock."""
    given = contest.given | {"model": options.model}
    if contest.sequences:
        given["sequences"] = sequences(contest, options.model)
    path = folder / "given.json"
    path.write_text(json.dumps(given))
    played, seats, numbers = Played(), {}, {}
    for program in contest.programs:
        try:
            seats[program.label] = seat = sit(program, path, options.peers)
            numbers[program.label] = number(seat, contest, options.seconds)
            played.first[program.label] = seat.ready_seconds
            if contest.sequences:
                played.found[program.label] = seat.ask(n=AGREED)["found"]
        except Missing as why:
            played.missing[program.label] = str(why)
            say(f"  {program.label} takes no part: {why}")
    for k in range(options.rounds):
        say(f"  round {k + 1}")
        for label, seat in seats.items():
            said = seat.ask(n=numbers[label])
            played.speeds[label].append(said["n"] / said["cpu_seconds"])
            played.found.setdefault(label, said["found"])
        ours = played.speeds[contest.programs[0].label]
        for label in seats:
            if ours:
                played.ratios[label].append(ours[-1] / played.speeds[label][-1])
    for seat in seats.values():
        seat.close()
    return played


def sequences(contest: Contest, model: str) -> list[str]:
    """CDR3s for all, drawn with a seed."""
    from thymos.biology.repertoire.vdj.drawn import draw
    from thymos.biology.repertoire.vdj.installed import recombination

    found: list[str] = draw(recombination(model, contest.given["locus"]), contest.sequences, 1).cdr3()
    return found


def sit(program: Program, given: Path, peers: Path | None) -> Seat:
    """Start a program; raises `Missing` where it cannot be."""
    if program.module == PEERS and peers is None:
        raise Missing("no environment of the peers was named with --peers")
    python = str(peers) if program.module == PEERS else sys.executable
    return Seat(program.module, program.name, given, python=python, worker="repertoire_worker.py")


def number(seat: Seat, contest: Contest, seconds: float) -> int:
    """How many it does in about so long, found by trying."""
    n, most = 10, contest.sequences or MOST
    while True:
        took = seat.ask(n=n)["cpu_seconds"]
        if took > 0.2 * seconds or n >= most:
            return min(max(2, int(n * seconds / max(took, 1e-6))), most)
        n *= 4


def as_json(contest: Contest, played: Played) -> dict[str, Any]:
    """All figures of one contest."""
    rows = {
        label: {
            "per_second": spread(speeds),
            "thymos_over_it": spread(played.ratios[label]) if played.ratios[label] else None,
            "found": played.found[label],
            "seconds_to_first": played.first[label],
        }
        for label, speeds in played.speeds.items()
    }
    return {"title": contest.title, "unit": contest.unit, "floor": contest.floor, "rows": rows} | {
        "missing": played.missing,
        "caveats": list(contest.caveats),
    }


def show(said: dict[str, Any]) -> None:
    """Tables, and below them what has to be known to read them."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not console.is_terminal:
        console.width = 140
    m = said["machine"]
    console.print(
        f"{m['date']}, {m['processor']}, {m['processors']} processors, load {m['load']:.1f} at the start; Python "
        f"{m['python']}; {said['rounds']} rounds in turns, one core each, processor time.",
        highlight=False,
    )
    for contest in said["contests"].values():
        table = Table(title=f"{contest['title']} [{contest['unit']}]")
        for title in ("program", "median", "range", "thymos over it", "range", "found", "first result after"):
            table.add_column(title, justify="left" if title in ("program", "found") else "right")
        for label, row in contest["rows"].items():
            table.add_row(label, *cells(row))
        console.print(table)
        for sentence in sentences(contest):
            console.print(f"- {sentence}", highlight=False)


def cells(row: dict[str, Any]) -> list[str]:
    """One row of the table."""
    speed, ratio = row["per_second"], row["thymos_over_it"]
    return [
        f"{speed['median']:,.0f}",
        f"{speed['min']:,.0f} to {speed['max']:,.0f}",
        f"{ratio['median']:.3g}" if ratio else "",
        f"{ratio['min']:.3g} to {ratio['max']:.3g}" if ratio else "",
        ", ".join(f"{name} {value:.4g}" for name, value in row["found"].items()),
        f"{row['seconds_to_first']:.1f} s",
    ]


def sentences(contest: dict[str, Any]) -> list[str]:
    """Whether the floor of the design is met, what the figures leave out, and who was not there."""
    rows = list(contest["rows"].values())
    floor = []
    if contest["floor"] and rows:
        reached = rows[0]["per_second"]["median"]
        verdict = "met" if reached >= contest["floor"] else "missed"
        floor = [f"The design asks for {contest['floor']:,.0f} on a quiet core: {verdict}."]
    return [
        *floor,
        *contest["caveats"],
        "The first result includes loading and, for compiled loops that are not yet on disk, compiling.",
        *(f"{label} took no part: {why}." for label, why in contest["missing"].items()),
    ]


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--contest", action="append", choices=list(CONTESTS), help="this one; may be repeated"
    )
    parser.add_argument("--model", default="righor", help="righor, olga, or a folder: what thymos reads")
    parser.add_argument("--peers", type=Path, help="the Python of the environment that has the peers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each program in a round")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    if options.peers and not options.peers.is_file():
        parser.error(f"no Python at {options.peers}")
    contests: dict[str, Any] = {}
    said = {"machine": machine(), "rounds": options.rounds, "contests": contests}
    with tempfile.TemporaryDirectory() as folder:
        for name in options.contest or CONTESTS:
            say(name)
            contests[name] = as_json(CONTESTS[name], play(CONTESTS[name], options, Path(folder)))
    show(said)
    if options.json:
        options.json.write_text(json.dumps(said, indent=2) + "\n")


if __name__ == "__main__":
    main()
