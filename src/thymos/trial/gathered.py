"""What all blocks of a run say together, read from its stored tables a column at a time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.io.table_file import TableFile

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path

Floats = NDArray[np.float64]


class Gathered:
    """Lots, patients and visits in the run folder `path`, in the order of patients, which all arms share.

    Memory for a million patients: 8 MB a column, and 120 MB a lineage for each arm of 15 visits. What was read
    last is kept, since results are computed event by event and lineage by lineage.
    """

    def __init__(self, path: Path, arms: tuple[str, ...], visits: int) -> None:
        self.lots_file, self.patients_file, self.visits_file = (
            TableFile(path / f"{name}.parquet") for name in ("lots", "patients", "visits")
        )
        self.arms, self.visits = arms, visits
        self.patients = lru_cache(maxsize=2 * len(arms))(self._patients)
        self.lineage = lru_cache(maxsize=1)(self._lineage)

    def lots(self, name: str) -> Floats:
        """One column of the lots, (patient,)."""
        return self.lots_file.column(name)

    def _patients(self, arm: str, name: str) -> NDArray[Any]:
        """One column of an arm's patients, (patient,)."""
        return self.patients_file.column(name, arm=arm)

    def _lineage(self, name: str) -> dict[str, Floats]:
        """Reported values of one lineage in each arm, (patient, visit)."""
        self.lineage.cache_clear()  # else the last one would stay until this one is read
        return {arm: self.visits_file.column(name, arm=arm).reshape(-1, self.visits) for arm in self.arms}

    def statuses(self) -> Counter[str]:
        """How often each status ended a virtual patient, over all arms."""
        return self.patients_file.words("status")
