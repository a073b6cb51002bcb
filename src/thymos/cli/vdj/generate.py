"""`thymos vdj generate`: chains before selection, drawn from the law of recombination."""

from pathlib import Path
from typing import Annotated

import typer

from thymos.cli.pool import CORES, Workers
from thymos.cli.vdj.model import Locus, ModelPlace


def command(
    n: Annotated[int, typer.Option("--n", help="number of chains, or of cells with --paired", min=1)] = 10,
    model: ModelPlace = "invented",
    locus: Annotated[Locus, typer.Option(help="which chain")] = Locus.TRB,
    paired: Annotated[bool, typer.Option("--paired", help="TRA and TRB of each cell, independently")] = False,
    bases: Annotated[bool, typer.Option("--bases", help="write the nucleotides of each CDR3 too")] = False,
    selection: Annotated[
        str | None,
        typer.Option(metavar="WHERE", help="after selection: sonia, sonnia, or a folder with SONIA tables"),
    ] = None,
    cap: Annotated[
        float, typer.Option(help="factor from which a chain passes selection for certain", min=1)
    ] = 30.0,
    out: Annotated[
        Path | None, typer.Option(help="AIRR file (.tsv, .tsv.gz); standard output without it")
    ] = None,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Workers = CORES,
) -> None:
    """Draw productive chains: CDR3, V and J, one row each, as an AIRR rearrangement file."""
    import sys

    from thymos.biology.repertoire.chain_batches import Drawing, batches
    from thymos.cli.screen import err, progress
    from thymos.cli.vdj.model import read, read_selections, spoken
    from thymos.io.airr_export import rearrangement_kind
    from thymos.io.chain_rows import stream_chains, write_chains

    if out is not None:
        rearrangement_kind(out)  # before the work, not after it
    models = read(model, *(("TRA", "TRB") if paired else (locus.value,)))
    selections = read_selections(selection, models, cap, seed, workers)
    with progress() as tick:
        rows = batches(models, Drawing(n, seed, bases, workers), selections, tick)
        if out is None:
            stream_chains(sys.stdout.buffer, rows)
        else:
            write_chains(out, rows)
    if out is not None:
        err().print(f"{n:,} {'cells' if paired else 'chains'} in {out}")
    for name, passed in zip((m.locus for m in models), selections, strict=False):
        err().print(spoken(name, passed))
