"""Exports of the immunoSEQ Analyzer of Adaptive Biotechnologies, versions 1 to 4.

The bases are those of the read, in which the junction begins at `vIndex` (counted from 0) and is `cdr3Length` long; an
index below 0 says that it was not found. Gene names are Adaptive's, TCRBV06-01 for TRBV6-1. Reference: `robins2009`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from thymos.io.sequence_format import SequenceFormat
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from thymos.io.sequence_file import SequenceFile

STATUS = {"In": True, "Out": False, "Stop": False}
LOCUS = {"TCRA": "TRA", "TCRB": "TRB", "TCRG": "TRG", "TCRD": "TRD"}
NAME = re.compile(r"(TCR[ABGD])([VDJ])0*(\d+)(?:-0*(\d+))?(?:\*(\d+))?$")
# Families of one gene, which IMGT names without a number and Adaptive with -01.
SINGLE = {
    "TRBV": {1, 2, 9, 13, 14, 15, 16, 17, 18, 19, 26, 27, 28, 30},
    "TRAV": {*range(2, 8), 10, 11, *range(14, 26), *range(27, 38), *range(39, 42)},
    "TRAJ": {*range(1, 62)},
}
# Alpha genes that also serve delta have both names.
DELTA = {"TRAV14": "/DV4", "TRAV23": "/DV6", "TRAV29": "/DV5", "TRAV36": "/DV7", "TRAV38-2": "/DV8"}


def gene(name: str) -> str:
    """The IMGT name; "" for what is unresolved, a name as it stands where it is not Adaptive's."""
    first = re.split(r"[,/]", name)[0].strip()
    found = NAME.match(first)
    if found is None:
        return "" if first.lower() in ("unresolved", "unknown", "undefined") else first
    receptor, segment, family, member, allele = found.groups()
    group = LOCUS[receptor] + segment
    single = int(family) in SINGLE.get(group, ())
    imgt = f"{group}{family}" + (f"-{member}" if member and not single else "")
    return imgt + DELTA.get(imgt, "") + (f"*{allele}" if allele else "")


def functional(file: SequenceFile, title: str, cells: Any) -> Any:
    """In is productive, Out and Stop are not; raises `DataError` for any other word."""
    import pyarrow as pa

    words = [word for word in cells.unique().to_pylist() if word is not None and word not in STATUS]
    if words:
        i = cells.index(words[0]).as_py()
        raise DataError(file.place(i, title), f"one of {', '.join(STATUS)}", repr(words[0]))
    return pa.array([STATUS.get(word) for word in cells.to_pylist()], pa.bool_())


def junctions(cells: Mapping[str, Any], rows: int) -> Any:
    """The part of each read that is the junction, "" where it was not found."""
    import pyarrow as pa

    if not {"read", "start", "length"} <= set(cells):
        return pa.nulls(rows, pa.string())
    columns = (cells[what].to_pylist() for what in ("read", "start", "length"))
    return pa.array([_cut(*row) for row in zip(*columns, strict=True)], pa.string())


def _cut(read: str | None, start: str | None, length: str | None) -> str:
    """The junction within a read; numbers that are none say that it was not found."""
    if not read or not (start or "").isdecimal() or not (length or "").isdecimal():
        return ""
    first, bases = int(start or 0), int(length or 0)
    return read[first : first + bases] if first + bases <= len(read) else ""


IMMUNOSEQ = SequenceFormat(
    name="immunoSEQ",
    titles={
        "read": ("nucleotide", "rearrangement"),
        "junction_aa": ("aminoAcid", "amino_acid"),
        "count": (
            "count (templates/reads)",
            "count (templates)",
            "count (reads)",
            "templates",
            "copy",
            "reads",
            "seq_reads",
        ),
        "v_call": ("vMaxResolved", "v_resolved", "vGeneName", "VGeneName", "v_gene"),
        "j_call": ("jMaxResolved", "j_resolved", "jGeneName", "JGeneName", "j_gene"),
        "start": ("vIndex", "VIndex", "v_index"),
        "length": ("cdr3Length", "CDR3Length", "cdr3_length"),
        "productive": ("sequenceStatus", "frame_type"),
        "sample": ("sample_name",),
    },
    needed=(("read",), ("junction_aa",), ("count",), ("v_call",)),
    gene=gene,
    functional=functional,
    junctions=junctions,
)
