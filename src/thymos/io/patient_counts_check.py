"""Counts of one day that cannot all be right: said, not refused, for each was reported by a laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from thymos.io.patient_counts import Count

SCATTER = 1.25
"""Factor by which a part may exceed its whole: twice the difference of two counts of 8 % each, about 1.25."""
PARTS = (
    (("cd4",), "cd3"),
    (("cd8",), "cd3"),
    (("cd4", "cd8"), "cd3"),
    (("cd4_naive",), "cd4"),
    (("cd3",), "lymphocytes"),
    (("cd3", "cd19", "nk"), "lymphocytes"),
)


def disagreements(counts: Sequence[Count]) -> Iterator[str]:
    """A sentence for each day on which parts exceed their whole by more than the scatter of an assay."""
    for day, assay in dict.fromkeys((count.day, count.assay) for count in counts):
        same = {c.lineage: c for c in counts if (c.day, c.assay) == (day, assay)}
        for parts, whole in PARTS:
            if all(name in same for name in (*parts, whole)) and not any(same[name].below for name in parts):
                yield from _excess(day, [same[name] for name in parts], same[whole])


def _excess(day: float, parts: list[Count], whole: Count) -> Iterator[str]:
    together = sum(part.value for part in parts)
    if together > SCATTER * whole.value:
        names = " + ".join(part.lineage for part in parts)
        yield f"day {day:g}: {names} is {together:.4g}/uL, more than {whole.lineage} ({whole.value:.4g}/uL)"
