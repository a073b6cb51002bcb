"""Receptor x peptide pairs per second: the lane kernels beside NumPy and BLAS, in turns, on one core.

    python benchmarks/selection.py [--receptors 20000] [--peptides 10000] [--rounds 5] [--json FILE]

Every way finds the lowest energy of each receptor over all peptides, and all must find the same. Time is that of the
processor, which stands while other programs have the core; BLAS is held to one thread. "thymos" is the whole call,
with the tables made; "lanes" is the loop alone, on tables that are there already, unrolled or for any number of
contacts. Peers: a gather of NumPy over 64 receptors at a time, and a single-precision product with one-hot peptides.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from processors import machine
from threadpoolctl import threadpool_limits
from turns import say, spread

from thymos.biology.repertoire.selection.affinity import recognised, strongest
from thymos.biology.repertoire.selection.contact_energy import Energies, miyazawa_jernigan, random_energies
from thymos.biology.repertoire.selection.lanes import LOWEST, lowest_any
from thymos.biology.repertoire.selection.peptides import random_peptides
from thymos.lang.streams import stream

Residues = NDArray[np.uint8]
Ways = dict[str, Callable[[], Any]]
CONTACTS = (5, 9)
FLOOR = 2e9
"""Pairs per second that the design asks of one quiet core, with five contacts."""
GATHERED, MULTIPLIED = 64, 512
"""Receptors that the peers take at a time."""
RARE = 1e-4
"""Share of bonds that are strong enough where they are counted."""


def gathered(tables: NDArray[np.int16], peptides: Residues) -> NDArray[np.int16]:
    """Sums of rows that NumPy gathers."""
    lowest = np.empty(len(tables), np.int16)
    for first in range(0, len(tables), GATHERED):
        some = tables[first : first + GATHERED]
        total = some[:, 0, peptides[:, 0]]
        for i in range(1, peptides.shape[1]):
            total += some[:, i, peptides[:, i]]
        lowest[first : first + GATHERED] = total.min(axis=1)
    return lowest


def multiplied(tables: NDArray[np.float32], hot: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same as a product of matrices."""
    lowest = np.empty(len(tables), np.float32)
    for first in range(0, len(tables), MULTIPLIED):
        lowest[first : first + MULTIPLIED] = (tables[first : first + MULTIPLIED] @ hot).min(axis=1)
    return lowest


def one_hot(peptides: Residues) -> NDArray[np.float32]:
    """Peptides as columns with a 1 for each contact."""
    number, contacts = peptides.shape
    hot = np.zeros((20 * contacts, number), np.float32)
    for i in range(contacts):
        hot[20 * i + peptides[:, i], np.arange(number)] = 1
    return hot


def ways(receptors: Residues, peptides: Residues) -> Ways:
    """Every way to the lowest energies, each as a call without arguments."""
    contacts = peptides.shape[1]
    table: Energies = miyazawa_jernigan(contacts)
    tables = np.ascontiguousarray(table.tables(receptors))
    flat, hot = tables.reshape(len(tables), -1).astype(np.float32), one_hot(peptides)

    def lanes(loop: Callable[..., None]) -> Callable[[], NDArray[np.int16]]:
        lowest = np.empty(len(tables), np.int16)

        def run() -> NDArray[np.int16]:
            loop(tables, peptides, lowest)
            return lowest

        return run

    return {
        "thymos": lambda: strongest(receptors, peptides, table),
        "lanes, unrolled": lanes(LOWEST[contacts]),
        "lanes, any contacts": lanes(lowest_any),
        "NumPy gather": lambda: gathered(tables, peptides),
        "one-hot sgemm": lambda: multiplied(flat, hot),
    }


def others(receptors: Residues, peptides: Residues) -> Ways:
    """What has no peer here: energies of each receptor, and counts of strong bonds."""
    own = random_energies(1, 0, peptides.shape[1])
    sample = strongest(receptors[:500], peptides[:100], own)
    limit = int(np.quantile(sample, 100 * RARE))  # of 100 bonds the strongest: 100 times as rare among all
    return {
        "thymos, random energies": lambda: strongest(receptors, peptides, own),
        "thymos, counts": lambda: recognised(receptors, peptides, own, limit),
    }


def played(receptors: Residues, peptides: Residues, rounds: int) -> dict[str, Any]:
    """Speeds of all ways, one after the other in each round, and thymos over each in the same round."""
    rivals, alone = ways(receptors, peptides), others(receptors, peptides)
    found = {name: way() for name, way in rivals.items()}  # compiled, and warm
    for name, lowest in found.items():
        assert np.array_equal(lowest, found["thymos"]), f"{name} finds other energies"
    for way in alone.values():
        way()
    speeds: dict[str, list[float]] = defaultdict(list)
    for k in range(rounds):
        say(f"  round {k + 1} of {rounds}")
        for name, way in (rivals | alone).items():
            start = time.process_time()
            way()
            speeds[name].append(len(receptors) * len(peptides) / (time.process_time() - start))
    ratios = {name: [a / b for a, b in zip(speeds["thymos"], x, strict=True)] for name, x in speeds.items()}
    return {
        "pairs_per_second": {name: spread(x) for name, x in speeds.items()},
        "thymos_over": {name: spread(ratios[name]) for name in rivals if name != "thymos"},
    }


def measured(receptors: int, peptides: int, rounds: int) -> dict[str, Any]:
    """All contests."""
    said: dict[str, Any] = {
        "machine": machine(),
        "receptors": receptors,
        "peptides": peptides,
        "rounds": rounds,
    }
    for contacts in CONTACTS:
        say(f"{contacts} contacts")
        some = random_peptides(receptors, stream(1, "benchmark.receptors"), contacts)
        with threadpool_limits(1):
            said[f"{contacts} contacts"] = played(
                some, random_peptides(peptides, stream(1, "benchmark.peptides"), contacts), rounds
            )
    return said


def show(said: dict[str, Any]) -> None:
    """Print the tables as the documentation quotes them."""
    m = said["machine"]
    rounds = f"one thread, {said['rounds']} rounds in turns"
    print(f"{m['date']}, {m['processor']}, load {m['load']:.1f} at the start; {rounds}")
    for contacts in CONTACTS:
        found = said[f"{contacts} contacts"]
        print(
            f"\n| {contacts} contacts | pairs/s, median (range) | thymos is faster by |\n| --- | ---: | ---: |"
        )
        for name, x in found["pairs_per_second"].items():
            ratio = found["thymos_over"].get(name)
            times = f"{ratio['median']:.2g} ({ratio['min']:.2g}-{ratio['max']:.2g})" if ratio else ""
            print(f"| {name} | {x['median']:.2e} ({x['min']:.2e}-{x['max']:.2e}) | {times} |")
    reached = said["5 contacts"]["pairs_per_second"]["thymos"]["median"]
    print(f"\nFloor with five contacts: {FLOOR:.0e} pairs/s, {'kept' if reached >= FLOOR else 'MISSED'}.")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--receptors", type=int, default=20_000)
    parser.add_argument("--peptides", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    said = measured(asked.receptors, asked.peptides, asked.rounds)
    show(said)
    if asked.json is not None:
        asked.json.write_text(json.dumps(said, indent=1) + "\n")


if __name__ == "__main__":
    main()
