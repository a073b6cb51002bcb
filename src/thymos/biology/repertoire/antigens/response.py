r"""When a repertoire can answer: enough specific cells where they are needed.

A response takes a quorum: at least Q specific ones among the T cells of a tissue. Cells come in clones, so their
number N is a sum over clones: with $a_k$ the expected clones that have k cells in the tissue, those specific for a
peptide of probability p are Poisson with means $p\,a_k$, and

$$ n\,P(N = n) = p \sum_{k=1}^{n} k\, a_k\, P(N = n - k), \qquad P(N = 0) = e^{-p \sum_k a_k} $$

If no clone has two cells there, N is Poisson with mean pT, as in the article. References: `butler2013`, `panjer1981`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.diversity.expected import spectrum
from thymos.lang.errors import RunError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from thymos.biology.repertoire.clones.clones import Clones

    Floats = NDArray[np.float64]


def in_tissue(clones: Clones, cells: ArrayLike, quorum: int) -> tuple[Floats, Floats]:
    """Expected clones with any cell among those of a tissue (...), and with 1 .. Q - 1 cells there (..., k).

    cells : T, cells of the repertoire that are in the tissue (...); no more than there are
    """
    there = clones.cells
    share = np.minimum(np.divide(cells, there, out=np.zeros_like(there), where=there > 0), 1.0)
    return clones.thinned(share).alive, spectrum(clones, quorum - 1, share)


def one_cell_clones(cells: ArrayLike, quorum: int) -> tuple[Floats, Floats]:
    """The same where every cell is a clone of its own."""
    every = np.asarray(cells, dtype=np.float64)
    sizes = np.zeros((*every.shape, quorum - 1))
    sizes[..., :1] = every[..., None]
    return every, sizes


def answered(probability: ArrayLike, tissue: tuple[Floats, Floats], quorum: int) -> Floats:
    """Probability that at least `quorum` specific cells are in the tissue (..., peptide).

    probability : that a cell recognises a peptide (peptide,)
    tissue      : expected clones with any cell there (...), and with each number of cells below the quorum (..., k)

    Raises `RunError` for a quorum below one, or numbers of cells that do not go up to it.
    """
    alive, sizes = tissue
    if quorum < 1 or sizes.shape[-1] != quorum - 1:
        raise RunError(
            "response", "numbers of clones with 1 to quorum - 1 cells", f"{sizes.shape[-1]}, {quorum}"
        )
    p = np.asarray(probability, dtype=np.float64)
    few = [np.exp(-p * alive[..., None])]
    for n in range(1, quorum):
        found = sum(k * sizes[..., k - 1, None] * few[n - k] for k in range(1, n + 1))
        few.append(p * np.asarray(found) / n)
    return np.asarray(np.clip(1 - np.sum(few, axis=0), 0.0, 1.0))


def at_least(share: float, answered: Floats) -> Floats:
    """Probability that at least this share of the peptides is answered (...), each independently of the others.

    answered : (..., peptide); raises `RunError` for a share outside 0 to 1
    """
    if not 0 <= share <= 1:
        raise RunError("response", "a share from 0 to 1", f"{share}")
    peptides = answered.shape[-1]
    # Exact law of the number that are answered, one peptide after the other.
    law = np.zeros((*answered.shape[:-1], peptides + 1))
    law[..., 0] = 1
    for i in range(peptides):
        p = answered[..., i, None]
        law[..., 1:] = law[..., 1:] * (1 - p) + law[..., :-1] * p
        law[..., :1] *= 1 - p
    # A share of 0.3 of ten is three, not four for the sake of a rounded product.
    return np.asarray(law[..., int(np.ceil(share * peptides - 1e-9)) :].sum(axis=-1))


def first_day(times: ArrayLike, probability: Floats, level: float) -> Floats:
    """When a probability (..., time) first reaches a level (...), in the unit of `times`; infinite where it never does.

    Between two times it is a straight line. A patient whose probability is not a number stays so.
    """
    t = np.asarray(times, dtype=np.float64)
    reached = probability >= level
    k = np.argmax(reached, axis=-1)
    before = np.maximum(k - 1, 0)
    high, low = (np.take_along_axis(probability, i[..., None], axis=-1)[..., 0] for i in (k, before))
    rise = np.where((k > 0) & (high > low), high - low, 1.0)
    part = np.where(k > 0, (level - low) / rise, 1.0)
    day = t[before] + part * (t[k] - t[before])
    found = np.where(reached.any(axis=-1), day, np.inf)
    return np.asarray(np.where(np.isnan(probability).any(axis=-1), np.nan, found))
