"""`thymos patient`: one virtual patient and its untreated twin."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    age: Annotated[float, typer.Option(help="age at transplant [year]", min=0, max=120)],
    diagnosis: Annotated[str, typer.Option(help="scid, a genotype of it, aml, all or mds")],
    day: Annotated[float, typer.Option(help="day of the infusion after transplant", min=0)] = 10,
    dose: Annotated[float, typer.Option(help="CD7+CD3- cells per kg", min=0)] = 0.5e6,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    plot: Annotated[
        Path | None, typer.Option(help="draw the curves into this file (.png, .svg, .pdf)")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Simulate one patient with the product and without: counts over two years, with predictive intervals."""
    from thymos.cli.screen import err, out, print_json
    from thymos.report.patient import draw, show
    from thymos.trial.patient import simulate_patient

    found = simulate_patient(age=age, diagnosis=diagnosis, day=day, dose=dose, seed=seed)
    if json:
        print_json(found)
    else:
        show(found, out())
    if plot is not None:
        draw(found, plot)
        err().print(f"Drawn in {plot}")
