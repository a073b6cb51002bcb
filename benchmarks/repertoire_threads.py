"""What threads add: chains drawn, probabilities and bonds on 1, 2, 4, ... threads, the same bits each time.

    python benchmarks/repertoire_threads.py --model FOLDER [--most 16] [--rounds 5]

FOLDER holds the human models of righor, `t_beta` within it. It wants numpy, numba and scipy alone, and a quiet machine
with as many cores as threads. Numbers of threads take turns within a round.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from thymos.biology.repertoire.selection.affinity import strongest
from thymos.biology.repertoire.selection.contact_energy import random_table
from thymos.biology.repertoire.vdj.drawn import Sampler
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.biology.repertoire.vdj.pgen import Pgen

CHAINS, PROBABILITIES, RECEPTORS, PEPTIDES = 8_000_000, 200_000, 400_000, 10_000


def works(model: str) -> dict[str, tuple[float, Callable[[int], Any]]]:
    """What is done, how many of it, and how, by threads."""
    law = recombination(Path(model) / "t_beta", "TRB")
    sampler, pgen = Sampler(law), Pgen(law)
    some = sampler.draw(PROBABILITIES, 1)
    rng = np.random.default_rng(1)
    receptors = rng.integers(0, 20, (RECEPTORS, 5), dtype=np.uint8)
    peptides = rng.integers(0, 20, (PEPTIDES, 5), dtype=np.uint8)
    energies = random_table(1, 0)
    return {
        "TRB chains drawn": (CHAINS, lambda n: sampler.draw(CHAINS, 1, workers=n).residues),
        "TRB probabilities": (PROBABILITIES, lambda n: pgen.of(some, workers=n)),
        "bonds, five contacts": (
            RECEPTORS * PEPTIDES,
            lambda n: strongest(receptors, peptides, energies, workers=n),
        ),
    }


def main() -> None:
    """Rows, as they are measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--most", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    o = parser.parse_args()
    threads = [2**i for i in range(o.most.bit_length()) if 2**i <= o.most]
    for name, (number, do) in works(o.model).items():
        seconds: dict[int, list[float]] = {n: [] for n in threads}
        digests = {digest(do(n)) for n in threads}  # compiles, and warms up
        assert len(digests) == 1, f"{name}: not the same bits"
        for _ in range(o.rounds):
            for n in threads:
                began = time.perf_counter()
                do(n)
                seconds[n].append(time.perf_counter() - began)
        one = statistics.median(seconds[1])
        for n in threads:
            ratios = sorted(a / b for a, b in zip(seconds[1], seconds[n], strict=True))
            speed = number / statistics.median(seconds[n])
            print(f"{name:24} {n:3} threads {speed:12.4g}/s  {one / statistics.median(seconds[n]):5.2f} times one "
                  f"({ratios[0]:.2f} to {ratios[-1]:.2f})", flush=True)  # fmt: skip


def digest(array: Any) -> str:
    """The bits of a result."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


if __name__ == "__main__":
    main()
