"""Options that say which model of V(D)J recombination is meant."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thymos.biology.repertoire.chain_batches import Selection
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


def read_selections(
    where: str | None, models: Sequence[Recombination], cap: float, seed: int, workers: int
) -> list[Selection]:
    """Selection factors of each model; none where none were asked for."""
    if where is None:
        return []
    from thymos.biology.repertoire.chain_batches import Selection
    from thymos.biology.repertoire.selection.selected import Thinning
    from thymos.biology.repertoire.selection.sonia import factors, installed_tables

    return [
        Selection(factors(installed_tables(where, m.locus), m, seed, workers), Thinning(cap)) for m in models
    ]


def spoken(locus: str, passed: Selection) -> str:
    """What selection did, in words."""
    thinning, factors = passed.thinning, passed.factors
    kept = f"{locus}: {thinning.accepted:.1%} of {thinning.tried:,} chains passed selection"
    lost = f"the cap of {thinning.cap:g} leaves out {thinning.lost:.2%} of the law"
    if not factors.neutral:
        return f"{kept}; {lost}; mean Q before selection {factors.mean_read:.3f}."
    genes = ", ".join(factors.neutral)
    return (
        f"{kept}; {lost}. Mean Q before selection was {factors.mean_read:.3f} and not 1: {genes}, of which the tables "
        "had no chain, made neutral."
    )
