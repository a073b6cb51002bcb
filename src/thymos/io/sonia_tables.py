"""Selection factors in the format of SONIA: `features.tsv` with an energy for each feature, `log.txt` with the norm.

Features are the length (`l14`), an amino acid at a distance from either end (`aA3`, `aA-4`), and the pair of genes
(`v20-1;j2-7`). Only models of one chain with these features are read. Reference: `isacchini2021`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from thymos.io.csv_text import read_csv
from thymos.io.igor_lines import filled_lines
from thymos.io.near_file import near_file
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.io.csv_text import CsvText

FEATURES, LOG = "features.tsv", "log.txt"
LENGTH = re.compile(r"l(\d+)")
RESIDUE = re.compile(r"a([ACDEFGHIKLMNPQRSTVWY])(-?\d+)")
PAIR = re.compile(r"v([^;]+);j([^;]+)")
SETTINGS = ("Z", "min_energy_clip", "max_energy_clip")


@dataclass
class SoniaTables:
    """Energies of one chain; Q = exp(-clip(E, low, high)) / z.

    length    : by number of residues
    left      : by amino acid and distance from the first residue, from 0
    right     : by amino acid and distance from the last residue, from 0
    pair      : by V and J as `gene_key` writes them
    generated : by V and J, the share of generated chains that the energies were learned with
    """

    folder: Path
    z: float
    low: float
    high: float
    length: dict[int, float] = field(default_factory=dict)
    left: dict[tuple[str, int], float] = field(default_factory=dict)
    right: dict[tuple[str, int], float] = field(default_factory=dict)
    pair: dict[tuple[str, str], float] = field(default_factory=dict)
    generated: dict[tuple[str, str], float] = field(default_factory=dict)


def gene_key(name: str) -> str:
    """How features name a gene: TRAV14/DV4*01 is 14dv4, and so is 14/d4 of older tables."""
    bare = re.sub(r"^(TR[AB])?[VJ]", "", name.partition("*")[0], flags=re.IGNORECASE).lower()
    return bare.replace("/dv", "dv").replace("/d", "dv")


def read_sonia(folder: Path) -> SoniaTables:
    """The tables of a folder; raises `DataError` with file and row."""
    missing = [name for name in (FEATURES, LOG) if not (folder / name).is_file()]
    if missing:
        got = f"no {' and no '.join(missing)}" if folder.is_dir() else "no such folder"
        hint = "" if folder.is_dir() else near_file(folder)
        raise DataError(str(folder), f"a SONIA model: a folder with {FEATURES} and {LOG}", got, hint)
    z, low, high = _settings(folder / LOG)
    tables = SoniaTables(folder, z, low, high)
    table = read_csv(folder / FEATURES, ("Feature", "Energy", "Marginal_gen"))
    for title in ("Feature", "Energy", "Marginal_gen"):
        if title not in table.header:
            raise DataError(table.place(table.header_row), f"a column {title}", ", ".join(table.header))
    for row, cells in table.rows():
        _enter(tables, table, row, dict(zip(table.header, cells, strict=True)))
    _check_whole(tables)
    return tables


def _settings(path: Path) -> tuple[float, float, float]:
    """Norm and limits of the energy; the rest of the log is how the model was learned."""
    found: dict[str, float] = {}
    for line in filled_lines(path):
        name, equals, text = line.text.partition("=")
        if equals and name.strip() in SETTINGS:
            try:
                found[name.strip()] = float(text)
            except ValueError:
                raise line.refuse(f"{name.strip()} = a number") from None
    wanted = "Z above 0, and min_energy_clip below max_energy_clip"
    missing = [name for name in SETTINGS if name not in found]
    if missing:
        raise DataError(path.name, wanted, f"no {' and no '.join(missing)}")
    z, low, high = (found[name] for name in SETTINGS)
    if not 0 < z < float("inf") or not low < high:
        raise DataError(path.name, wanted, f"{z:g}, {low:g} and {high:g}")
    return z, low, high


def _enter(tables: SoniaTables, table: CsvText, row: int, cells: dict[str, str]) -> None:
    """Put one feature where it belongs."""
    name = cells["Feature"]
    energy = _number(table, row, cells, "Energy")
    if found := LENGTH.fullmatch(name):
        tables.length[int(found[1])] = energy
    elif found := RESIDUE.fullmatch(name):
        at = int(found[2])
        # `aA-1` is the last residue.
        side, distance = (tables.right, -at - 1) if at < 0 else (tables.left, at)
        side[found[1], distance] = energy
    elif found := PAIR.fullmatch(name):
        pair = gene_key("V" + found[1]), gene_key("J" + found[2])
        tables.pair[pair] = energy
        tables.generated[pair] = _number(table, row, cells, "Marginal_gen")
    else:
        wanted = "a feature such as l14, aA3, aA-4 or v20-1;j2-7"
        hint = "only models of one chain, with residues by distance from both ends, are read"
        raise DataError(table.place(row, "Feature"), wanted, f"“{name}”", hint)


def _number(table: CsvText, row: int, cells: dict[str, str], column: str) -> float:
    try:
        number = float(cells[column])
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        raise DataError(table.place(row, column), "a number", f"“{cells[column]}”")
    return number


def _check_whole(tables: SoniaTables) -> None:
    for features, kind in (
        (tables.length, "of the length"),
        (tables.left, "from the left"),
        (tables.right, "from the right"),
        (tables.pair, "of V and J"),
    ):
        if not features:
            raise DataError(FEATURES, f"features {kind}", "none", "the file may be cut short")
