"""SQL on a stored run. Each table of the run is a view, and `columns` says what they hold.

Nothing else can be read, and nothing can be written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from thymos.io.columns import Column
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
            offer(connection, run, name)
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


def offer(connection: Any, run: RunFolder, name: str) -> None:
    """A view of one table, read from the disk as a query goes along: a million patients are never in memory.

    Gaps are SQL nulls: stored as NaN, they would make every average NaN.
    """
    import duckdb
    import pyarrow.dataset as ds

    def shown(column: Column) -> duckdb.Expression:
        value = duckdb.ColumnExpression(column.name)
        if column.kind != "float":
            return value
        gap = duckdb.FunctionExpression("isnan", value)
        return duckdb.CaseExpression(gap, duckdb.ConstantExpression(None)).otherwise(value).alias(column.name)

    columns = run.columns(name)  # a torn file is refused here, in our words
    stored = connection.from_arrow(ds.dataset(run.file(name), format="parquet"))
    stored.select(*map(shown, columns)).create_view(name)


def meanings(run: RunFolder) -> Any:
    """Unit and meaning of every column of every table."""
    import pyarrow as pa

    rows = [(name, c.name, c.unit, c.text) for name in run.tables() for c in run.columns(name)]
    titles = ("table_name", "column_name", "unit", "meaning")
    return pa.table({title: [row[i] for row in rows] for i, title in enumerate(titles)})
