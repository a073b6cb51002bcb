"""A file of clonotypes in any format that thymos reads; which one it is, its header says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thymos.io.airr_rearrangement import AIRR
from thymos.io.airr_schema import column_type
from thymos.io.clonotype_rows import ClonotypeRows
from thymos.io.immunoseq import IMMUNOSEQ
from thymos.io.mixcr import MIXCR
from thymos.io.personal_data import HINT, personal_title
from thymos.io.sequence_file import open_sequences
from thymos.io.vdjtools import VDJTOOLS
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.io.clonotypes import Clonotypes
    from thymos.io.sequence_file import SequenceFile
    from thymos.io.sequence_format import SequenceFormat

FORMATS = (AIRR, IMMUNOSEQ, VDJTOOLS, MIXCR)
SHOWN = 12
"""Columns that a message names."""


def read_clonotypes(path: Path) -> Clonotypes:
    """The clonotypes of one sample; raises `DataError` for a file that cannot be used, with the row if one is to blame.

    Memory holds the distinct clonotypes and a batch of rows, whatever the number of rows.
    """
    file = open_sequences(path)
    kind = format_of(file)
    for title in file.header:
        what = "" if column_type(title) else personal_title(title)
        if what:
            raise DataError(f"{file.name}, row 1, column {title}", "no personal data", what, HINT)
    return ClonotypeRows(file, kind).clonotypes()


def format_of(file: SequenceFile) -> SequenceFormat:
    """The format whose needed columns are all there; raises `DataError` with the nearest one and what it lacks."""
    missing = {kind.name: kind.missing(file.header) for kind in FORMATS}
    for kind in FORMATS:
        if not missing[kind.name]:
            return kind
    near = min(FORMATS, key=lambda kind: len(missing[kind.name]) / len(kind.needed))
    lacks = missing[near.name]
    seen = ", ".join(file.header[:SHOWN]) + (", ..." if len(file.header) > SHOWN else "")
    where = f"{file.name}, row 1"
    if len(lacks) < len(near.needed):
        hint = "the standard wants them; they may be empty" if near is AIRR else f"columns here: {seen}"
        raise DataError(where, f"all columns of {near.name}", f"no {', '.join(lacks)}", hint)
    kinds = "; ".join(f"{kind.name} ({', '.join(kind.missing(()))})" for kind in FORMATS)
    raise DataError(where, f"the columns of one of: {kinds}", f"only {seen}")
