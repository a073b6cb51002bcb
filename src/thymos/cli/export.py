"""`thymos export`: what other programs can read."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Write a study in the formats of other programs.", no_args_is_help=True)


class Stage(StrEnum):
    """Which part of the chain."""

    culture = "culture"
    recipient = "recipient"
    both = "both"


@app.command()
def sbml(
    study: Annotated[str, typer.Argument(help="a shipped study by name, or a study file")],
    out: Annotated[Path, typer.Option(help="folder of the files, made where it is missing")] = Path("sbml"),
    stage: Annotated[Stage, typer.Option(help="culture, recipient or both")] = Stage.both,
    arm: Annotated[str | None, typer.Option(help="one arm of the recipient; all where not given")] = None,
    patient: Annotated[int, typer.Option(help="number of the patient, as in a stored run", min=0)] = 0,
    seed: Annotated[int | None, typer.Option(help="in place of the study's seed", min=0)] = None,
    replace: Annotated[bool, typer.Option("--replace", help="replace files that are there")] = False,
) -> None:
    """Write culture and recipient of one virtual patient as SBML, level 3: one file for each arm."""
    from thymos.trial.exchange import STAGES, export_sbml
    from thymos.trial.run import load_study

    stages = STAGES if stage is Stage.both else (stage.value,)
    written = export_sbml(
        load_study(study), out, stages=stages, arm=arm, patient=patient, seed=seed, replace=replace
    )
    for path in written:
        typer.echo(path)
