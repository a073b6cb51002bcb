"""How unlike each other clones are: on the day of transplant, in dividing, and in what one activated cell makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.clones.classes import Classes
from thymos.biology.repertoire.clones.clones import Clones
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.lang import Model, parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CLASSES = 8
"""Geometric laws that make up a power law; their means lie evenly on a logarithmic scale."""
BISECTIONS = 60  # halve the interval of ln n0, some 25 wide, to 1e-17


class CloneSizes(Model):
    r"""Memory clones follow a power law, and so do the bursts by which naive cells found them.

    $$ P(N > n) \propto n^{-\alpha}, \qquad n_0 \le n \le n_1 $$

    as a mixture of geometric laws. In a whole body $n_1$ is the largest clone's share of all memory cells, and $n_0$
    follows from the number of memory clones. Mature cells of a graft, or those that conditioning leaves, are a sample
    of such a body: each kept with the same probability, which keeps the form. Naive cells so taken are one of their
    clone each. The largest clones are large because they answer what stays in the body, above all cytomegalovirus:
    together they are `responder_share` of the memory cells, and divide `responder_division` times as fast as others.
    A burst keeps the mean that the recipient gives it, and $n_1 / n_0$ says how unlike bursts are. Neutral dynamics,
    with all cells and all bursts alike, is `fast_division` 1, `responder_division` 1 and `burst_range` 1.
    References: `gaimann2021`, `arstila1999`, `sylwester2005`, `dessalles2021`.
    """

    donor_memory = parameter("cell", "memory T cells in the body from which mature T cells come")
    memory_richness = parameter("", "memory clones in that body")
    largest_memory = parameter("", "share of all its memory cells that the largest clones have")
    memory_tail = parameter("", "exponent with which the number of larger memory clones falls")
    responder_share = parameter("", "share of those memory cells that answer what stays in the body")
    responder_division = parameter("", "division rate of such memory cells relative to the others")
    burst_tail = parameter("", "exponent with which the number of larger bursts falls")
    burst_range = parameter("", "largest burst of an activated naive cell, relative to the smallest")
    fast_share = parameter("", "share of new naive T cells that divide fast")
    fast_division = parameter("", "division rate of fast naive T cells relative to the others")


def values(p: Mapping[str, Floats], name: str) -> Floats:
    """A row of `CloneSizes` of each patient (patient,)."""
    return p[f"clone_sizes.{name}"]


def memory_clones(cells: Floats, p: Mapping[str, Floats]) -> Clones:
    """Memory clones of `cells` (patient, ...) that are a sample of a whole body's; classes of size on the last axis."""
    whole, richness = values(p, "donor_memory"), values(p, "memory_richness")
    size, share = _memory(p)
    between = (len(cells), *(1,) * (cells.ndim - 1), -1)
    taken = np.minimum(cells / whole.reshape(between[:-1]), 1.0)
    law = Kendall.burst(size.reshape(between))
    return Clones((richness[:, None] * share).reshape(between), law).thinned(taken)


def responders(p: Mapping[str, Floats]) -> Floats:
    """Which part of each class of `memory_clones` answers what stays in the body: the largest do (patient, class)."""
    size, share = _memory(p)
    cells = size * share / (size * share).sum(axis=-1, keepdims=True)
    larger = np.cumsum(cells[:, ::-1], axis=-1)[:, ::-1] - cells
    return np.asarray(np.clip((values(p, "responder_share")[:, None] - larger) / cells, 0.0, 1.0))


def memory_classes(p: Mapping[str, Floats]) -> Classes:
    """Other memory cells, which newcomers are, and responders; (patient, class)."""
    division = values(p, "responder_division")
    one, none = np.ones_like(division), np.zeros_like(division)
    return Classes(np.stack([one, none], axis=-1), np.stack([one, division], axis=-1))


def bursts(mean: Floats, p: Mapping[str, Floats]) -> tuple[Floats, Kendall]:
    """Bursts of a given mean (patient, ...): the share of founders in each class and its law, (patient, ..., class)."""
    one = np.zeros(len(mean))
    size, share = _power_law(one, np.log(values(p, "burst_range")), values(p, "burst_tail"))
    relative = size / (share * size).sum(axis=-1, keepdims=True)
    between = (len(mean), *(1,) * (mean.ndim - 1), -1)
    return share.reshape(between), Kendall.burst(mean[..., None] * relative.reshape(between))


def _memory(p: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Mean sizes and shares of the classes of memory clones of a whole body (patient, class)."""
    whole = values(p, "donor_memory")
    mean = whole / values(p, "memory_richness")
    return _with_mean(mean, values(p, "largest_memory") * whole, values(p, "memory_tail"))


def _power_law(smallest: Floats, largest: Floats, tail: Floats) -> tuple[Floats, Floats]:
    """Mean sizes and shares of the classes, (patient, class), between logarithms of sizes (patient,)."""
    place = (np.arange(CLASSES) + 0.5) / CLASSES
    log_size = smallest[:, None] + (largest - smallest)[:, None] * place
    share = np.exp(-tail[:, None] * (log_size - log_size[:, :1]))
    return np.exp(log_size), share / share.sum(axis=-1, keepdims=True)


def _with_mean(mean: Floats, largest: Floats, tail: Floats) -> tuple[Floats, Floats]:
    """The power law up to `largest` whose smallest size gives it this mean; all alike where the mean is larger."""
    high = np.log(np.maximum(largest, mean))
    low, top = np.full_like(high, -5.0), high.copy()
    for _ in range(BISECTIONS):
        middle = (low + top) / 2
        size, share = _power_law(middle, high, tail)
        above = (size * share).sum(axis=-1) > mean
        low, top = np.where(above, low, middle), np.where(above, middle, top)
    return _power_law((low + top) / 2, high, tail)


def naive_classes(p: Mapping[str, Floats]) -> Classes:
    """Slow and fast naive cells, (patient, class)."""
    fast, division = values(p, "fast_share"), values(p, "fast_division")
    return Classes(np.stack([1 - fast, fast], axis=-1), np.stack([np.ones_like(division), division], axis=-1))
