"""SQL on a stored run. Each table of the run is a view, and `columns` says what they hold.

Nothing else can be read, and nothing can be written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from thymos.io.run_folder import RunFolder


@dataclass(frozen=True)
class Answer:
    """Columns and rows that a query gave."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def query(run: RunFolder, sql: str) -> Answer:
    """Rows of `sql` over the tables of `run`, as in `select arm, count(*) from patients group by arm`."""
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        for name in run.tables():
            connection.register(name, with_nulls(run.table(name)))
        connection.register("columns", meanings(run))
        connection.execute("set enable_external_access = false; set lock_configuration = true")
        found = connection.execute(sql)
        columns = tuple(str(column[0]) for column in found.description or ())
        return Answer(columns, tuple(found.fetchall()))
    except duckdb.Error as problem:
        said = str(problem).strip().splitlines()[0]
        try_ = f"the tables are {', '.join(run.tables())}; the table `columns` says what they hold"
        raise DataError("query", "SQL over the tables of the run", said, try_) from None
    finally:
        connection.close()


def with_nulls(table: Any) -> Any:
    """The table with gaps as SQL nulls: stored as NaN, they would make every average NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for i, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            values = table.column(i)
            table = table.set_column(i, field.name, pc.if_else(pc.is_nan(values), None, values))
    return table


def meanings(run: RunFolder) -> Any:
    """Unit and meaning of every column of every table."""
    import pyarrow as pa

    rows = [(name, c.name, c.unit, c.text) for name in run.tables() for c in run.columns(name)]
    titles = ("table_name", "column_name", "unit", "meaning")
    return pa.table({title: [row[i] for row in rows] for i, title in enumerate(titles)})
