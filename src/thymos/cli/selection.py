"""`thymos selection`: which receptors a thymus lets out, and what they recognise."""

from pathlib import Path
from typing import Annotated

import typer

from thymos.cli.pool import CORES, Workers


def command(
    energies: Annotated[
        str,
        typer.Option(help="random, random-table, miyazawa-jernigan, or a CSV file of 20 x 20 energies [kT]"),
    ] = "random",
    self_peptides: Annotated[
        str | None, typer.Option(help="self peptides: how many, or a file, one a line", show_default="10000")
    ] = None,
    receptors: Annotated[
        str, typer.Option(help="receptors before selection: how many, or a file of CDR3 or clonotypes")
    ] = "20000",
    vdj: Annotated[
        str | None,
        typer.Option(
            help="draw TRB from a model of recombination: invented, righor, olga, or a folder",
            show_default="random residues",
        ),
    ] = None,
    hosts: Annotated[int, typer.Option(help="people, each with a self set of their own", min=1)] = 6,
    foreign: Annotated[int, typer.Option(help="foreign peptides", min=100)] = 10_000,
    presented: Annotated[
        float | None, typer.Option(help="share of self that the thymus presents", show_default="0.8")
    ] = None,
    recognition: Annotated[
        float | None,
        typer.Option(
            help="chance that a cell not deleted recognises a foreign peptide; sets the threshold",
            show_default="3e-5",
        ),
    ] = None,
    negative: Annotated[
        float | None,
        typer.Option(
            help="threshold of negative selection [kT], instead of --recognition",
            show_default="miyazawa-jernigan -21",
        ),
    ] = None,
    window: Annotated[
        float | None,
        typer.Option(
            help="from there to positive selection [kT]; 0: no cell is neglected",
            show_default="1; miyazawa-jernigan 2.5",
        ),
    ] = None,
    gap: Annotated[float, typer.Option(help="how much weaker a mature cell may bind to respond [kT]")] = 0.0,
    weights: Annotated[
        str | None, typer.Option(help="weights of the contacts, such as 0.5,1,1.5,1,0.5")
    ] = None,
    contacts: Annotated[int, typer.Option(help="residues of a peptide that are touched", min=1, max=10)] = 5,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    out: Annotated[
        Path | None, typer.Option(help="write the result into this file (.html, .png, .svg, .pdf, .json)")
    ] = None,
    workers: Workers = CORES,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Select receptors in several hosts: shares, recognition of foreign and mutated peptides, holes, autoreactivity."""
    from thymos.biology.repertoire.selection.asked import read_asked, read_receptors
    from thymos.biology.repertoire.selection.survey import survey
    from thymos.cli.screen import err, print_json
    from thymos.cli.screen import out as screen
    from thymos.report.selection import show
    from thymos.report.selection_file import check_kind, write

    if out is not None:
        check_kind(out)  # before the computation, not after it
    asked = read_asked(
        energies,
        self_peptides=self_peptides,
        presented=presented,
        recognition=recognition,
        negative=negative,
        window=window,
        gap=gap,
        weights=weights,
        contacts=contacts,
        hosts=hosts,
        foreign=foreign,
        seed=seed,
        workers=workers,
    )
    found = {"energies": energies} | survey(asked, read_receptors(receptors, seed, vdj, workers))
    if json:
        print_json(found)
    else:
        show(found, screen())
    if out is not None:
        write(found, out)
        err().print(f"Written: {out}")
