"""Finds a V(D)J model: the invented one, that of an installed `righor` or `olga`, or a folder.

Neither package is imported: their models are data files, read where the user has them.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from thymos.biology.repertoire.vdj import invented
from thymos.biology.repertoire.vdj.igor import from_igor
from thymos.biology.repertoire.vdj.recombination import Recombination
from thymos.io.igor import read_igor
from thymos.lang.errors import DataError

LOCI = ("TRA", "TRB")
NAMES = ("invented", "righor", "olga")
RIGHOR = {"TRA": "human/t_alpha", "TRB": "human/t_beta"}
OLGA = {"TRA": "human_T_alpha", "TRB": "human_T_beta"}
UNKNOWN = "licence unknown: yours to check"
"""What the card says of a model's licence where the place it was read from does not say."""


def recombination(where: str | Path, locus: str) -> Recombination:
    """The law of one locus.

    where : "invented", "righor" or "olga" (installed packages, human), or a folder with the files of one IGoR model,
            or with a folder for each locus
    locus : TRA or TRB

    Raises `DataError` that says what to install or to name, and for a folder that holds another locus.
    """
    if locus not in LOCI:
        raise DataError("locus", " or ".join(LOCI), f"“{locus}”")
    folder, source = _found(str(where), locus)
    model = from_igor(read_igor(folder), source)
    if model.locus != locus:
        raise DataError(str(folder), f"a model of {locus}", f"one of {model.locus}", f"--locus {model.locus}")
    return model


def _found(where: str, locus: str) -> tuple[Path, str]:
    """The folder, and what the card says of it."""
    if where == "invented":
        return invented.folder(locus), invented.SOURCE
    if where == "righor":
        return checked(Path(sys.prefix) / "righor_models" / RIGHOR[locus], where), licence(where)
    if where == "olga":
        return checked(models_of(where) / OLGA[locus], where), licence(where)
    if not Path(where).exists() and "/" not in where:
        got = f"“{where}”, neither of them nor a folder"
        raise DataError("model", f"{', '.join(NAMES)}, or a folder with an IGoR model", got)
    return of_locus(Path(where), locus), f"{where}; {UNKNOWN}"


def of_locus(folder: Path, locus: str) -> Path:
    """The folder of one locus below one with several, as people and the packages name it; else the folder itself."""
    below = [folder / name for name in (locus, RIGHOR[locus], OLGA[locus])]
    return next((inner for inner in below if inner.is_dir()), folder)


def models_of(package: str) -> Path:
    """The folder of the models that olga, sonia and sonnia carry, which need not exist."""
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0] if places else f"(no package {package})") / "default_models"


def checked(folder: Path, package: str) -> Path:
    """The folder; raises `DataError` where the package is not installed, or does not have it."""
    if not folder.is_dir():
        hint = f"pip install {package}, or name the folder itself"
        raise DataError(
            f"model {package}", f"its models installed in {sys.prefix}", f"no folder {folder}", hint
        )
    return folder


def licence(package: str) -> str:
    """Name, version and declared licence of an installed package."""
    try:
        about = distribution(package)
    except PackageNotFoundError:
        return f"{package}; {UNKNOWN}"
    keys = [key for key in ("License-Expression", "License") if key in about.metadata]
    declared = about.metadata[keys[0]] if keys else ""
    said = f"which declares {declared} for the package" if declared else UNKNOWN
    return f"{package} {about.version}, {said}; germline after IMGT, terms yours to check"
