"""`thymos repertoire`: what sequenced samples show of a repertoire, and what a patient's may become."""

from pathlib import Path
from typing import Annotated

import typer

from thymos.cli.pool import CORES, Workers


def command(
    samples: Annotated[
        list[Path] | None,
        typer.Argument(help="files of clonotypes: AIRR, immunoSEQ, VDJtools or MiXCR; plain or .gz"),
    ] = None,
    patient: Annotated[
        Path | None,
        typer.Option(help="YAML file of a patient: simulate its repertoire, or show the samples against it"),
    ] = None,
    locus: Annotated[str | None, typer.Option(help="TRB, TRA, TRG or TRD; by default the commonest")] = None,
    depth: Annotated[
        int | None,
        typer.Option(help="compare at so many cells; by default those of the smallest sample", min=2),
    ] = None,
    day: Annotated[
        list[float] | None, typer.Option(help="day after transplant; once for each sample, in their order")
    ] = None,
    age: Annotated[
        float | None, typer.Option(help="age [year], for published numbers of healthy people", min=0, max=120)
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            help="lengths to compare with: a healthy person's file, or a V(D)J model (invented, righor, olga)"
        ),
    ] = None,
    known: Annotated[
        Path | None, typer.Option(help="table of receptors of known specificity, in VDJdb's format")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="WHERE",
            help="V(D)J model: invented (for simulated samples), righor (behind matches), olga, or a folder",
        ),
    ] = None,
    simulated: Annotated[
        int, typer.Option("--patients", help="simulated patients like this one", min=20, max=2000)
    ] = 100,
    airr: Annotated[
        Path | None, typer.Option(help="write the simulated samples into this folder, as AIRR files")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="write the result into this file (.html, .png, .svg, .pdf, .json)")
    ] = None,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Workers = CORES,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Analyse sequenced repertoires, simulate that of a patient, or both: diversity, clones, genes, spectratype."""
    from thymos.cli.repertoires import Asked, repertoires
    from thymos.cli.screen import err, print_json, spinner
    from thymos.cli.screen import out as screen
    from thymos.report.repertoire import show
    from thymos.report.repertoire_file import check_kind, write

    if out is not None:
        check_kind(out)  # before the reading, not after it
    asked = Asked(
        tuple(samples or ()),
        patient,
        locus,
        depth,
        day,
        age,
        reference,
        known,
        model,
        simulated,
        airr,
        seed,
        workers,
    )
    with spinner() as busy:
        found = repertoires(asked, busy)
    if json:
        print_json(found)
    else:
        show(found, screen())
    if out is not None:
        write(found, out)
        err().print(f"Written into {out}")
    if airr is not None:
        err().print(f"Samples in {airr}")
