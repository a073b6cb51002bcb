"""Killing of targets at several effector:target ratios, as others measured it; no model reads its values here."""

from __future__ import annotations

from dataclasses import dataclass

from thymos.evidence.datasets.codebook import Codebook, number

CODEBOOK = Codebook(
    name="killing_assays",
    text="Percent of targets killed against the effector:target ratio: mouse CD8+ T cells on peptide-pulsed MC38"
    " (six wells each), human blood cells with trastuzumab on a HER2+ line (19 donors), canine NK cells (five).",
    columns={
        "study": "tcell_2d, nk_adcc or dog_nk",
        "experiment": "experiment, donor or animal as the source names it",
        "effector": "killers",
        "target": "cells to be killed",
        "ratio": "effectors per target; empty without effectors",
        "hours": "time together [hour]; empty where the table does not say it",
        "replicate": "number of the well; 1 where the source gives one number for all wells",
        "kind": "sample, or spontaneous: targets without effectors",
        "scale": "dead: percent of targets dead, spontaneous death included; specific: percent specific lysis",
        "percent": "as published, rounded to four digits; may exceed 100 where the source normalised so",
        "source": "key of references.bib",
    },
    sha256="f4def790313cd0ab883cb70c87aac0fa561f06c239d22b4c13c542e26f30ea31",
    licence="tcell_2d: Apache-2.0, github.com/hammerlab/cytotoxicity-image-assays at cc6a667. nk_adcc, dog_nk: facts,"
    " no licence needed; nk_adcc belongs to an article under CC BY 4.0.",
    processing="tcell_2d: the columns hgp100-pulsed of the four experiments of Fig6a-MC38-pmel-2Dculture.pzfx."
    " nk_adcc: the column top (upper asymptote over antibody concentrations) of metaanalysis_tx006.csv."
    " dog_nk: transcribed.",
)


@dataclass(frozen=True)
class Killing:
    """One reading; see the codebook."""

    study: str
    experiment: str
    effector: str
    target: str
    ratio: float | None
    hours: float | None
    replicate: int
    kind: str
    scale: str
    percent: float


def killing_assays(study: str) -> list[Killing]:
    """The readings of one study, in the order of the table."""
    return [
        Killing(
            study=row["study"],
            experiment=row["experiment"],
            effector=row["effector"],
            target=row["target"],
            ratio=number(row["ratio"]),
            hours=number(row["hours"]),
            replicate=int(row["replicate"]),
            kind=row["kind"],
            scale=row["scale"],
            percent=float(row["percent"]),
        )
        for row in CODEBOOK.read()
        if row["study"] == study
    ]
