"""`thymos fit`: what a user's own measurements say."""

import typer

from thymos.cli.fit import lysis

app = typer.Typer(help="Fit a model to your own measurements.", no_args_is_help=True)


@app.callback()
def fit() -> None:
    """Keep `lysis` a command of its own while it is the only one."""


app.command("lysis")(lysis.command)
