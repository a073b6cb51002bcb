"""A plate of a killing assay as a tidy CSV file: one row a well, each unit in the header of its column.

    # comment
    effector,target,ratio,time [hour],replicate,well,kind,signal [cpm],targets [cell]
    NK,K562,10:1,4,1,A1,sample,2210,5000
    ,K562,,4,1,H1,spontaneous,410,5000
    ,K562,,4,1,H7,maximum,3950,5000

A file is taken whole or not at all: the first fault ends in a `DataError` with row and column.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from thymos.io.atomic import write_text
from thymos.io.csv_text import CsvText, parse_csv, read_csv
from thymos.io.plate_check import check_plate
from thymos.io.plate_header import REQUIRED, Header
from thymos.io.well import Plate

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 1_000_000
"""Bytes: 20,000 wells."""
MARK = "# SIMULATED"
"""The comment line of a plate that nobody pipetted."""


def read_plate(path: Path) -> Plate:
    """The plate in a file; raises `DataError` at the first fault, with its row and column."""
    return _plate(read_csv(path, REQUIRED, LARGEST))


def parse_plate(text: str, name: str) -> Plate:
    """The plate in the text of a file that messages call `name`."""
    return _plate(parse_csv(text, name, REQUIRED))


def _plate(table: CsvText) -> Plate:
    header = Header(table.header, table.place(table.header_row))
    wells = tuple(header.well(cells, table.place(row), row) for row, cells in table.rows())
    simulated = any(comment.startswith(MARK) for comment in table.comments)
    plate = Plate(table.name, header.scale, header.unit, wells, simulated)
    check_plate(plate)
    return plate


def write_plate(path: Path, plate: Plate, comment: str = "") -> None:
    """Write a plate so that `read_plate` gives the same wells."""
    write_text(path, plate_text(plate, comment))


def plate_text(plate: Plate, comment: str = "") -> str:
    """The plate as CSV, with `comment` before it."""
    out = io.StringIO()
    if plate.simulated:
        out.write(f"{MARK}\n")
    out.writelines(f"# {line}\n" for line in comment.splitlines())
    value = f"lysis [{plate.unit}]" if plate.scale == "lysis" else f"signal [{plate.unit}]"
    counted = all(well.targets is not None for well in plate.wells)
    head = ["plate", "effector", "target", "ratio", "time [hour]", "replicate", "well", "kind", value]
    table = csv.writer(out, lineterminator="\n")
    table.writerow([*head, "targets [cell]"] if counted else head)
    for w in plate.wells:
        ratio = f"{w.ratio:.12g}:1" if w.kind == "sample" else ""
        where = [w.plate, w.effector, w.target, ratio, f"{w.hours:.12g}", w.replicate, w.well, w.kind]
        table.writerow([*where, f"{w.signal:.12g}", *([f"{w.targets:.12g}"] if counted else [])])
    return out.getvalue()
