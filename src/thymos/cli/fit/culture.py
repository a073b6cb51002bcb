"""`thymos fit culture`: the mechanistic culture fitted to dose grids or time courses."""

import os
from pathlib import Path
from typing import Annotated

import typer

from thymos.cli.culture import Source


def command(
    data: Annotated[
        str, typer.Argument(help="a culture table (CSV), or cytokine-grids, shipped")
    ] = "cytokine-grids",
    out: Annotated[
        Path | None, typer.Option(help="folder of the posterior; a fit goes on from there")
    ] = None,
    donor: Annotated[list[str] | None, typer.Option(help="fit this donor alone; may be repeated")] = None,
    graft: Annotated[
        Source | None, typer.Option(help="source of the cells, where the table has none")
    ] = None,
    days: Annotated[float, typer.Option(help="day of the harvest, where the table has none")] = 7.0,
    free: Annotated[
        list[str] | None, typer.Option(help="free parameter by full name; may be repeated")
    ] = None,
    depletion: Annotated[bool, typer.Option("--depletion", help="let cells use the cytokines up")] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="profile likelihood of every free parameter")
    ] = False,
    draws: Annotated[int, typer.Option(help="posterior draws that are kept", min=10)] = 1000,
    pieces: Annotated[int, typer.Option(help="length of the chains, in pieces of 250 steps", min=3)] = 6,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Annotated[int, typer.Option(help="threads; results do not depend on it", min=1)] = os.cpu_count()
    or 1,
    plot: Annotated[
        Path | None, typer.Option(help="picture of readings and predictions (.png, .svg, .pdf)")
    ] = None,
    surface: Annotated[Path | None, typer.Option(help="picture of the dose-response surfaces")] = None,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Fit growth and cytokine answers to counts: posterior, what the data identify, and predictions of every well."""
    from thymos.cli import culture_fit
    from thymos.cli.screen import err, print_json, progress
    from thymos.cli.screen import out as console
    from thymos.report import fitted_culture, fitted_wells
    from thymos.report.canvas import picture_kind

    for picture in (plot, surface):
        if picture:
            picture_kind(picture)  # before the fit, not after it
    table = culture_fit.load(data, tuple(donor or ()))
    measured = culture_fit.measure(table, graft.value if graft else None, days, depletion)
    fit = culture_fit.prepare(measured, tuple(free or ()), workers)
    try:
        with progress() as tick:
            found = culture_fit.run(fit, seed, draws, pieces, profile, out, tick)
    except KeyboardInterrupt:
        kept = (
            f"What was sampled is in {out}: the same command goes on from there."
            if out
            else "Nothing was kept."
        )
        err().print(f"Interrupted. {kept}")
        raise typer.Exit(130) from None
    if plot:
        fitted_wells.draw(found, plot)
    if surface:
        fitted_wells.draw_surfaces(culture_fit.surfaces(fit, found), surface)
    if json:
        print_json(found)
    else:
        fitted_culture.show(found, console())
