"""What is said of the repertoire of many patients at one output day: in closed form, and a spectratype drawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thymos.biology.repertoire.antigens.peptides import KINDS, NaivePrecursors, usual
from thymos.biology.repertoire.antigens.response import answered, in_tissue
from thymos.biology.repertoire.clones.clones import together
from thymos.biology.repertoire.clones.sampled import sampled_sizes
from thymos.biology.repertoire.diversity.expected import expected
from thymos.biology.repertoire.diversity.spectratype import VBetaReading, labelled, spectratype
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.biology.repertoire.vdj.lengths import family_lengths
from thymos.therapy.repertoire import flat
from thymos.therapy.t_cell_course import SOURCES

if TYPE_CHECKING:
    from thymos.biology.repertoire.clones.clones import Clones
    from thymos.biology.repertoire.diversity.spectratype import Spectratype
    from thymos.lang.model import Model
    from thymos.therapy.repertoire import Repertoire

Floats = NDArray[np.float64]
By = dict[str, Floats]

DEPTH = 10_000.0
"""T cells that are sequenced; all of them in a patient who has fewer."""
FEWEST = 100.0
"""T cells below which nothing is said of how they are shared out."""
QUORUM = 10
"""Specific cells that it takes for a response; here of all naive cells of the body. Reference: `butler2013`."""
MODEL = "invented"
"""Whose families and lengths a spectratype has: what is read of it is how many clones there are behind each."""


def reading_models() -> tuple[Model, ...]:
    """The models with whose values a repertoire is read: spectratypes, and precursors of epitopes."""
    return VBetaReading(), NaivePrecursors()


ORIGINS = {"infused": "I", "stem": "H", "mature": "G", "host": "R"}
"""Measures that are shares of one origin."""


class Measure(NamedTuple):
    """What is said: its unit and meaning, and whether twins are compared by ratio or by difference."""

    unit: str
    text: str
    ratio: bool


MEASURES = {
    "receptors": Measure("", "T-cell receptors in the body", True),
    "seen": Measure("", f"receptors among {DEPTH:,.0f} T cells", True),
    "hill1": Measure("", f"effective receptors among {DEPTH:,.0f} T cells, by Shannon entropy", True),
    "hill2": Measure("", f"effective receptors among {DEPTH:,.0f} T cells, by pairs", True),
    "clonality": Measure("", f"clonality of {DEPTH:,.0f} T cells", False),
    "emigrants": Measure("", "share of receptors that are on naive T cells out of this thymus", False),
    **{
        name: Measure("", f"share of receptors that {text}", False)
        for name, text in (
            ("infused", "descend from infused progenitors"),
            ("stem", "descend from stem cells of the graft"),
            ("mature", "came with mature cells of the graft"),
            ("host", "are the host's own"),
        )
    },
    "lineages": Measure("", "progenitors that settled in the thymus and are behind naive T cells", True),
    "families": Measure("", "TRBV families of 24 with a normal spectratype", False),
    "virus": Measure("", f"share of viral epitopes with {QUORUM} specific naive T cells or more", False),
    "fungus": Measure("", "the same of fungi; model-based, with the frequencies of viruses", False),
    "tumour": Measure("", "the same of point mutants of self, as tolerance leaves them; model-based", False),
}


def measures(repertoire: Repertoire, k: int, depth: float = DEPTH) -> By:
    """Every measure but the spectratype at output time k, (patient,); not a number where there is too little to say."""
    emigrants, residents = repertoire.emigrants(k), repertoire.residents(k)
    by_origin = together(emigrants, residents, repertoire.memory(k))
    clones = flat(by_origin)
    lineages = repertoire.emigration("lineage").means(k).alive.sum(axis=(1, 2, 3))
    some = np.where(clones.alive > 0, clones.alive, np.nan)
    return {
        "receptors": clones.alive,
        **sampled(clones, depth),
        "emigrants": emigrants.alive.sum(axis=1) / some,
        **{name: by_origin.alive[:, SOURCES.index(s)] / some for name, s in ORIGINS.items()},
        "lineages": np.where(lineages >= 1, lineages, np.nan),  # a share of one progenitor is none
        **{kind: x.mean(axis=-1) for kind, x in answers(together(emigrants, residents)).items()},
    }


def sampled(clones: Clones, depth: float) -> By:
    """Indices of the sequenced cells (patient,)."""
    seen = expected(clones, sampled_share(clones.cells, depth))
    # Ratios of means may leave the range of the index where a single clone has most cells.
    found = {
        "seen": seen.richness,
        "hill1": np.maximum(seen.hill1, 1.0),
        "hill2": np.maximum(seen.hill2, 1.0),
        "clonality": np.clip(seen.clonality, 0.0, 1.0),
    }
    return {name: np.where(seen.cells >= FEWEST, x, np.nan) for name, x in found.items()}


def answers(naive: Clones) -> By:
    """Probability that each peptide of a kind has a quorum of naive cells in the body, (patient, peptide).

    naive : clones (patient, origin, class)
    """
    all_naive = flat(naive)
    everywhere = in_tissue(all_naive, all_naive.cells, QUORUM)
    return {kind: answered(usual(kind).probability, everywhere, QUORUM) for kind in KINDS}


def over_days(
    repertoire: Repertoire,
    days: Sequence[float],
    read: Sequence[float],
    seed: int,
    who: Sequence[tuple[int, ...]],
    depth: float = DEPTH,
) -> By:
    """`MEASURES` (patient, day).

    days : output days;  read : those of them on which a spectratype is read;  who : names each patient's chance
    depth : cells that are sequenced
    """
    found = []
    for day in days:
        k = int(np.searchsorted(repertoire.course.times, day))
        families = normal_families(repertoire, k, seed, who) if day in read else np.full(len(who), np.nan)
        found.append(measures(repertoire, k, depth) | {"families": families})
    return {name: np.stack([one[name] for one in found], axis=1) for name in MEASURES}


def sampled_share(cells: Floats, depth: float = DEPTH) -> Floats:
    """Probability with which a cell is sequenced, of so many."""
    return np.asarray(np.minimum(1.0, depth / np.maximum(cells, 1.0)))


def normal_families(repertoire: Repertoire, k: int, seed: int, who: Sequence[tuple[int, ...]]) -> Floats:
    """TRBV families with a normal spectratype among the sequenced cells (patient,); who : as for `spectratypes`."""
    found = spectratypes(repertoire, k, seed, who)
    return np.array([np.nan if one is None else one.normal().sum() for one in found])


def spectratypes(
    repertoire: Repertoire, k: int, seed: int, who: Sequence[tuple[int, ...]]
) -> list[Spectratype | None]:
    """The spectratype of the sequenced cells of each patient at output time k; None where there are too few.

    who : what names each patient's chance
    Cells of one beta chain are one clone here, whatever their alpha chains; memory clones count as they are.
    """
    groups = (repertoire.emigrants(k, "trb"), repertoire.residents(k), repertoire.memory(k))
    clones = flat(together(*groups))
    share, law = sampled_share(clones.cells), _law()
    found: list[Spectratype | None] = []
    for i, name in enumerate(who):
        sizes, _ = sampled_sizes(clones.take(i), float(share[i]), seed, *name)
        family, length = labelled(law, len(sizes), seed, *name)
        enough = sizes.sum() >= FEWEST
        found.append(spectratype(sizes, family, length, law.shape) if enough else None)
    return found


@cache
def _law() -> Floats:
    """P(family, residues) of the families that there are."""
    law = family_lengths(recombination(MODEL, "TRB"))[1]
    return np.asarray(law[law.sum(axis=1) > 0])
