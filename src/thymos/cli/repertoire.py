"""`thymos repertoire`: what sequenced samples show of a repertoire."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    samples: Annotated[
        list[Path],
        typer.Argument(help="files of clonotypes: AIRR, immunoSEQ, VDJtools or MiXCR; plain or .gz"),
    ],
    locus: Annotated[str | None, typer.Option(help="TRB, TRA, TRG or TRD; by default the commonest")] = None,
    depth: Annotated[
        int | None,
        typer.Option(help="compare at so many cells; by default those of the smallest sample", min=2),
    ] = None,
    day: Annotated[
        list[float] | None, typer.Option(help="day after transplant; once for each sample, in their order")
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            help="lengths to compare with: a healthy person's file, or a V(D)J model (invented, righor, olga)"
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="write the result into this file (.html, .png, .svg, .pdf, .json)")
    ] = None,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Analyse sequenced repertoires: diversity with intervals, clones, genes, spectratype, overlap."""
    from thymos.biology.repertoire.analysis import analysed
    from thymos.biology.repertoire.families import reference_named
    from thymos.cli.screen import err, print_json, spinner
    from thymos.cli.screen import out as screen
    from thymos.io.clonotype_file import read_clonotypes
    from thymos.report.repertoire import show
    from thymos.report.repertoire_file import check_kind, write

    if out is not None:
        check_kind(out)  # before the reading, not after it
    with spinner() as busy:
        read = []
        for path in samples:
            busy(f"reading {path.name}")
            read.append(read_clonotypes(path))
        busy("counting")
        lengths = None if reference is None else reference_named(reference, seed)
        found = analysed(read, locus, depth, seed, lengths, day)
    if json:
        print_json(found)
    else:
        show(found, screen())
    if out is not None:
        write(found, out)
        err().print(f"Written into {out}")
