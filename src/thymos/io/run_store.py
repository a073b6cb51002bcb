"""Writing a run block by block; each is acknowledged once on the disk, so a kill loses only the present one.

    run/blocks/00003-visits.parquet     tables of block 3, written first
    run/blocks/00003.json               its acknowledgement, written last: the hash of each file

A resumed run trusts acknowledgements, then checks the hashes. When all blocks are there they are joined in
the order of their index, never of their arrival, and the digest is taken over the joined values.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from thymos.io.atomic import clear_remains, make_folder, store_error, write_atomically, write_text
from thymos.io.columns import Columns, arrow_schema, arrow_table
from thymos.io.digest import run_digest, table_digest
from thymos.io.manifest import NAME, Identity, Manifest, read_manifest
from thymos.io.run_folder import STUDY, SUMMARY, RunFolder
from thymos.io.run_lock import NAME as LOCK
from thymos.io.run_lock import RunLock
from thymos.lang.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import BinaryIO

ROW_GROUP = 100_000  # rows at least; what a reader holds of each column at a time


class RunWriter(AbstractContextManager["RunWriter"]):
    """The one writer of a run folder; use it in a `with`.

    path : the folder; new, empty, or a run of the same identity that was interrupted
    identity : all that decides the numbers
    tables : name of each table and its columns
    """

    def __init__(
        self, path: Path, identity: Identity, study: tuple[str, str], tables: Mapping[str, Columns]
    ) -> None:
        self.path, self.identity, self.tables = path, identity, tables
        self.study_name, self.study_text = study
        self.lock = RunLock(path)
        self.blocks = path / "blocks"

    def __enter__(self) -> RunWriter:
        refuse_foreign(self.path)
        make_folder(self.path)
        self.lock.__enter__()
        try:
            self.begin()
        except BaseException:
            self.lock.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lock.__exit__(kind, error, trace)

    def begin(self) -> None:
        """Start a new run, or take up the one that is here if it is the same."""
        if (self.path / NAME).exists():
            self.manifest = read_manifest(self.path)
            refuse_other(self.path, self.manifest, self.identity)
        else:
            self.manifest = Manifest(self.identity, self.study_name)
            self.manifest.write(self.path)
        for folder in (self.path, self.blocks):
            clear_remains(folder)
        write_text(self.path / STUDY, self.study_text)
        make_folder(self.blocks)

    def missing(self) -> list[int]:
        """Indices of the blocks that are not yet stored, in order."""
        return [block for block in range(self.identity.blocks) if not self.stored(block)]

    def stored(self, block: int) -> bool:
        """Whether the block is acknowledged and its files are what was acknowledged."""
        return self.acknowledged(block) is not None

    def acknowledged(self, block: int) -> list[str] | None:
        """Names of the tables of a block that is acknowledged and whole; otherwise None."""
        try:
            said: dict[str, str] = json.loads((self.blocks / f"{block:05}.json").read_text(encoding="utf-8"))
            whole = all(
                file_hash(self.blocks / f"{block:05}-{name}.parquet") == sha for name, sha in said.items()
            )
        except (OSError, ValueError):
            return None
        return sorted(said) if whole else None

    def write_block(self, block: int, data: Mapping[str, Mapping[str, Iterable[object]]]) -> None:
        """Store the tables of one block, then acknowledge it."""
        hashes = {}
        for name, columns in data.items():
            file = self.blocks / f"{block:05}-{name}.parquet"
            self.write_table(file, name, columns)
            hashes[name] = file_hash(file)
        write_text(self.blocks / f"{block:05}.json", json.dumps(hashes, sort_keys=True))

    def write_table(self, file: Path, name: str, data: Mapping[str, Iterable[object]]) -> None:
        """Store one table whole."""
        import pyarrow.parquet as pq

        if name not in self.tables:
            raise StoreError(str(file), f"one of the tables {', '.join(self.tables)}", name)
        table = arrow_table(name, self.tables[name], data)
        write_atomically(file, lambda out: pq.write_table(table, out, **packing(self.tables[name])))

    def gather(self) -> None:
        """Join the blocks of each table in the order of their index."""
        if missing := self.missing():
            raise StoreError(str(self.path), f"all {self.identity.blocks} blocks", f"{len(missing)} missing")
        for name in self.acknowledged(0) or []:
            write_atomically(self.path / f"{name}.parquet", lambda out, name=name: self.join(name, out))  # type: ignore[misc]  # bound here, which mypy cannot type

    def join(self, name: str, out: BinaryIO) -> None:
        """Write the blocks of one table into `out`, as many to a row group as make it worth its metadata."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        waiting: list[Any] = []
        columns = self.tables[name]
        with pq.ParquetWriter(out, arrow_schema(columns), **packing(columns)) as writer:
            for block in range(self.identity.blocks):
                waiting.append(pq.read_table(self.blocks / f"{block:05}-{name}.parquet"))
                if sum(map(len, waiting)) >= ROW_GROUP or block == self.identity.blocks - 1:
                    writer.write_table(pa.concat_tables(waiting))
                    waiting.clear()

    def read(self, name: str, columns: list[str] | None = None) -> Any:
        """One gathered table, as a pyarrow Table."""
        import pyarrow.parquet as pq

        return pq.read_table(self.path / f"{name}.parquet", columns=columns)

    def complete(
        self,
        summary: Mapping[str, Any],
        tables: Mapping[str, Mapping[str, Iterable[object]]],
        keep_blocks: bool = True,
    ) -> RunFolder:
        """Store the tables that were made from all blocks, the summary with its digest, and close the run.

        keep_blocks : whether the gathered tables stay; if not, their digests do
        """
        for name, data in tables.items():
            self.write_table(self.path / f"{name}.parquet", name, data)
        digests = {name: table_digest(self.path / f"{name}.parquet") for name in sorted(self.tables)}
        digest = run_digest(digests)
        write_text(
            self.path / SUMMARY, json.dumps({**summary, "digest": digest}, indent=1, allow_nan=False) + "\n"
        )
        dropped = () if keep_blocks else tuple(sorted(set(self.tables) - set(tables)))
        self.manifest = self.manifest.completed(digests, digest, dropped)
        self.manifest.write(self.path)
        for name in dropped:
            (self.path / f"{name}.parquet").unlink()
        shutil.rmtree(self.blocks, ignore_errors=True)
        return RunFolder(self.path, self.manifest)


def packing(columns: Columns) -> dict[str, Any]:
    """How a table is packed: a dictionary pays for words alone, numbers seldom come twice."""
    return {"compression": "zstd", "use_dictionary": [c.name for c in columns if c.kind == "text"]}


def refuse_foreign(path: Path) -> None:
    """Never write into a folder that holds something else."""
    try:
        if not path.exists():
            return
        names = {entry.name for entry in path.iterdir()}
    except OSError as problem:
        raise store_error(problem, path) from problem
    strangers = sorted(name for name in names if name != LOCK and not name.endswith(".partial"))
    if strangers and NAME not in names:
        try_ = "choose another folder with --out; thymos never overwrites"
        raise StoreError(
            str(path), "a new or empty folder", f"one that holds {', '.join(strangers[:3])}", try_
        )


def refuse_other(path: Path, manifest: Manifest, identity: Identity) -> None:
    """Only the same run that was interrupted is taken up again; a complete run is never changed."""
    if odd := manifest.identity.differences(identity):
        try_ = "choose another folder with --out; a stored run is never changed"
        raise StoreError(
            str(path), "an interrupted run of this same study", f"another run ({'; '.join(odd)})", try_
        )
    if manifest.status == "complete":
        try_ = f"read it with `thymos report {path}`, or choose another folder with --out"
        raise StoreError(str(path), "a new folder", "a complete run of this same study", try_)


def file_hash(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def free_folder(parent: Path, name: str) -> Path:
    """The first of parent/name, parent/name-2, ... that does not exist."""
    number = 1
    while (path := parent / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return path
