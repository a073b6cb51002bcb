"""`thymos value`: which measurement would tell most about what the product does."""

from pathlib import Path
from typing import Annotated

import typer

from thymos.cli.asked_study import Age, Day, Diagnosis, Dose, StudyName
from thymos.cli.pool import CORES, Workers


def command(
    study: StudyName = None,
    age: Age = None,
    diagnosis: Diagnosis = None,
    day: Day = 10,
    dose: Dose = 0.5e6,
    about: Annotated[
        str, typer.Option(help="what is to be known, by which measurements are ranked")
    ] = "gain_cd4_day100",
    simulated: Annotated[
        int, typer.Option(help="virtual patients in all, twins counted", min=30_000)
    ] = 150_000,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Workers = CORES,
    plot: Annotated[Path | None, typer.Option(help="draw into this file (.png, .svg, .pdf)")] = None,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Rank measurements by how far they are expected to narrow what is known of the product's effect."""
    from thymos.cli.asked_study import asked_study
    from thymos.cli.screen import err, out, print_json, spinner
    from thymos.lang.errors import StudyError
    from thymos.report.canvas import picture_kind
    from thymos.report.value import QUANTITIES, draw, show

    if about not in QUANTITIES:
        raise StudyError("option --about", f"one of {', '.join(QUANTITIES)}", about)
    if plot is not None:
        picture_kind(plot)
    asked = asked_study(study, age, diagnosis, day, dose)
    from thymos.cli.sensing import Budget
    from thymos.cli.valuing import value

    with spinner() as tick:
        found = value(asked, Budget(simulated, seed, workers), tick)
    if json:
        print_json(found)
    else:
        show(found, about, out())
    if plot is not None:
        draw(found, about, plot)
        err().print(f"Drawn in {plot}")
