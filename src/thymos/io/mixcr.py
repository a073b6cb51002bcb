"""Clonotypes that MiXCR exports (`exportClones`). Reference: `bolotin2015`."""

from __future__ import annotations

from thymos.io.sequence_format import SequenceFormat, first_call


def gene(name: str) -> str:
    """The best hit without its score, and without the allele *00, which MiXCR writes where it tells none."""
    return first_call(name).partition("(")[0].removesuffix("*00")


MIXCR = SequenceFormat(
    name="MiXCR",
    titles={
        "count": (
            "uniqueMoleculeCount",
            "uniqueUMICount",
            "readCount",
            "cloneCount",
            "Clone count",
        ),
        "junction": ("nSeqCDR3", "N. Seq. CDR3", "Clonal sequence(s)"),
        "junction_aa": ("aaSeqCDR3", "AA. Seq. CDR3"),
        "v_call": ("allVHitsWithScore", "All V hits", "bestVHit", "Best V hit", "allVHits"),
        "j_call": ("allJHitsWithScore", "All J hits", "bestJHit", "Best J hit", "allJHits"),
    },
    needed=(("count",), ("junction",), ("junction_aa",), ("v_call",), ("j_call",)),
    gene=gene,
)
