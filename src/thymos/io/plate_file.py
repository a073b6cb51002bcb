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
from thymos.io.plate_check import check_plate
from thymos.io.plate_header import Header
from thymos.io.well import Plate
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 1_000_000
"""Bytes: 20,000 wells."""
MARK = "# SIMULATED"
"""The comment line of a plate that nobody pipetted."""


def read_plate(path: Path) -> Plate:
    """The plate in a file; raises `DataError` at the first fault, with its row and column."""
    return parse_plate(_text(path), path.name)


def parse_plate(text: str, name: str) -> Plate:
    """The plate in the text of a file that messages call `name`."""
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip(" ,;\t")]
    lines = [(n, line) for n, line in lines if not line.startswith("#")]
    if len(lines) < 2:
        raise DataError(
            name, "a header and a row for each well", "an empty sheet" if not lines else "a header alone"
        )
    mark = max(",;\t", key=lines[0][1].count)
    where = f"{name}, row {lines[0][0]}"
    header = Header(_cells(lines[0][1], mark, where), where)
    wells = tuple(
        header.well(_cells(line, mark, f"{name}, row {n}"), f"{name}, row {n}", n) for n, line in lines[1:]
    )
    simulated = any(line.startswith(MARK) for line in text.splitlines())
    plate = Plate(name, header.scale, header.unit, wells, simulated)
    check_plate(plate)
    return plate


def _cells(line: str, mark: str, where: str) -> list[str]:
    """One line cut at `mark`; each line stands for itself, so that rows keep their numbers."""
    try:
        return next(csv.reader([line], delimiter=mark, strict=True))
    except csv.Error as problem:
        raise DataError(where, "cells of one line, their quotes in pairs", str(problem)) from None


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


def _text(path: Path) -> str:
    """The file as text; a workbook or another binary file is refused by name."""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= LARGEST else b""
    except OSError as problem:
        raise DataError(str(path), "a file that can be read", problem.strerror or str(problem)) from None
    if size > LARGEST:
        raise DataError(str(path), f"a plate of at most {LARGEST // 10**6} MB", f"{size / 1e6:.0f} MB")
    if raw.startswith(b"PK"):
        raise DataError(str(path), "a CSV file", "a workbook", "save the sheet as CSV (UTF-8)")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise DataError(
            str(path), "text in UTF-8", f"byte {raw[problem.start]:#04x}", "save the sheet as CSV (UTF-8)"
        ) from None
