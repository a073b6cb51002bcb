"""Generation probabilities of thymos against those of OLGA's FastPgen, chain by chain.

    python benchmarks/pgen_agreement.py --peers PEERS/bin/python --models FOLDER

FOLDER holds `human_T_beta` and `human_T_alpha`, as olga brings them. OLGA runs as a program of its own, in the
environment that `--peers` names, see `repertoire_peers.txt`. Files round their probabilities, and OLGA takes most laws
as they stand: so thymos is asked twice, with each law made to add up to 1, as it does, and with the laws as they stand.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.vdj.drawn import draw
from thymos.biology.repertoire.vdj.installed import OLGA, recombination
from thymos.biology.repertoire.vdj.pgen import Pgen
from thymos.io.igor import read_igor

if TYPE_CHECKING:
    from thymos.biology.repertoire.vdj.recombination import Recombination

HERE = Path(__file__).parent
PEER = """
import json, sys
from repertoire_peers import OlgaFastPgen
given = json.load(sys.stdin)
pgen = OlgaFastPgen(**given).pgen
print("values", json.dumps([pgen.compute_aa_CDR3_pgen(s) for s in given["sequences"]]))
"""


def as_it_stands(model: Recombination, folder: Path) -> Recombination:
    """The model with its laws as the files have them, but for those of a base that follows another."""
    said = read_igor(folder).marginals
    gaps = ("vd", "dj") if model.has_d else ("vj",)
    added = [replace(x, length=said[f"{gap}_ins"]) for x, gap in zip(model.insertions, gaps, strict=True)]
    raw = replace(
        model,
        vj=said["v_choice"][:, None] * said["j_choice"],
        deletion_v=said["v_3_del"],
        deletion_j=said["j_5_del"],
        insertions=tuple(added),
    )
    if not model.has_d:
        return raw
    both = said["d_5_del"][:, :, None] * said["d_3_del"]
    return replace(raw, d_of_j=said["d_gene"].T, deletion_d=both)


def theirs(python: Path, locus: str, sequences: list[str]) -> np.ndarray:
    """What OLGA says."""
    asked = json.dumps({"locus": locus, "sequences": sequences})
    said = subprocess.run(  # noqa: S603  the program that was named
        [python, "-c", PEER], input=asked, capture_output=True, text=True, check=True, cwd=HERE
    )
    (values,) = (line for line in said.stdout.splitlines() if line.startswith("values "))
    return np.array(json.loads(values.removeprefix("values ")))


def main() -> None:
    """Compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--peers", type=Path, required=True, help="the Python of an environment with olga")
    parser.add_argument("--models", type=Path, required=True, help="folder of olga's models")
    parser.add_argument("--chains", type=int, default=1000)
    options = parser.parse_args()
    for locus, name in OLGA.items():
        folder = options.models / name
        model = recombination(folder, locus)
        sequences = draw(model, options.chains, seed=1).cdr3()
        peer = theirs(options.peers, locus, sequences)
        for what, law in (("laws add up to 1", model), ("as they stand", as_it_stands(model, folder))):
            ratio = Pgen(law).of_texts(sequences) / peer
            offset, spread = ratio.mean() - 1, ratio.max() - ratio.min()
            print(f"{locus}, {what}: {len(ratio):,} chains, ratio 1 {offset:+.2g}, spread {spread:.2g}")


if __name__ == "__main__":
    main()
