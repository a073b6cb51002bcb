"""`thymos vdj pgen`: how often recombination makes a CDR3."""

from pathlib import Path
from typing import Annotated

import typer

from thymos.biology.repertoire.vdj.gene_name import Level
from thymos.cli.pool import CORES, Workers
from thymos.cli.vdj.model import Locus, ModelPlace


def command(
    what: Annotated[
        list[str], typer.Argument(metavar="FILE|SEQUENCE...", help="a tab-separated file, or CDR3s")
    ],
    model: ModelPlace = "invented",
    locus: Annotated[Locus, typer.Option(help="which chain")] = Locus.TRB,
    column: Annotated[
        str, typer.Option(help="column of the CDR3s, amino acids or bases, C to F or W")
    ] = "junction_aa",
    v_column: Annotated[str, typer.Option(help="column of the V gene; without it any V")] = "",
    j_column: Annotated[str, typer.Option(help="column of the J gene; without it any J")] = "",
    genes: Annotated[Level, typer.Option(help="how much of a gene's name counts")] = Level.gene,
    out: Annotated[
        Path | None, typer.Option(help="table (.tsv, .tsv.gz); standard output without it")
    ] = None,
    workers: Workers = CORES,
) -> None:
    """Print the generation probability of CDR3s, amino acids (X, B, J, Z may stand for several) or bases."""
    import sys

    from thymos.biology.repertoire.vdj.answered import Answers
    from thymos.biology.repertoire.vdj.pgen import Pgen
    from thymos.cli.screen import err, spinner
    from thymos.cli.vdj.model import read
    from thymos.io.pgen_rows import asked_file, asked_texts, check_pgen_file, stream_pgens, write_pgens

    if out is not None:
        check_pgen_file(out)  # before the work, not after it
    table = len(what) == 1 and ("." in what[0] or Path(what[0]).exists())
    asked = asked_file(Path(what[0]), column, v_column, j_column) if table else iter([asked_texts(what)])
    answers = Answers(Pgen(read(model, locus.value)[0]), genes, workers)
    if out is None:
        stream_pgens(sys.stdout.buffer, answers.of(asked))
    else:
        with spinner() as say:
            write_pgens(out, answers.of(asked, lambda rows: say(f"{rows:,} rows")))
        err().print(f"{answers.rows:,} rows in {out}")
    if answers.without:
        err().print(f"{answers.without:,} of {answers.rows:,} without a probability. First: {answers.first}")
