"""The law of V(D)J recombination of one locus, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.uint8]


@dataclass(frozen=True)
class Gene:
    """One allele.

    name    : IMGT name with allele, for example TRBV5-1*01
    bases   : germline that can be in a CDR3, codes of nucleotides: V from the conserved C, J up to the conserved F or
              W, with the palindrome that deletion -4 would leave already joined on (D at both ends), so that an index d
              of deletion removes d bases. Empty for a gene that cannot make a functional chain
    why_not : why it cannot; empty for one that can
    """

    name: str
    bases: Codes
    why_not: str = ""


@dataclass(frozen=True)
class Insertion:
    """Bases that are added without a template between two segments.

    length    : probability of each number of bases (length,)
    first     : law of the first base (4,), the stationary law of `following`
    following : law of a base given the one before it (before, base)
    """

    length: Floats
    first: Floats
    following: Floats


@dataclass(frozen=True)
class Recombination:
    r"""The law of one locus; every array is normalised.

    $$ P = P(V,J)\, P(D|J)\, P(d_V|V)\, P(d_5,d_3|D)\, P(d_J|J)\; P_{VD}(\ell_1) \prod R\; P_{DJ}(\ell_2) \prod R $$

    with D (TRB, where V does not depend on J), and $P = P(V,J) P(d_V|V) P(d_J|J) P_{VJ}(\ell) \prod R$
    without (TRA). The bases between D and J are added from J towards D. Reference: `marcou2018`.

    Genes without bases keep their probability, and so do deletions that would take more than the segment has, or the
    last base of V: what is drawn from them makes no functional chain, and is part of why most rearrangements fail.

    locus      : TRB or TRA
    v, d, j    : genes; d is empty for a locus without D
    vj         : P(V, J) (v, j)
    d_of_j     : P(D | J) (d, j); shape (0, j) without D
    deletion_v : (v, deleted from the 3' end), deletion_j : (j, deleted from the 5' end)
    deletion_d : (d, deleted from 5', deleted from 3')
    insertions : V-D and D-J, or V-J alone
    source     : what the card prints: where the model was read from, and under which licence
    palindromes: most palindromic bases at the end of V, at 5' and 3' of D, and before J; without D two numbers
    """

    locus: str
    v: tuple[Gene, ...]
    d: tuple[Gene, ...]
    j: tuple[Gene, ...]
    vj: Floats
    d_of_j: Floats
    deletion_v: Floats
    deletion_d: Floats
    deletion_j: Floats
    insertions: tuple[Insertion, ...]
    source: str
    palindromes: tuple[int, ...] = ()

    @property
    def has_d(self) -> bool:
        """Whether the locus has D segments."""
        return bool(self.d)

    @property
    def gene_v(self) -> Floats:
        """P(V) (v,)."""
        return np.asarray(self.vj.sum(axis=1))
