"""The command line: it reads, calls and shows. What it needs is imported by the command that needs it."""

import sys

import typer

from thymos.cli import (
    assay,
    calibrate,
    campaign,
    chart,
    culture,
    design,
    explain,
    export,
    fit,
    forecast,
    model,
    patient,
    population,
    query,
    repertoire,
    report,
    reproduce,
    schema,
    selection,
    sensitivity,
    surface,
    trial,
    value,
    vdj,
    verify,
    version,
    wells,
)
from thymos.lang.errors import ThymosError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Virtual trials of ProTcell: from a graft and a culture protocol to the result, with intervals.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    trial,
    culture,
    campaign,
    wells,
    patient,
    sensitivity,
    value,
    population,
    forecast,
    explain,
    model,
    verify,
    chart,
    repertoire,
    selection,
    report,
    query,
    reproduce,
    calibrate,
    schema,
    version,
):
    app.command(module.__name__.rpartition(".")[2])(module.command)
app.add_typer(design.app, name="design")
app.add_typer(export.app, name="export")
app.add_typer(fit.app, name="fit")
app.add_typer(surface.app, name="surface")
app.add_typer(assay.app, name="assay")
app.add_typer(vdj.app, name="vdj")


def main() -> None:
    """Run a command; a failure that a user can mend is one message and exit code 2."""
    from thymos.cli.screen import any_terminal, complain

    any_terminal()
    try:
        app()
    except ThymosError as problem:
        complain(problem)
        sys.exit(2)
    except OSError as problem:
        from pathlib import Path

        from thymos.io.atomic import store_error

        complain(store_error(problem, Path(problem.filename or "standard output")))
        sys.exit(2)
