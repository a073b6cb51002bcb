"""Clonotype tables of VDJtools: count, frequency, CDR3 as bases and amino acids, V, D, J. Reference: `shugay2015`."""

from __future__ import annotations

from thymos.io.sequence_format import SequenceFormat, first_call


def gene(name: str) -> str:
    """The first call; a lone dot stands for none."""
    return first_call(name).strip(".")


VDJTOOLS = SequenceFormat(
    name="VDJtools",
    titles={
        "count": ("count", "#count"),
        "junction": ("cdr3nt", "CDR3nt"),
        "junction_aa": ("cdr3aa", "CDR3aa"),
        "v_call": ("v", "V"),
        "j_call": ("j", "J"),
    },
    needed=(("count",), ("junction",), ("junction_aa",), ("v_call",), ("j_call",)),
    gene=gene,
)
