"""Recombination programmed a second time, from the text alone: draw every choice, throw away what is not productive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from thymos.biology.repertoire.vdj.recombination import Recombination

GAP = 4  # where a row of bases holds none
CODONS = [a + b + c for a in "TCAG" for b in "TCAG" for c in "TCAG"]
TABLE = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
RESIDUES = np.array(
    [TABLE[CODONS.index(a + b + c)] for a in "ACGT" for b in "ACGT" for c in "ACGT"], dtype="S1"
)


def rejected(model: Recombination, n: int, seed: int) -> dict[str, Any]:
    """Residues (chain, place), length, V, J, inserted bases of the productive among n rearrangements; their share."""
    rng = np.random.default_rng(seed)
    v, j = np.divmod(rng.choice(model.vj.size, n, p=model.vj.ravel()), len(model.j))
    cut_v, cut_j = _chosen(rng, model.deletion_v[v]), _chosen(rng, model.deletion_j[j])
    made = [_kept(model.v, v, np.zeros(n, int), cut_v), _inserted(rng, model.insertions[0], n)]
    possible = (_sizes(model.v)[v] > cut_v) & (_sizes(model.j)[j] >= cut_j) & (_sizes(model.j)[j] > 0)
    if model.d:
        d = _chosen(rng, model.d_of_j.T[j])
        five, three = np.divmod(_chosen(rng, model.deletion_d[d].reshape(n, -1)), model.deletion_d.shape[2])
        possible &= five + three <= _sizes(model.d)[d]
        made += [_kept(model.d, d, five, three), _inserted(rng, model.insertions[1], n)[:, ::-1]]
    made.append(_kept(model.j, j, cut_j, np.zeros(n, int)))
    added = (made[1] != GAP).sum(axis=1) + ((made[3] != GAP).sum(axis=1) if model.d else 0)
    rows = np.concatenate(made, axis=1)
    possible &= (rows != GAP).sum(axis=1) % 3 == 0
    keep = np.flatnonzero(possible)
    rows = np.take_along_axis(rows[keep], np.argsort(rows[keep] == GAP, axis=1, kind="stable"), axis=1)
    size = (rows != GAP).sum(axis=1) // 3
    whole = rows[:, : 3 * size.max()].reshape(len(rows), -1, 3) % GAP @ [16, 4, 1]
    residues = np.where(np.arange(size.max()) < size[:, None], RESIDUES[whole], b" ")
    good = (residues != b"*").all(axis=1) & (size > 0) & (residues[:, 0] == b"C")
    good &= np.isin(residues[np.arange(len(size)), size - 1], [b"F", b"V", b"W"])
    of = keep[good]
    return {
        "residues": residues[good],
        "length": size[good],
        "v": v[of],
        "j": j[of],
        "added": added[of],
        "share": len(of) / n,
    }


def _sizes(genes: Any) -> np.ndarray:
    return np.array([gene.bases.size for gene in genes])


def _chosen(rng: np.random.Generator, laws: np.ndarray) -> np.ndarray:
    """One choice from each row; a row of zeros, of a gene that makes no chain, gives the last."""
    reached = np.cumsum(laws, axis=1)
    return np.minimum(
        (rng.random((len(laws), 1)) * reached[:, -1:] >= reached).sum(axis=1), laws.shape[1] - 1
    )


def _kept(genes: Any, which: np.ndarray, before: np.ndarray, behind: np.ndarray) -> np.ndarray:
    bases = np.full((len(genes), _sizes(genes).max()), GAP, dtype=np.int8)
    for row, gene in zip(bases, genes, strict=True):
        row[: gene.bases.size] = gene.bases
    at = np.arange(bases.shape[1])
    inside = (at >= before[:, None]) & (at < (_sizes(genes)[which] - behind)[:, None])
    return np.where(inside, bases[which], np.int8(GAP))


def _inserted(rng: np.random.Generator, gap: Any, n: int) -> np.ndarray:
    length = rng.choice(gap.length.size, n, p=gap.length)
    rows = np.full((n, gap.length.size - 1), GAP, dtype=np.int8)
    for k in range(rows.shape[1]):
        more = np.flatnonzero(k < length)
        law = np.broadcast_to(gap.first, (len(more), 4)) if k == 0 else gap.following[rows[more, k - 1]]
        rows[more, k] = _chosen(rng, law)
    return rows
