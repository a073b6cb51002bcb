"""What a user asks of thymic selection, in words: energies, peptides and receptors by number, name or file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS
from thymos.biology.repertoire.receptors import LONGEST, packed
from thymos.biology.repertoire.selection import contact_energy as of
from thymos.biology.repertoire.selection.contacts import random_receptors
from thymos.biology.repertoire.selection.peptides import CONTACTS, of_text
from thymos.biology.repertoire.selection.peptides import LONGEST as LONGEST_PEPTIDE
from thymos.biology.repertoire.selection.survey import Survey
from thymos.biology.repertoire.selection.thresholds import around, value
from thymos.io.energy_file import read_energies
from thymos.io.near_file import near_file
from thymos.io.residue_file import read_residues
from thymos.lang.errors import DataError, StudyError
from thymos.lang.nearest import nearest
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from thymos.biology.repertoire.receptors import Receptors

    Residues = NDArray[np.uint8]

NAMES = ("random", "random-table", "miyazawa-jernigan")
SHORTEST_CDR3 = 5
FURTHEST = 300.0
"""kT; no bond of 16 bits is stronger."""
MOST = 1e7
START = -25.0
"""E_n [kT] before it is calibrated; any other gives the same."""


def read_asked(
    energies: str,
    *,
    self_peptides: str | None,
    presented: float | None,
    recognition: float | None,
    negative: float | None,
    window: float | None,
    gap: float,
    weights: str | None,
    contacts: int,
    hosts: int,
    foreign: int,
    seed: int,
    workers: int,
) -> Survey:
    """The survey that these options ask for; None takes the value of `ThymicSelection`. Raises `InputError`."""
    if negative is not None and recognition is not None:
        wanted = "--negative, or --recognition that sets it"
        raise StudyError("thymic selection", wanted, "both", "leave one of them out")
    published = energies == "miyazawa-jernigan" and contacts == CONTACTS and recognition is None
    if negative is None and published:
        negative = value("table_negative")
    target = value("foreign_recognition") if recognition is None else recognition
    width = value("table_window" if published else "window") if window is None else window
    for name, x in (("negative", negative), ("window", width), ("gap", gap)):
        if x is not None and not abs(x) <= FURTHEST:
            raise StudyError(f"option --{name}", f"a number of kT within {FURTHEST:g}", f"{x:g}")
    share = value("presented") if presented is None else presented
    if not 0 < share <= 1:
        raise StudyError("option --presented", "a share above 0 and at most 1", f"{share:g}")
    return Survey(
        energies=weighted(energies_named(energies, seed, contacts), weights, contacts),
        thresholds=around(START if negative is None else negative, width or None, gap),
        target=target if negative is None else None,
        self_peptides=_self_peptides(self_peptides, contacts),
        presented=share,
        hosts=hosts,
        foreign=foreign,
        seed=seed,
        workers=workers,
    )


def energies_named(name: str, seed: int, contacts: int) -> Callable[[int], of.Energies]:
    """Energies of each host by their name, or from a file. Raises `InputError`."""
    if name == "random":
        return lambda host: of.random_energies(seed, host, contacts)
    if name == "random-table":
        return lambda host: of.random_table(seed, host, contacts)
    if name == "miyazawa-jernigan":
        table: of.Energies = of.miyazawa_jernigan(contacts)
    elif Path(name).exists():
        table = of.of_table(read_energies(Path(name)), contacts)
    else:
        hint = nearest(name, NAMES) or near_file(Path(name))
        raise StudyError("option --energies", f"{', '.join(NAMES)}, or a file that exists", name, hint)
    return lambda host: table


def weighted(
    energies: Callable[[int], of.Energies], weights: str | None, contacts: int
) -> Callable[[int], of.Energies]:
    """The same with weights of the contacts, given as numbers with commas between. Raises `StudyError`."""
    if weights is None:
        return energies
    try:
        each = tuple(float(word) for word in weights.split(","))
    except ValueError:
        wanted = f"{contacts} numbers with commas between"
        raise StudyError("option --weights", wanted, weights) from None
    return lambda host: of.Weighted(energies(host), each)


def read_receptors(words: str, seed: int, vdj: str | None = None, workers: int = 1) -> Receptors:
    """Receptors before selection. Raises `InputError`.

    words : how many, or a file: CDR3 one a line, or a table of clonotypes (.tsv, .tsv.gz)
    vdj   : the model of recombination to draw TRB from, see `installed.recombination`; without, residues are random
    """
    number = whole_number("option --receptors", words)
    if number is None and vdj is not None:
        wanted = "a number of receptors to draw from the model"
        raise StudyError("options --receptors and --vdj", wanted, words, "leave one of them out")
    if number is None:
        return from_file(Path(words))
    if vdj is None:
        return random_receptors(number, stream(seed, "repertoire.receptors"))
    from thymos.biology.repertoire.vdj.drawn import draw
    from thymos.biology.repertoire.vdj.installed import recombination

    return draw(recombination(vdj, "TRB"), number, seed, workers=workers)


def from_file(path: Path) -> Receptors:
    """The receptors of a file; of a table of clonotypes the productive ones whose CDR3 can be used."""
    if not path.name.lower().endswith((".tsv", ".tsv.gz")):
        cdr3 = read_residues(path, ("junction_aa", "cdr3_aa", "cdr3"), SHORTEST_CDR3, LONGEST)
        gene = np.zeros(len(cdr3), dtype=np.int16)
        return packed(cdr3, gene, gene)
    from thymos.io.clonotype_file import read_clonotypes

    read = read_clonotypes(path)
    texts, letters = read.junction_aa.to_pylist(), set(AMINO_ACIDS)
    usable = [
        i
        for i, (text, good) in enumerate(zip(texts, read.productive.tolist(), strict=True))
        if good and SHORTEST_CDR3 <= len(text) <= LONGEST and letters.issuperset(text)
    ]
    if not usable:
        wanted = f"a productive CDR3 of {SHORTEST_CDR3} to {LONGEST} residues"
        raise DataError(path.name, wanted, f"none in {len(texts)} clonotypes")
    genes = (_numbered(call.to_pylist())[usable] for call in (read.v_call, read.j_call))
    return packed([texts[i] for i in usable], *genes)


def _numbered(names: list[str]) -> NDArray[np.int16]:
    return np.unique(np.array(names), return_inverse=True)[1].astype(np.int16)


def _self_peptides(words: str | None, contacts: int) -> int | Residues:
    if words is None:
        return round(value("self_peptides"))
    number = whole_number("option --self-peptides", words)
    if number is not None:
        return number
    shortest = min(contacts, LONGEST_PEPTIDE)
    return of_text(read_residues(Path(words), ("peptide",), shortest, LONGEST_PEPTIDE), contacts)


def whole_number(where: str, words: str) -> int | None:
    """A number from 1 up, or None for a file that exists. Raises `StudyError` for anything else."""
    try:
        number = float(words)
    except ValueError:
        if Path(words).is_file():
            return None
        hint = near_file(Path(words))
        raise StudyError(where, "a whole number, or a file that exists", words, hint) from None
    if not 1 <= number <= MOST or number != int(number):
        raise StudyError(where, f"a whole number from 1 to {MOST:g}", words)
    return int(number)
