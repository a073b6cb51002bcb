"""`thymos forecast`: what the counts of one patient let expect."""

from pathlib import Path
from typing import Annotated

import typer

from thymos.cli.pool import CORES, Workers


def command(
    counts: Annotated[Path, typer.Argument(help="CSV file: day (or date), lineage, count, unit, limit")],
    patient: Annotated[Path, typer.Option(help="YAML file of the patient: age, diagnosis, graft, product")],
    until: Annotated[float, typer.Option(help="last day of the forecast [day after transplant]")] = 365,
    dose: Annotated[
        float | None, typer.Option(help="what if: CD7+CD3- cells per kg of an infusion to come", min=0)
    ] = None,
    day: Annotated[float | None, typer.Option(help="what if: day of that infusion")] = None,
    second_dose: Annotated[float | None, typer.Option(help="what if: cells per kg of a second one")] = None,
    second_day: Annotated[float | None, typer.Option(help="what if: day of the second one")] = None,
    steroid_stop: Annotated[float | None, typer.Option(help="what if: day on which steroids end")] = None,
    simulated: Annotated[
        int, typer.Option(help="simulated patients to begin with", min=500, max=200_000)
    ] = 10_000,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Workers = CORES,
    out: Annotated[
        Path | None, typer.Option(help="draw the forecast into this file (.png, .svg, .pdf)")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Forecast a patient from its counts so far: bands, milestones, what if, and what the counts taught."""
    from thymos.cli.forecast_summary import summary
    from thymos.cli.forecasting import forecast
    from thymos.cli.screen import err, print_json, progress
    from thymos.cli.screen import out as screen
    from thymos.io.patient_counts import read_counts
    from thymos.io.patient_file import read_patient
    from thymos.report.canvas import picture_kind
    from thymos.report.forecast import draw, show
    from thymos.trial.what_if import asked

    if out is not None:
        picture_kind(out)  # before the simulation, not after it
    person = read_patient(patient)
    other = asked(dose, day, second_dose, second_day, steroid_stop)
    with progress() as tick:
        found = forecast(
            person,
            read_counts(counts, person),
            n=simulated,
            seed=seed,
            workers=workers,
            until=until,
            what_if=other,
            tick=lambda done, total: tick(done, total, "counts taken in"),
        )
    table = summary(found)
    if json:
        print_json(table)
    else:
        show(table, screen())
    if out is not None:
        draw(table, out)
        err().print(f"Drawn in {out}")
