r"""The law of recombination given the reading frame, as alias tables.

A chain is in frame where the bases kept of V, D and J and the bases added between them are together a multiple of
three. What each segment keeps modulo three, its residue, is drawn first, from the exact law of all residues that add up
to 0, together with the genes that they depend on; then each segment given its residue. So no chain is drawn out of
frame and thrown away, and the law is exactly that of rejection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.vdj.alias import AliasTables
from thymos.lang.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from thymos.biology.repertoire.vdj.recombination import Gene, Recombination

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Law = tuple[Floats, Whole]

FIELD = 12
"""Bits of each field of an outcome of `frames`: tables of J, second insertion, D, first insertion, V, lowest first."""
LOW = 8
"""Bits of a number of deleted bases; the gene, or the other end's deletion, stands above."""


@dataclass(frozen=True)
class Framed:
    """What a chain in frame is drawn from.

    frames  : one table; an outcome names a table of each segment, `FIELD` bits each
    v, j    : an outcome is gene << LOW | deleted; table 3 j + residue, and for V residue alone, or 3 v + residue
              where V and J are drawn together
    d       : an outcome is deleted from 5' << LOW | deleted from 3'; table 3 d + residue
    added   : number of inserted bases; table 3 gap + residue
    in_frame: probability that a rearrangement is in frame, of genes that can make a chain, none cut beyond its end
    """

    frames: AliasTables
    v: AliasTables
    d: AliasTables
    j: AliasTables
    added: AliasTables
    in_frame: float


@dataclass(frozen=True)
class _Segment:
    """Weights, kept lengths modulo 3 and outcomes of each way to trim a gene, for each gene (gene, way)."""

    weight: Floats
    residue: Whole
    outcome: Whole

    def given(self, residue: int) -> Floats:
        """Weights of the ways that keep so many bases modulo 3, of all genes (gene, way)."""
        return np.where(self.residue == residue, self.weight, 0.0)

    def shares(self) -> Floats:
        """Their sums (gene, residue)."""
        return np.stack([self.given(r).sum(axis=1) for r in range(3)], axis=1)


def framed(model: Recombination) -> Framed:
    """The tables of a model; raises `RunError` for one with more genes or deletions than a field holds."""
    _check(model)
    v = _trimmed(model.v, model.deletion_v, least=1)
    j = _trimmed(model.j, model.deletion_j)
    added = np.array([[_every_third(gap.length, r).sum() for r in range(3)] for gap in model.insertions])
    d = _trimmed_d(model) if model.has_d else None
    if d:
        v_laws = [_flat(v, v.given(r) * model.gene_v[:, None]) for r in range(3)]
        weight, outcome = _with_d(model, v, d, j, added)
    else:
        v_laws = _by_gene(v)
        weight, outcome = _without_d(model, v, j, added)
    return Framed(
        frames=AliasTables.of([(weight.ravel(), outcome.ravel())]),
        v=AliasTables.of(v_laws),
        d=AliasTables.of(_by_gene(d) if d else []),
        j=AliasTables.of(_by_gene(j)),
        added=AliasTables.of(
            (_every_third(gap.length, r), np.arange(gap.length.size))
            for gap in model.insertions
            for r in range(3)
        ),
        in_frame=float(weight.sum()),
    )


def _check(model: Recombination) -> None:
    genes = max(len(model.v), len(model.d), len(model.j))
    deletions = max(model.deletion_v.shape[1], model.deletion_j.shape[1], *model.deletion_d.shape[1:])
    if 3 * genes >= 1 << FIELD or deletions >= 1 << LOW:
        wanted = f"fewer than {(1 << FIELD) // 3} genes of a kind and {1 << LOW} deletions"
        raise RunError(f"model of {model.locus}", wanted, f"{genes} genes and {deletions} deletions")


def _trimmed(genes: Sequence[Gene], deletion: Floats, least: int = 0) -> _Segment:
    """Every deletion of every gene that leaves at least so many bases."""
    length = np.array([gene.bases.size for gene in genes])[:, None]
    kept = length - np.arange(deletion.shape[1])
    possible = (kept >= least) & (length > 0)
    outcome = (np.arange(len(genes))[:, None] << LOW) | np.arange(deletion.shape[1])
    return _Segment(np.where(possible, deletion, 0.0), kept % 3, outcome)


def _trimmed_d(model: Recombination) -> _Segment:
    """Every pair of deletions of every D."""
    n = len(model.d)
    five, three = np.indices(model.deletion_d.shape[1:])
    kept = np.array([gene.bases.size for gene in model.d])[:, None, None] - five - three
    weight = np.where(kept >= 0, model.deletion_d, 0.0)
    outcome = np.broadcast_to((five << LOW) | three, kept.shape)
    return _Segment(weight.reshape(n, -1), (kept % 3).reshape(n, -1), outcome.reshape(n, -1))


def _every_third(law: Floats, first: int) -> Floats:
    """The law with zeros elsewhere than at first, first + 3, ..."""
    return np.where(np.arange(law.size) % 3 == first, law, 0.0)


def _flat(segment: _Segment, weight: Floats) -> Law:
    return weight.ravel(), segment.outcome.ravel()


def _by_gene(segment: _Segment) -> list[Law]:
    """Of each gene and residue the ways to trim it."""
    given = [segment.given(r) for r in range(3)]
    return [(given[r][k], segment.outcome[k]) for k in range(len(segment.weight)) for r in range(3)]


def _with_d(
    model: Recombination, v: _Segment, d: _Segment, j: _Segment, added: Floats
) -> tuple[Floats, Whole]:
    """P(residues, D, J) and what it names."""
    share_v, share_d, share_j = model.gene_v @ v.shares(), d.shares(), j.shares()
    pair = model.d_of_j * model.vj.sum(axis=0)
    a, b, c, e, k, m = np.indices((3, 3, 3, 3, len(model.d), len(model.j)))
    f = -(a + b + c + e) % 3
    weight = share_v[a] * added[0, b] * share_d[k, c] * added[1, f] * share_j[m, e] * pair[k, m]
    return weight, _named(a, b, 3 * k + c, 3 + f, 3 * m + e)


def _without_d(model: Recombination, v: _Segment, j: _Segment, added: Floats) -> tuple[Floats, Whole]:
    """P(residues, V, J) and what it names."""
    share_v, share_j = v.shares(), j.shares()
    a, e, k, m = np.indices((3, 3, len(model.v), len(model.j)))
    b = -(a + e) % 3
    weight = share_v[k, a] * added[0, b] * share_j[m, e] * model.vj[k, m]
    return weight, _named(3 * k + a, b, 0, 0, 3 * m + e)


def _named(*tables: Whole | int) -> Whole:
    """The tables of V, first insertion, D, second insertion and J in one number."""
    fields = np.broadcast_arrays(*tables)
    return np.asarray(sum(field << (FIELD * (len(fields) - 1 - k)) for k, field in enumerate(fields)))
