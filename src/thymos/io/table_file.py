"""A stored table read a column at a time: memory holds what is asked for, whatever the table's size."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class TableFile:
    """One Parquet file as thymos writes it."""

    path: Path

    def rows(self) -> int:
        """Number of rows."""
        import pyarrow.parquet as pq

        return int(pq.read_metadata(self.path).num_rows)

    def column(self, name: str, **where: str) -> NDArray[Any]:
        """Values of a column of numbers or flags, in the rows where other columns hold the given words."""
        parts = [self._numbers(group, name, where) for group in self._groups([name, *where], [*where])]
        return np.concatenate(parts) if parts else np.empty(0)

    def words(self, name: str) -> Counter[str]:
        """How often each word stands in a column of text."""
        found: Counter[str] = Counter()
        for group in self._groups([name], [name]):
            counts = group.column(name).unify_dictionaries().value_counts()
            found.update({str(c["values"]): int(c["counts"]) for c in counts.to_pylist()})
        return found

    def _numbers(self, group: Any, name: str, where: dict[str, str]) -> NDArray[Any]:
        import pyarrow.compute as pc

        values = group.column(name).to_numpy()
        kept = np.ones(len(values), bool)
        for other, word in where.items():
            kept &= pc.equal(group.column(other), word).to_numpy()
        return np.asarray(values[kept])

    def _groups(self, names: list[str], words: list[str]) -> Iterator[Any]:
        """The named columns, one row group after another; those of words as numbers with a dictionary."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path, read_dictionary=words) as file:
                known = file.schema_arrow.names
                if odd := [name for name in names if name not in known]:
                    raise StoreError(str(self.path), f"columns among {', '.join(known)}", ", ".join(odd))
                for group in range(file.num_row_groups):
                    yield file.read_row_group(group, columns=names)
        except OSError as problem:
            said = problem.strerror or str(problem)
            raise StoreError(str(self.path), "a table that can be read", said) from problem
        except pa.ArrowException as problem:
            raise StoreError(str(self.path), "the file as thymos wrote it", str(problem)) from None
