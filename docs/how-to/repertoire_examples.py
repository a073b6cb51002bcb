"""Makes the example files of the page “Analyse a repertoire”: simulated, from the invented model of recombination.

A small early sample with a few large clones, a later one in which the largest are still seen, and a healthy one.
"""

from collections import Counter
from pathlib import Path

import numpy as np

from thymos.biology.repertoire.vdj.drawn import draw
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.io.airr_export import write_rearrangements
from thymos.io.clonotypes import Clonotypes
from thymos.lang.streams import stream

HERE = Path(__file__).parent
# Clones, exponent of their sizes (smaller: larger clones), and how many of the day-60 clones go on.
SAMPLES = {"day60": (90, 0.6, 0), "day180": (1200, 1.1, 40), "healthy": (3000, 1.8, 0)}
LARGEST = 400


def sample(name: str, clones: int, exponent: float, seed: int) -> Counter:
    """Cells by (junction, bases, V, J)."""
    model = recombination("invented", "TRB")
    chains = draw(model, clones, seed, bases=True)
    chance = stream(seed, f"docs.repertoire.{name}")
    sizes = np.minimum(np.ceil(chance.pareto(exponent, clones) + 0.01), LARGEST).astype(int)
    genes = ([genes[i].name for i in which] for genes, which in ((model.v, chains.v), (model.j, chains.j)))
    cells: Counter = Counter()
    for key, size in zip(zip(chains.cdr3(), chains.cdr3_bases(), *genes, strict=True), sizes, strict=True):
        cells[key] += int(size)
    return cells


def main() -> None:
    """Write the three files."""
    early = None
    for seed, (name, (clones, exponent, kept)) in enumerate(SAMPLES.items(), start=6):
        cells = sample(name, clones, exponent, seed)
        if early is not None and kept:
            # Clones of the first sample go on at a tenth of their size.
            cells.update({key: max(1, n // 10) for key, n in early.most_common(kept)})
        early = early or cells
        aa, bases, v, j = (list(column) for column in zip(*cells, strict=True))
        write_rearrangements(
            HERE / f"{name}.tsv.gz", Clonotypes.of(name, aa, v, j, list(cells.values()), bases)
        )


if __name__ == "__main__":
    main()
