"""`thymos sensitivity`: which values, which quarrels and which patients move a result."""

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
    simulated: Annotated[
        int, typer.Option(help="virtual patients in all, twins counted", min=30_000)
    ] = 150_000,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Workers = CORES,
    plot: Annotated[Path | None, typer.Option(help="draw into this file (.png, .svg, .pdf)")] = None,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Share the variance of every headline result among uncertain values, scientific quarrels and patients."""
    from thymos.cli.asked_study import asked_study
    from thymos.cli.screen import err, out, print_json, spinner
    from thymos.report.canvas import picture_kind

    if plot is not None:
        picture_kind(plot)
    asked = asked_study(study, age, diagnosis, day, dose)
    from thymos.cli.sensing import Budget, sensitivity
    from thymos.report.sensitivity import draw, show

    with spinner() as tick:
        found = sensitivity(asked, Budget(simulated, seed, workers), tick)
    if json:
        print_json(found)
    else:
        show(found, out())
    if plot is not None:
        draw(found, plot)
        err().print(f"Drawn in {plot}")
