"""The clones of one patient drawn one by one, and what a sequencer would see of them at several days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.biology.repertoire.clones.drawn import DrawnClones, drawn
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.clones.rates import Rates
from thymos.biology.repertoire.clones.sampled import sampled_sizes
from thymos.biology.repertoire.clones.source import Source
from thymos.lang.streams import stream
from thymos.therapy.repertoire import finer
from thymos.therapy.t_cell_course import LINEAGES, SOURCES

if TYPE_CHECKING:
    from thymos.therapy.repertoire import Founding, Repertoire

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
EACH = 4000
"""Clones drawn of each kind; where more are expected, each stands for several."""
LEAST = 1e-3  # founders below which a kind is not there


@dataclass(frozen=True)
class Sequenced:
    """Clones that were seen in any of several samples of one patient.

    days     : of the samples (day,)
    cells    : of each clone in each sample (clone, day)
    kind     : "I CD4 naive": origin, lineage and compartment of each clone (clone,)
    in_body  : cells of the patient (day,)
    """

    days: Floats
    cells: Counts
    kind: NDArray[np.str_]
    in_body: Floats


def sequenced(repertoire: Repertoire, days: Sequence[float], depth: float, seed: int) -> Sequenced:
    """Samples of `depth` cells of the first patient, or of all its cells where there are fewer.

    days : output days
    Clones that are drawn one by one keep who they are from day to day. Where each stands for many, those that a sample
    meets are taken for others than those of an earlier sample, which is so but for a chance of a few in a thousand.
    """
    at = np.asarray(days, dtype=np.float64)
    groups = [drawn([source], at, seed + i, EACH) for i, source in enumerate(sources(repertoire, seed))]
    in_body = sum((group.weight * group.sizes.sum(axis=0) for group in groups), np.zeros(len(at)))
    share = np.minimum(1.0, depth / np.maximum(in_body, 1.0))
    cells, kind = [], []
    for i, group in enumerate(groups):
        seen = _seen(group, share, stream(seed, "repertoire.sequenced", i))
        cells.append(seen)
        kind.append(np.repeat(group.labels[0], len(seen)))
    return Sequenced(at, np.concatenate(cells), np.concatenate(kind), in_body)


def _seen(group: DrawnClones, share: Floats, chance: np.random.Generator) -> Counts:
    """Cells of the clones that any sample meets (clone, day)."""
    if group.weight == 1:
        met = chance.binomial(group.sizes, share)
        return np.asarray(met[met.any(axis=1)])
    parts = []
    for k, p in enumerate(share):
        # Each drawn clone stands for `weight` of its size; a sample meets some of these.
        sizes = group.sizes[:, k]
        clones = chance.poisson(group.weight * -np.expm1(sizes * np.log1p(-min(p, 1 - 1e-12))))
        met = _some(np.repeat(sizes, clones), p, chance)
        new = np.zeros((len(met), len(share)), dtype=np.int64)
        new[:, k] = met
        parts.append(new)
    return np.concatenate(parts)


def _some(sizes: Counts, p: float, chance: np.random.Generator) -> Counts:
    """Binomial numbers that are not 0: the first success by its waiting time, and the rest."""
    log_miss = np.log1p(-min(p, 1 - 1e-12))
    u = chance.random(len(sizes)) * -np.expm1(sizes * log_miss)
    first = np.minimum(np.floor(np.log1p(-u) / log_miss).astype(np.int64), sizes - 1)
    return np.asarray(1 + chance.binomial(sizes - 1 - first, p))


def sources(repertoire: Repertoire, seed: int) -> Iterator[Source]:
    """Every kind of clone of the first patient that there is."""
    kinds = (
        *_founded(repertoire.emigration(), "naive"),
        *_residents(repertoire),
        *_memory_at_start(repertoire, seed),
        *(source for flow in repertoire.bursting for source in _founded(flow, "memory")),
    )
    return (part for source in kinds for part in _early_first(source))


def _early_first(source: Source) -> Iterator[Source]:
    """A kind in parts, each founded later than the one before and by some ten times as many clones.

    The clones that are founded first are few and, in a body that is filling up, the largest by far: drawn with all
    others, where each that is drawn stands for many, they would be missed or counted a thousandfold.
    """
    founders = source.founders()
    if founders[-1] < LEAST:
        if len(source.sizes):
            yield source
        return
    tenfold = np.floor(np.log10(np.maximum(founders, EACH) / EACH))
    for i, part in enumerate(np.unique(tenfold)):
        influx = np.where(tenfold == part, source.influx, 0.0)
        yield replace(source, influx=influx, sizes=source.sizes if i == 0 else source.sizes[:0])


def _founded(flow: Founding, compartment: str) -> Iterator[Source]:
    """The clones of a flow, by origin, lineage and class."""
    fine = finer(flow.influx) if flow.every > 1 else flow.influx
    shape = np.broadcast_shapes(fine.shape, flow.rates.birth.shape)
    influx, birth, death, m, B = (
        np.broadcast_to(x, shape)[0]
        for x in (fine, flow.rates.birth, flow.rates.death, flow.start.m, flow.start.B)
    )
    for s, j, c in np.ndindex(*influx.shape[:-1]):
        rates = Rates(flow.rates.times, birth[s, j, c], death[s, j, c])
        start = Kendall(m[s, j, c, 0], B[s, j, c, 0])
        yield Source(_label(s, j, compartment), rates, influx[s, j, c], start)


def _residents(r: Repertoire) -> Iterator[Source]:
    """Naive cells of the day of transplant, each a clone; taken to begin within the first step."""
    rates, first = r.naive_rates, np.zeros(r.naive_rates.times.size)
    first[0] = 2 / (rates.times[1] - rates.times[0])  # a triangle of area 1
    for s, j, c in np.ndindex(*r.there.shape[1:]):
        mine = Rates(rates.times, rates.birth[0, s, j, c], rates.death[0, s, j, c])
        yield Source(_label(s, j, "naive"), mine, first * r.there[0, s, j, c])


def _memory_at_start(r: Repertoire, seed: int) -> Iterator[Source]:
    start, rates, none = r.memory_at_start.take(0), r.memory_rates, np.zeros(r.memory_rates.times.size)
    for s, j, c in np.ndindex(*rates.birth.shape[1:4]):
        mine = start.take((s, j, slice(None), c))
        sizes = np.sort(sampled_sizes(mine, 1.0, seed, s, j, c)[0])[::-1]
        own = Rates(rates.times, rates.birth[0, s, j, c], rates.death[0, s, j, c])
        # The largest by themselves, as in `_early_first`.
        edges = [0, *(EACH * 10**power for power in range(8))]
        for first, last in pairwise(edges):
            yield Source(_label(s, j, "memory"), own, none, sizes=sizes[first:last])


def _label(s: int, j: int, compartment: str) -> str:
    return f"{SOURCES[s]} {LINEAGES[j]} {compartment}"
