"""A short table that a user wrote, CSV or YAML: rows of text, each with its place for messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thymos.io.csv_text import read_csv
from thymos.io.study_file import LARGEST, compose, read_text
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MOST_ROWS = 1000


@dataclass(frozen=True)
class Row:
    """One row: where it stands, and its cells by column, stripped."""

    place: str
    cells: Mapping[str, str]

    def at(self, column: str) -> str:
        """The place of one cell, as messages name it."""
        return f"{self.place}, column {column}"


def read_rows(path: Path, columns: Sequence[str], what: str) -> list[Row]:
    """The rows of a `.csv`, `.yaml` or `.yml` file that has exactly these columns.

    what : what the file is called in messages

    Raises `DataError` with file, row and column; nothing is read in part.
    """
    kind = path.suffix.lower()
    if kind == ".csv":
        found = _csv_rows(path, columns)
    elif kind in (".yaml", ".yml"):
        found = _yaml_rows(read_text(path, what), str(path), columns)
    else:
        raise DataError(str(path), "a name that ends in .csv, .yaml or .yml", path.suffix or "no ending")
    if not 1 <= len(found) <= MOST_ROWS:
        wanted = f"1 to {MOST_ROWS} rows with the columns {', '.join(columns)}"
        raise DataError(str(path), wanted, f"{len(found) or 'none'}")
    return found


def _csv_rows(path: Path, columns: Sequence[str]) -> list[Row]:
    table = read_csv(path, columns, LARGEST)
    _check_names(table.place(table.header_row), table.header, columns)
    return [Row(table.place(n), dict(zip(table.header, cells, strict=True))) for n, cells in table.rows()]


def _yaml_rows(text: str, where: str, columns: Sequence[str]) -> list[Row]:
    if not any(line.split("#")[0].strip() for line in text.splitlines()):
        return []
    root = compose(text, where)
    if root.id != "sequence":
        raise DataError(f"{where} line 1", "a list, each item beginning with a dash", f"a {root.id}")
    found = []
    for item in root.value:
        place = f"{where} line {item.start_mark.line + 1}"
        if item.id != "mapping":
            raise DataError(place, f"an item with {', '.join(columns)}", f"a {item.id}")
        names = [str(key.value) for key, _ in item.value]
        _check_names(place, names, columns)
        found.append(Row(place, {str(key.value): _scalar(place, key, value) for key, value in item.value}))
    return found


def _scalar(place: str, key: Any, value: Any) -> str:
    if value.id != "scalar":
        raise DataError(f"{place}, column {key.value}", "one value", f"a {value.id}")
    return str(value.value).strip()


def _check_names(place: str, names: Sequence[str], columns: Sequence[str]) -> None:
    """Refuse a name twice, a strange name and a missing one."""
    twice = sorted({name for name in names if names.count(name) > 1})
    strange = sorted(set(names) - set(columns))
    missing = [name for name in columns if name not in names]
    wanted = f"each of {', '.join(columns)} once"
    if twice:
        raise DataError(place, wanted, f"{', '.join(twice)} twice")
    if strange or missing:
        got = "; ".join(
            filter(
                None,
                (
                    f"also {', '.join(strange)}" if strange else "",
                    f"no {', '.join(missing)}" if missing else "",
                ),
            )
        )
        raise DataError(place, wanted, got)
