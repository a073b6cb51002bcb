r"""The probability that a rearrangement is productive: exactly, without drawing one.

A chain is read base by base by an automaton: the phase of the reading frame, the bases of the unfinished codon, whether
it is still the first codon, and whether the last whole codon was F, V or W; a stop, or a first codon that is not C,
leaves it. Its state is a vector, V gives one for each gene, insertions and D are matrices, and J a functional:

$$ P = \sum_{v,d,j} P(v,j)\, P(d|j)\; L_v\, M_1\, N_d\, M_2\, R_j $$
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS, CODONS, STOP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.biology.repertoire.vdj.recombination import Insertion, Recombination

    Floats = NDArray[np.float64]
    Codes = NDArray[np.uint8]

# Within the first codon: nothing yet, one base, two bases. Behind it: at a boundary (by last base, and by whether the
# codon before may end a chain), one base, two bases.
NOTHING, ONE, TWO = 0, 1, 5
BOUNDARY, LATER_ONE, LATER_TWO = 21, 29, 33
STATES = 49
LAST = np.isin(np.arange(21), [AMINO_ACIDS.index(letter) for letter in "FVW"])


def _steps() -> Floats:
    """Where each base leads (base, from, to); from a chain that has failed nothing leads on."""
    step = np.zeros((4, STATES, STATES))
    for b in range(4):
        step[b, NOTHING, ONE + b] = 1
        for a in range(4):
            step[b, ONE + a, TWO + 4 * a + b] = 1
            step[b, LATER_ONE + a, LATER_TWO + 4 * a + b] = 1
            step[b, BOUNDARY + 2 * a : BOUNDARY + 2 * a + 2, LATER_ONE + b] = 1
        for ab in range(16):
            residue = CODONS[4 * ab + b]
            to = BOUNDARY + 2 * b + int(LAST[residue])
            step[b, TWO + ab, to] = residue == AMINO_ACIDS.index("C")
            step[b, LATER_TWO + ab, to] = residue != STOP
    return step


STEP = _steps()
# The base of each state that was read last: a state tells it, but for the empty one, which no insertion begins at.
BASE = np.array(
    [0, *range(4), *(ab % 4 for ab in range(16)), *(b // 2 for b in range(8)), *range(4)] + 4 * [*range(4)]
)
ACCEPTED = np.isin(np.arange(STATES), BOUNDARY + 1 + 2 * np.arange(4)).astype(np.float64)


def productive_share(model: Recombination) -> float:
    """The share of rearrangements that are productive, of whatever length."""
    left = np.array([_after_v(gene.bases, law) for gene, law in zip(model.v, model.deletion_v, strict=True)])
    right = np.array(
        [_before_j(gene.bases, law) for gene, law in zip(model.j, model.deletion_j, strict=True)]
    )
    left = left @ _added(model.insertions[0])
    if not model.has_d:
        return float(np.sum(model.vj * (left @ right.T)))
    right = right @ _added(_turned(model.insertions[1])).T
    between = np.array(
        [_through_d(gene.bases, law) for gene, law in zip(model.d, model.deletion_d, strict=True)]
    )
    by_j = model.vj.T @ left
    return float(np.einsum("dj,js,dst,jt->", model.d_of_j, by_j, between, right))


def _after_v(bases: Codes, deletion: Floats) -> Floats:
    """The state behind a V gene, over its deletions (state,)."""
    state, found = np.eye(STATES)[NOTHING], np.zeros(STATES)
    for kept, base in enumerate(bases, start=1):
        state = state @ STEP[base]
        deleted = bases.size - kept
        found += state * (deletion[deleted] if deleted < deletion.size else 0.0)
    return found


def _before_j(bases: Codes, deletion: Floats) -> Floats:
    """Probability of each state in front of a J gene to end as a productive chain, over its deletions (state,)."""
    state, found = ACCEPTED, np.zeros(STATES)
    for deleted in range(bases.size, -1, -1) if bases.size else ():
        if deleted < bases.size:
            state = STEP[bases[deleted]] @ state
        found += state * (deletion[deleted] if deleted < deletion.size else 0.0)
    return found


def _through_d(bases: Codes, deletion: Floats) -> Floats:
    """What a D gene does to the state, over its deletions (from, to)."""
    found = np.zeros((STATES, STATES))
    for five in range(min(deletion.shape[0], bases.size + 1)):
        state = np.eye(STATES)
        for end in range(five, bases.size + 1):
            three = bases.size - end
            found += state * (deletion[five, three] if three < deletion.shape[1] else 0.0)
            if end < bases.size:
                state = state @ STEP[bases[end]]
    return found


def _added(gap: Insertion) -> Floats:
    """What an insertion does to the state, over its lengths (from, to)."""
    first = np.tensordot(gap.first, STEP, 1)
    following = np.einsum("sb,bst->st", gap.following[BASE], STEP)
    found, state = gap.length[0] * np.eye(STATES), first
    for p in gap.length[1:]:
        found = found + p * state
        state = state @ following
    return np.asarray(found)


def _turned(gap: Insertion) -> Insertion:
    """An insertion that grows from its right end, read from its left: the same `first`, as it is stationary."""
    seen = gap.first[:, None] > 0
    turned = np.divide(gap.first * gap.following.T, gap.first[:, None], out=np.zeros((4, 4)), where=seen)
    return replace(gap, following=turned)
