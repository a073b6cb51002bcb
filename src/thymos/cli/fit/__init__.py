"""`thymos fit`: what measurements say, a user's own or published ones."""

import typer

from thymos.cli.fit import culture, lysis, recipient

app = typer.Typer(help="Fit a model to measurements, your own or published ones.", no_args_is_help=True)
app.command("culture")(culture.command)
app.command("lysis")(lysis.command)
app.command("recipient")(recipient.command)
