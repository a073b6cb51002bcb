"""Sequenced samples analysed: each by itself, all at one depth, against each other and against healthy people."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.biology.repertoire.diversity.counted import counted
from thymos.biology.repertoire.diversity.interval import interval
from thymos.biology.repertoire.diversity.overlap import aligned, counted_overlap
from thymos.biology.repertoire.diversity.rarefied import rarefied
from thymos.biology.repertoire.families import Repertoire, looked_at, of_sample, read_families
from thymos.biology.repertoire.sample import common_locus, largest, notes, outside, rank_curve, usage
from thymos.biology.repertoire.vdj.gene_name import Level
from thymos.evidence.datasets.tcr_richness import tcr_richness
from thymos.io.clonotypes import codes, names_in
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thymos.io.clonotypes import Clonotypes

SHOWN = ("cells", "richness", "shannon", "hill1", "hill2", "clonality", "simpson", "chao1")
TRACKED = 12
"""Clones that are followed from sample to sample."""
COMPARABLE = (
    "Indices but Simpson's depend on the depth: compare samples at one depth only. Published numbers are of whole "
    "bodies; a tube of blood holds one cell in thousands of them, and Chao1 of it is a lower bound far below them."
)
SPECTRATYPE = (
    "A family is normal with at least six lengths of 1% of its cells each and none above half; this criterion is "
    "assumed, the alarm below 13 of 24 families at day 100 is published (Heimall 2017). IMGT has 23 families where "
    "older names had 24. Below 100,000 cells a spectratype is not reproducible (Memon 2012)."
)


def analysed(
    samples: Sequence[Clonotypes],
    locus: str | None = None,
    depth: int | None = None,
    seed: int = 1,
    reference: Repertoire | None = None,
    days: Sequence[float] | None = None,
    age: float | None = None,
) -> dict[str, Any]:
    """What the samples show, as `thymos repertoire --json` prints it.

    locus : the chain that is analysed; by default the T-cell locus with most cells
    depth : cells at which samples are compared; by default those of the smallest of several samples
    reference : lengths of CDR3 to compare with;  days : after transplant, one for each sample
    age   : years, of the person, for the published numbers to compare with

    Raises `DataError` where a sample has none of the locus, for a depth it does not reach, and for two of one name.
    """
    named = [sample.sample for sample in samples]
    if len(set(named)) < len(named):
        twice = sorted({name for name in named if named.count(name) > 1})
        raise DataError("samples", "files of different names", f"{', '.join(twice)} more than once")
    if days is not None and len(days) != len(samples):
        raise DataError("option --day", f"one for each of {len(samples)} samples", f"{len(days)} days")
    chain = common_locus(samples, locus)
    kept = [sample.only(sample.of_locus(chain) & sample.productive) for sample in samples]
    smallest = min(int(sample.count.sum()) for sample in kept)
    common = depth if depth is not None or len(kept) == 1 else smallest
    found = [
        _sample(whole, mine, common, None if days is None else days[i])
        for i, (whole, mine) in enumerate(zip(samples, kept, strict=True))
    ]
    if chain == "TRB":
        _spectratypes(found, kept, reference)
    return {
        "format": 1,
        "locus": chain,
        "depth": common,
        "seed": seed,
        "samples": found,
        "overlap": [_overlap(a, b) for a, b in combinations(kept, 2)],
        "tracking": tracking(kept) if len(kept) > 1 else None,
        "age": age,
        "references": references(age) if chain == "TRB" else [],
        "comparable": COMPARABLE,
        "spectratype_text": SPECTRATYPE,
        "spectratype_reference": reference.name if reference else "",
        "known": None,
        "expected": None,
    }


def _sample(whole: Clonotypes, mine: Clonotypes, depth: int | None, day: float | None) -> dict[str, Any]:
    return {
        "name": whole.sample,
        "day": day,
        "counted": whole.counted,
        **outside(whole, names_in(mine.locus)[codes(mine.locus)[0]]),
        "indices": _indices(mine),
        "rarefied": None if depth is None else _rarefied(mine, depth),
        "rank": rank_curve(mine.count),
        "top": largest(mine),
        "v_usage": usage(mine.v_call, mine.count),
        "j_usage": usage(mine.j_call, mine.count),
        "spectratype": None,
        "known": None,
        "notes": notes(mine),
    }


def _spectratypes(
    found: list[dict[str, Any]], kept: Sequence[Clonotypes], reference: Repertoire | None
) -> None:
    """Put the spectratype of each sample into what was found of it."""
    repertoires = [of_sample(sample) for sample in kept]
    names = looked_at([*repertoires, reference] if reference else repertoires)
    for row, repertoire in zip(found, repertoires, strict=True):
        row["spectratype"] = read_families(repertoire, names, reference)


def _indices(sample: Clonotypes) -> dict[str, dict[str, float | None]]:
    """Value and 95 % interval of each index as sequenced; the number of cells has no interval."""
    at = counted(sample.count)
    ends = interval(sample.count) if len(sample) > 1 else None
    out: dict[str, dict[str, float | None]] = {}
    for name in SHOWN:
        low, high = (None, None) if ends is None else (_number(getattr(end, name)) for end in ends)
        fixed = name == "cells"
        out[name] = {
            "value": _number(getattr(at, name)),
            "low": None if fixed else low,
            "high": None if fixed else high,
        }
    return out


def _number(value: Any) -> float | None:
    """A finite number, or None, since JSON has no other."""
    return float(value) if np.isfinite(value) else None


def _rarefied(sample: Clonotypes, depth: int) -> dict[str, dict[str, float]]:
    found = rarefied(sample.count, depth)
    return {
        name: dict(zip(("value", "low", "high"), found[name], strict=True)) for name in SHOWN if name in found
    }


def _overlap(a: Clonotypes, b: Clonotypes) -> dict[str, Any]:
    """Clonotypes of one V, J and amino-acid junction in both."""
    found = counted_overlap(*aligned(_names(a), a.count, _names(b), b.count))
    return {
        "a": a.sample,
        "b": b.sample,
        "shared": int(found.shared),
        "jaccard": float(found.jaccard),
        "morisita_horn": float(found.morisita_horn),
    }


def _names(sample: Clonotypes) -> list[str]:
    """V gene, J gene and junction of each clonotype as one text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    genes = (
        pa.array([Level.gene.of(name) for name in names_in(column)]).take(pa.array(codes(column)))
        for column in (sample.v_call, sample.j_call)
    )
    return [str(name) for name in pc.binary_join_element_wise(*genes, sample.junction_aa, " ").to_pylist()]


def tracking(samples: Sequence[Clonotypes]) -> dict[str, Any]:
    """Shares (clone, sample) of the clones that are among the `TRACKED` largest of any sample, by their mean share."""
    shares: dict[str, list[float]] = {}
    for sample in samples:
        for name in _names(sample.first(TRACKED)):
            shares.setdefault(name, [0.0] * len(samples))
    for i, sample in enumerate(samples):
        for name, share in zip(_names(sample), sample.count / sample.count.sum(), strict=True):
            if name in shares:
                shares[name][i] += float(share)
    largest_first = sorted(shares, key=lambda name: -sum(shares[name]))[:TRACKED]
    return {
        "samples": [sample.sample for sample in samples],
        "clones": [
            dict(zip(("v", "j", "junction_aa"), name.split(" "), strict=True)) for name in largest_first
        ],
        "shares": [shares[name] for name in largest_first],
    }


def references(age: float | None = None) -> list[dict[str, Any]]:
    """Published numbers of distinct chains, in people of an age [year] if it is given.

    Each with `id`, `text`, `kind`, `value`, `low`, `high` and `source`.
    """
    out = []
    for row in tcr_richness():
        if age is not None and not row.of(age):
            continue
        out.append(
            {
                "id": row.id,
                "text": f"{row.cells} T cells, {row.age}"
                if row.cells != "all T cells"
                else f"{row.cells}, {row.age}",
                "kind": row.kind,
                "value": row.value,
                "low": row.low,
                "high": row.high,
                "source": row.source,
            }
        )
    return out
