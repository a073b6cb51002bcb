"""Options that say which model of V(D)J recombination is meant."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thymos.biology.repertoire.vdj.recombination import Recombination


class Locus(StrEnum):
    """Loci whose models are read."""

    TRA = "TRA"
    TRB = "TRB"


ModelPlace = Annotated[
    str,
    typer.Option("--model", metavar="WHERE", help="invented, righor, olga, or a folder with an IGoR model"),
]


def read(where: str, *loci: str) -> list[Recombination]:
    """The models of these loci, with a word on stderr where they are the invented ones."""
    from thymos.biology.repertoire.vdj.installed import recombination
    from thymos.cli.screen import err

    models = [recombination(where, locus) for locus in loci]
    if where == "invented":
        err().print("Invented model: for examples, never for statements about people. Real ones: --model.")
    return models
