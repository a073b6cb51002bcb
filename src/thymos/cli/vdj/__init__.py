"""`thymos vdj`: the law of V(D)J recombination, and chains drawn from it."""

import typer

from thymos.cli.vdj import card, generate, pgen

app = typer.Typer(
    help="V(D)J recombination: a model's card, chains drawn from it, their probability.", no_args_is_help=True
)
app.command("card")(card.command)
app.command("generate")(generate.command)
app.command("pgen")(pgen.command)
