"""`thymos vdj card`: what a model of recombination can make, and where it is from."""

from typing import Annotated

import typer

from thymos.cli.pool import CORES, Workers
from thymos.cli.vdj.model import Locus, ModelPlace


def command(
    model: ModelPlace = "invented",
    locus: Annotated[Locus, typer.Option(help="which chain")] = Locus.TRB,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Workers = CORES,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Genes, limits, share of productive rearrangements, length, and the source of a model with its licence."""
    from thymos.biology.repertoire.vdj.card import as_dict, card
    from thymos.cli.screen import out, print_json
    from thymos.cli.vdj.model import read
    from thymos.report.recombination_card import show

    (law,) = read(model, locus.value)
    found = as_dict(card(law, seed, workers))
    if json:
        print_json(found)
    else:
        show(found, out())
