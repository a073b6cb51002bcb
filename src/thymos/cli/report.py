"""`thymos report`: a stored run as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[Path, typer.Argument(help="run folder")],
    out: Annotated[
        Path | None, typer.Option(help="the file; report.html in the run folder where not given")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="print the result in the terminal instead")] = False,
) -> None:
    """Write the report of a stored run: one file, no network, made for paper too."""
    from thymos.io.run_folder import load_trial

    if show:
        from thymos.cli.screen import out as console
        from thymos.report.terminal import show as print_result

        print_result(load_trial(run), console())
        return
    from thymos.report.html import write_report

    typer.echo(write_report(load_trial(run), out))
