"""A stored run, to be read: tables with units, the summary, the study, and where they came from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thymos.io.columns import Columns, described
from thymos.io.digest import table_digest
from thymos.io.manifest import Manifest, read_manifest
from thymos.lang.errors import StoreError

STUDY, SUMMARY = "study.yaml", "summary.json"


@dataclass(frozen=True)
class RunFolder:
    """A complete run at `path`."""

    path: Path
    manifest: Manifest

    @property
    def digest(self) -> str:
        """Hash of all its numbers."""
        return self.manifest.digest

    def summary(self) -> dict[str, Any]:
        """The documented JSON object of the run (docs/reference/json.md)."""
        try:
            found: dict[str, Any] = json.loads(self.text(SUMMARY))
        except ValueError as problem:
            raise damaged(self.path / SUMMARY, str(problem)) from None
        return found

    def study_text(self) -> str:
        """The study that was run, as YAML."""
        return self.text(STUDY)

    def text(self, name: str) -> str:
        """Content of one of its text files."""
        try:
            return (self.path / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise damaged(self.path / name, str(problem)) from None

    def tables(self) -> tuple[str, ...]:
        """Names of its tables."""
        return self.manifest.kept

    def file(self, name: str) -> Path:
        """Parquet file of one table."""
        if name in self.manifest.dropped:
            wanted, try_ = (
                f"one of the tables {', '.join(self.tables())}",
                "run the study again with --keep all",
            )
            raise StoreError(str(self.path), wanted, f"{name}, which was not to be kept", try_)
        if name not in self.manifest.tables:
            raise StoreError(str(self.path), f"one of the tables {', '.join(self.tables())}", name)
        return self.path / f"{name}.parquet"

    def table(self, name: str, columns: list[str] | None = None) -> Any:
        """One table as a pyarrow Table; only `columns` of it, where given."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.read_table(self.file(name), columns=columns)
        except (OSError, pa.ArrowException) as problem:
            raise damaged(self.file(name), str(problem)) from None

    def columns(self, name: str) -> Columns:
        """Names, units and meanings of the columns of one table."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return described(pq.read_schema(self.file(name)))
        except (OSError, pa.ArrowException) as problem:
            raise damaged(self.file(name), str(problem)) from None

    def check(self) -> None:
        """Compare every stored number with the digests of the manifest."""
        for name in self.tables():
            said = self.manifest.tables[name]
            found = table_digest(self.file(name))
            if odd := [column for column in said if said[column] != found.get(column)]:
                raise damaged(self.file(name), f"other values in {', '.join(odd)}")


def load(path: Path) -> RunFolder:
    """The complete run at `path`."""
    manifest = read_manifest(path)
    if manifest.status != "complete":
        try_ = "run the same command again to complete it"
        raise StoreError(str(path), "a complete run", "one that was interrupted", try_)
    missing = [n for n in manifest.kept if not (path / f"{n}.parquet").is_file()]
    if missing:
        raise damaged(path, f"no {', '.join(f'{name}.parquet' for name in missing)}")
    return RunFolder(path, manifest)


def load_trial(path: Path) -> RunFolder:
    """The complete run of a trial at `path`; raises `StoreError` for another kind of run."""
    run = load(path)
    if "patients" not in run.manifest.tables:
        got = f"a run with the tables {', '.join(run.manifest.tables)}"
        raise StoreError(str(path), "a stored trial", got, f'`thymos query {path} "select ..."` reads it')
    return run


def damaged(path: Path, what: str) -> StoreError:
    """A stored run that was changed after it was written."""
    return StoreError(
        str(path), "the file as thymos wrote it", what, "restore it, or run the study again elsewhere"
    )


def differences(one: RunFolder, other: RunFolder) -> list[str]:
    """What differs between two runs: first what they were made from, then their numbers. Empty when none."""
    found = one.manifest.identity.differences(other.manifest.identity)
    mine, theirs = one.manifest.tables, other.manifest.tables
    for table in sorted(set(mine) | set(theirs)):
        here, there = mine.get(table, {}), theirs.get(table, {})
        odd = sorted(column for column in set(here) | set(there) if here.get(column) != there.get(column))
        if odd:
            found.append(f"table {table}: {', '.join(odd)}")
    return found
