"""`thymos query`: SQL on a stored run."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[Path, typer.Argument(help="run folder")],
    sql: Annotated[str, typer.Argument(help='for example "select arm, avg(age) from patients group by arm"')],
    json: Annotated[bool, typer.Option("--json", help="print a JSON list of rows")] = False,
) -> None:
    """Ask a stored run in SQL; its tables are views, and the table `columns` says what they hold."""
    from thymos.cli.screen import out, print_json
    from thymos.io.query import query
    from thymos.io.run_folder import load

    answer = query(load(run), sql)
    if json:
        print_json([dict(zip(answer.columns, row, strict=True)) for row in answer.rows])
        return
    from rich import box
    from rich.table import Table

    table = Table(*answer.columns, box=box.SIMPLE_HEAD, show_edge=False)
    for row in answer.rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    out().print(table)
