"""`thymos verify`: the model against what was published."""

import os
from typing import Annotated

import typer


def command(
    workers: Annotated[int, typer.Option(help="threads", min=1)] = os.cpu_count() or 1,
    json: Annotated[bool, typer.Option("--json", help="print a JSON list")] = False,
) -> None:
    """Compare predictions with published targets; a missed target is shown as missed."""
    from thymos.cli.calibration import compare
    from thymos.cli.screen import out, print_json, spinner
    from thymos.report.targets import as_json, show

    with spinner() as tick:
        rows = compare(workers, tick)
    if json:
        print_json([as_json(*row) for row in rows])
    else:
        show(rows, out())
