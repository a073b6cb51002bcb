"""Measurements of patients: who, when, what, how much, how sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.lang.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Observations:
    """Independent measurements, one a row.

    patient : number of the patient;  day : when;  output : name of what was measured;  value : in its unit
    sd      : standard deviation of the value, or of its logarithm in rows that are `log_normal`
    """

    patient: NDArray[np.int64]
    day: Floats
    output: tuple[str, ...]
    value: Floats
    sd: Floats
    log_normal: NDArray[np.bool_]

    @staticmethod
    def of(
        day: ArrayLike,
        output: str | Sequence[str],
        value: ArrayLike,
        sd: ArrayLike,
        patient: ArrayLike = 0,
        log_normal: ArrayLike = False,
    ) -> Observations:
        """Columns, of which any may be one value for all rows; raises `DataError` naming the first bad row."""
        values = np.atleast_1d(np.asarray(value, dtype=np.float64))
        n = values.size
        names = (output,) * n if isinstance(output, str) else tuple(output)
        try:
            found = Observations(
                np.broadcast_to(np.asarray(patient, dtype=np.int64), n),
                np.broadcast_to(np.asarray(day, dtype=np.float64), n),
                names,
                values.reshape(n),
                np.broadcast_to(np.asarray(sd, dtype=np.float64), n),
                np.broadcast_to(np.asarray(log_normal, dtype=np.bool_), n),
            )
        except ValueError as problem:
            raise DataError("observations", f"columns of {n} rows, as many as values", str(problem)) from None
        if len(names) != n:
            raise DataError("observations", f"{n} names of outputs, as many as values", str(len(names)))
        found._check()
        return found

    def _check(self) -> None:
        for column, wanted, good in (
            ("day", "a day at 0 or later", (self.day >= 0) & np.isfinite(self.day)),
            ("value", "a finite value", np.isfinite(self.value)),
            ("value", "a value above 0 for a log-normal error", (self.value > 0) | ~self.log_normal),
            ("sd", "a finite standard deviation above 0", (self.sd > 0) & np.isfinite(self.sd)),
            ("patient", "a number from 0", self.patient >= 0),
        ):
            if not good.all():
                row = int(np.flatnonzero(~good)[0])
                raise DataError(f"observations, row {row}, {column}", wanted, f"{getattr(self, column)[row]}")
