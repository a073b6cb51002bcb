"""Two models small enough to write down every way a chain can be made: IGoR files, and the enumeration."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.vdj.igor import from_igor
from thymos.io.igor import NEEDS, IgorModel
from thymos.io.igor_anchors import Anchor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from thymos.biology.repertoire.vdj.recombination import Insertion, Recombination

# Behind the conserved TGT and before the conserved TTC a few bases each; the last V is a pseudogene.
V = (("V1*01", "GATGTGCCAGT"), ("V2*01", "CCTGTGCTT"), ("V3*01", "AATGTGGGA"))
J = (("J1*01", "ACGTTCGG"), ("J2*01", "AGCATTCAC"))
D = (("D1*01", "GACT"), ("D2*01", "GGC"))
VALUES = {
    "v_3_del": [-1, 0, 1, 2, 3],
    "j_5_del": [-1, 0, 1, 2],
    "d_5_del": [-1, 0, 1, 2],
    "d_3_del": [-1, 0, 1, 2],
    "vd_ins": [0, 1, 2],
    "dj_ins": [0, 1, 2],
    "vj_ins": [0, 1, 2, 3],
}


def tiny_files(locus: str) -> IgorModel:
    """The model as files hold it: every law drawn once from a fixed stream."""
    rng = np.random.default_rng(7)
    genes = {"v_choice": V, "j_choice": J} | ({"d_gene": D} if locus == "TRB" else {})
    named = {event: [(locus + name, bases) for name, bases in found] for event, found in genes.items()}
    sizes = {e: len(named.get(e) or VALUES.get(e) or "ACGT") for e in NEEDS[locus]}
    laws = {
        e: rng.dirichlet(np.ones(sizes[e]), size=4 if e.endswith("dinucl") else [sizes[p] for p in parents])
        for e, parents in NEEDS[locus].items()
    }
    v = {name: Anchor(2, "P" if "V3" in name else "F", "") for name, _ in named["v_choice"]}
    j = {name: Anchor(len(bases) - 5, "F", "") for name, bases in named["j_choice"]}
    values = {e: VALUES[e] for e in NEEDS[locus] if e in VALUES}
    return IgorModel(Path("tiny"), locus, named, values, laws, {"v_choice": v, "j_choice": j})


def tiny(locus: str) -> Recombination:
    """The law of the same model."""
    return from_igor(tiny_files(locus), "tiny, for tests")


def every_chain(model: Recombination) -> dict[tuple[bytes, int, int], float]:
    """Probability of each (CDR3 as codes of bases, v, j), productive or not; what makes no chain is not in it."""
    found: dict[tuple[bytes, int, int], float] = defaultdict(float)
    for (v, j), gene_pair in np.ndenumerate(model.vj):
        if not (model.v[v].bases.size and model.j[j].bases.size and gene_pair):
            continue
        left = _joined(_kept_v(model, v), _added(model.insertions[0]))
        right = _kept_j(model, j)
        if model.d:
            added = {text[::-1]: p for text, p in _added(model.insertions[1]).items()}
            right = _joined(_joined(_kept_d(model, j), added), right)
        for text, p in _joined(left, right).items():
            found[text, v, j] += gene_pair * p
    return found


def _joined(left: Mapping[bytes, float], right: Mapping[bytes, float]) -> dict[bytes, float]:
    found: dict[bytes, float] = defaultdict(float)
    for a, p in left.items():
        for b, q in right.items():
            found[a + b] += p * q
    return found


def _kept_v(model: Recombination, v: int) -> dict[bytes, float]:
    bases = model.v[v].bases.tobytes()
    return {bases[: len(bases) - d]: p for d, p in enumerate(model.deletion_v[v].tolist()) if d < len(bases)}


def _kept_j(model: Recombination, j: int) -> dict[bytes, float]:
    bases = model.j[j].bases.tobytes()
    return {bases[d:]: p for d, p in enumerate(model.deletion_j[j].tolist()) if d <= len(bases)}


def _kept_d(model: Recombination, j: int) -> dict[bytes, float]:
    found: dict[bytes, float] = defaultdict(float)
    for d, gene in enumerate(model.d):
        bases = gene.bases.tobytes()
        for (five, three), p in np.ndenumerate(model.deletion_d[d]):
            if five + three <= len(bases):
                found[bases[five : len(bases) - three]] += model.d_of_j[d, j] * p
    return found


def _added(insertion: Insertion) -> dict[bytes, float]:
    found: dict[bytes, float] = {b"": float(insertion.length[0])}
    chains = {bytes([b]): float(p) for b, p in enumerate(insertion.first)}
    for p_length in insertion.length[1:].tolist():
        found |= {text: p * p_length for text, p in chains.items()}
        chains = {
            text + bytes([b]): p * float(insertion.following[text[-1], b])
            for text, p in chains.items()
            for b in range(4)
        }
    return found
