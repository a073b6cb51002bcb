"""`thymos assay`: what an assay would report of a simulated product."""

import typer

from thymos.cli.assay import lysis

app = typer.Typer(help="Put a simulated product into an assay.", no_args_is_help=True)


@app.callback()
def assay() -> None:
    """Keep `lysis` a command of its own while it is the only one."""


app.command("lysis")(lysis.command)
