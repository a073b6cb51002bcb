"""`thymos fit recipient`: what published patients without product say of the recipient, as joint draws."""

import os
from pathlib import Path
from typing import Annotated

import typer


def command(
    out: Annotated[
        Path | None, typer.Option(help="folder of the posterior; a fit goes on from there")
    ] = None,
    members: Annotated[
        int, typer.Option(help="draws of each of two populations that are run apart", min=50)
    ] = 1600,
    moves: Annotated[int, typer.Option(help="moves of each member at each stage", min=1)] = 6,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Annotated[int, typer.Option(help="threads; results do not depend on it", min=1)] = os.cpu_count()
    or 1,
    write: Annotated[
        bool, typer.Option("--write", help="make it the posterior that every simulation draws from")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(help="picture of targets and predictions (.png, .svg, .pdf)")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Learn typical values and switches from published patients without product, in the order of the design."""
    from thymos.cli import recipient_fit
    from thymos.cli.screen import err, print_json, spinner
    from thymos.cli.screen import out as console
    from thymos.report import fitted_recipient
    from thymos.report.canvas import picture_kind

    if plot:
        picture_kind(plot)  # before the fit, not after it
    try:
        with spinner() as tick:
            found = recipient_fit.run(members, moves, seed, workers, out, write, tick)
    except KeyboardInterrupt:
        kept = f"{out} keeps the stages: the same command goes on from there." if out else "Nothing was kept."
        err().print(f"Interrupted. {kept}")
        raise typer.Exit(130) from None
    if plot:
        fitted_recipient.draw(found, plot)
    if json:
        print_json(found)
    else:
        fitted_recipient.show(found, console())
