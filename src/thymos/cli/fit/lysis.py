"""`thymos fit lysis`: the killing curves of a plate."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    plate: Annotated[Path, typer.Argument(help="CSV file, one row a well, units in the header")],
    targets: Annotated[
        float | None,
        typer.Option(help="target cells in a well, where the file has no column for them", min=1),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="draw the curves into this PNG, SVG or PDF file")] = None,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Killing rate, saturation, E:T for 20 and 50 % lysis, and LU20 of each killer on a plate, with intervals."""
    from thymos.cli.screen import out, print_json
    from thymos.inference.lysis_summary import lysis_summary
    from thymos.io.plate_file import read_plate
    from thymos.report.canvas import picture_kind
    from thymos.report.lysis import show
    from thymos.report.lysis_plot import draw

    if plot is not None:
        picture_kind(plot)
    found = lysis_summary(read_plate(plate), targets, drawn=json or plot is not None)
    if plot is not None:
        draw(found, plot)
    if json:
        print_json(found)
    else:
        show(found, out())
