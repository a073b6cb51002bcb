"""`thymos chart`: the counts of one patient against healthy people and against patients like it."""

from pathlib import Path
from typing import Annotated

import typer

from thymos.cli.pool import CORES, Workers


def command(
    counts: Annotated[Path, typer.Argument(help="CSV file: day (or date), lineage, count, unit, limit")],
    patient: Annotated[Path, typer.Option(help="YAML file of the patient: age, diagnosis, graft, product")],
    out: Annotated[
        Path | None, typer.Option(help="write the chart into this file (.png, .svg, .pdf, .html)")
    ] = None,
    simulated: Annotated[
        int, typer.Option("--patients", help="simulated patients like this one", min=20, max=20_000)
    ] = 1000,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Workers = CORES,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Chart a patient's counts: z-scores and centiles of the age, milestones, and the expected course."""
    from thymos.cli.screen import err, print_json
    from thymos.cli.screen import out as screen
    from thymos.io.patient_counts import read_counts
    from thymos.io.patient_file import read_patient
    from thymos.report.chart import show
    from thymos.report.chart_file import check_kind, write
    from thymos.trial.chart import chart, chart_days
    from thymos.trial.known import study_for
    from thymos.trial.likes import likes

    if out is not None:
        check_kind(out)  # before the simulation, not after it
    person = read_patient(patient)
    read = read_counts(counts, person)
    study = study_for(person)
    days = chart_days(read, study)
    found = chart(person, read, study, days, likes(person, simulated, seed, days.tolist(), workers))
    if json:
        print_json(found)
    else:
        show(found, screen())
    if out is not None:
        write(found, out)
        err().print(f"Drawn in {out}")
