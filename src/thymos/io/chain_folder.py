"""Pieces of sampling chains in a folder, one Parquet file each: what an interrupted fit goes on from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.io.atomic import clear_remains, make_folder, write_atomically, write_text
from thymos.lang.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

Floats = NDArray[np.float64]
KEY = "fit.json"


@dataclass(frozen=True)
class ChainFolder:
    """A folder that belongs to one fit: the digest of its data and options stands in `fit.json`."""

    folder: Path

    @staticmethod
    def of(folder: Path, digest: str) -> ChainFolder:
        """The folder, made where it is missing; raises `StoreError` where it holds another fit."""
        make_folder(folder)
        clear_remains(folder)
        key = folder / KEY
        if not key.exists():
            write_text(key, json.dumps({"digest": digest}) + "\n")
        try:
            known = json.loads(key.read_text(encoding="utf-8"))["digest"]
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise StoreError(str(key), "the digest of a fit", str(problem), "choose another folder") from None
        if known != digest:
            wanted = "the fit that was begun here"
            raise StoreError(
                str(folder), wanted, "other data or options", "choose another --out, or remove the folder"
            )
        return ChainFolder(folder)

    def path(self, ensemble: int, number: int) -> Path:
        """The file of one piece."""
        return self.folder / f"ensemble-{ensemble}-piece-{number:03}.parquet"

    def write(self, ensemble: int, number: int, x: Floats, log_density: Floats) -> None:
        """Keep places (step, walker, size) and log-density (step, walker)."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        steps, walkers, size = x.shape
        columns = {f"x{i}": x[:, :, i].ravel() for i in range(size)}
        table = pa.table(
            {
                "step": np.repeat(np.arange(steps), walkers),
                "walker": np.tile(np.arange(walkers), steps),
                "log_density": log_density.ravel(),
                **columns,
            }
        )
        write_atomically(self.path(ensemble, number), lambda file: pq.write_table(table, file))

    def read(self, ensemble: int, number: int) -> tuple[Floats, Floats] | None:
        """A kept piece, None where there is none; raises `StoreError` for a damaged one."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.path(ensemble, number)
        if not path.exists():
            return None
        try:
            table = pq.read_table(path)
        except (OSError, pa.ArrowException) as problem:
            raise StoreError(str(path), "a piece as thymos wrote it", str(problem), "remove it") from None
        steps = int(table.column("step").to_numpy()[-1]) + 1
        walkers = table.num_rows // steps
        x = [table.column(f"x{i}").to_numpy() for i in range(table.num_columns - 3)]
        places = np.stack(x, axis=1).reshape(steps, walkers, -1)
        return places, table.column("log_density").to_numpy().reshape(steps, walkers)
