"""`thymos fit`: what a user's own measurements say."""

import typer

from thymos.cli.fit import culture, lysis

app = typer.Typer(help="Fit a model to your own measurements.", no_args_is_help=True)
app.command("culture")(culture.command)
app.command("lysis")(lysis.command)
