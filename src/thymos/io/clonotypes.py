"""The clonotypes of one sequenced sample, as columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Clonotypes:
    """Distinct rearrangements of one sample, the largest first.

    sample      : its name, that of the file without endings
    junction_aa : CDR3 with the conserved C and F or W, as letters; Arrow array of text (clonotype,)
    junction    : the same as bases, "" where the file has none; Arrow array of text (clonotype,)
    v_call, j_call, locus : IMGT names, "" where unknown; Arrow arrays of text with a dictionary (clonotype,)
    count       : cells, molecules or reads, whatever the file counts (clonotype,)
    productive  : in frame, without a stop codon, and not said to be otherwise (clonotype,)
    rows        : rows of the file
    left_out    : rows that could not be used, by reason
    counted     : the column that `count` was read from; "rows" where each row counts one
    """

    sample: str
    junction_aa: Any
    junction: Any
    v_call: Any
    j_call: Any
    locus: Any
    count: NDArray[np.int64]
    productive: NDArray[np.bool_]
    rows: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    counted: str = "rows"

    def __len__(self) -> int:
        return len(self.count)

    @classmethod
    def of(
        cls,
        sample: str,
        junction_aa: Sequence[str],
        v_call: Sequence[str],
        j_call: Sequence[str],
        count: Sequence[int] | NDArray[np.int64],
        junction: Sequence[str] | None = None,
    ) -> Self:
        """Productive clonotypes from lists of one length, each clonotype once, for example simulated ones.

        Raises `DataError` for lists that differ in length, and for a count below one.
        """
        import pyarrow as pa

        counts = np.asarray(count, dtype=np.int64)
        bases = junction if junction is not None else [""] * len(junction_aa)
        lengths = {len(each) for each in (junction_aa, v_call, j_call, counts, bases)}
        if len(lengths) != 1 or (counts < 1).any():
            raise DataError(
                sample, "columns of one length, and counts from 1 on", f"lengths {sorted(lengths)}"
            )
        order = np.argsort(-counts, kind="stable")

        def text(column: Sequence[str]) -> Any:
            return pa.array(column, pa.string()).take(order)

        return cls(
            sample=sample,
            junction_aa=text(junction_aa),
            junction=text(bases),
            v_call=text(v_call).dictionary_encode(),
            j_call=text(j_call).dictionary_encode(),
            locus=text([name[:3] for name in v_call]).dictionary_encode(),
            count=counts[order],
            productive=np.ones(len(counts), bool),
            rows=len(counts),
        )

    def only(self, kept: NDArray[np.bool_]) -> Self:
        """Some of the clonotypes; rows and reasons stay those of the file."""
        import pyarrow as pa

        mask = pa.array(kept)
        return replace(
            self,
            junction_aa=self.junction_aa.filter(mask),
            junction=self.junction.filter(mask),
            v_call=self.v_call.filter(mask),
            j_call=self.j_call.filter(mask),
            locus=self.locus.filter(mask),
            count=self.count[kept],
            productive=self.productive[kept],
        )

    def first(self, number: int) -> Self:
        """The largest of them."""
        return self.only(np.arange(len(self)) < number)

    def residues(self) -> NDArray[np.int64]:
        """Length of each junction in amino acids (clonotype,)."""
        import pyarrow.compute as pc

        return np.asarray(pc.binary_length(self.junction_aa).to_numpy(zero_copy_only=False), dtype=np.int64)

    def loci(self) -> dict[str, int]:
        """Counts by locus, productive or not, the largest first; "" where it is not known."""
        sums = {name: int(self.count[self.of_locus(name)].sum()) for name in names_in(self.locus)}
        found = {name: cells for name, cells in sums.items() if cells}
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    def of_locus(self, name: str) -> NDArray[np.bool_]:
        """Which clonotypes are of one locus (clonotype,)."""
        names = names_in(self.locus)
        return np.asarray(codes(self.locus) == (names.index(name) if name in names else -1))


def names_in(column: Any) -> list[str]:
    """The names of a column with a dictionary, in the order of its codes."""
    return [str(name) for name in column.dictionary.to_pylist()]


def codes(column: Any) -> NDArray[np.int64]:
    """The code of each entry of a column with a dictionary (clonotype,)."""
    return np.asarray(column.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
