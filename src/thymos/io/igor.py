"""A V(D)J model in the format of IGoR: four files of a folder, as they stand.

`model_params.txt` holds the genes and what can be chosen, `model_marginals.txt` the probabilities,
`V_gene_CDR3_anchors.csv` and `J_gene_CDR3_anchors.csv` the ends of the CDR3. Reference: `marcou2018`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.io.igor_anchors import Anchor, read_anchors
from thymos.io.igor_events import Event, read_events
from thymos.io.igor_marginals import Marginal, read_marginals
from thymos.io.near_file import near_file
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

PARAMETERS = ("model_params.txt", "model_parms.txt")  # the second as IGoR itself writes it
MARGINALS = "model_marginals.txt"
ANCHORS = {"v_choice": "V_gene_CDR3_anchors.csv", "j_choice": "J_gene_CDR3_anchors.csv"}

# Each event with those on which it depends.
TRB = {
    "v_choice": (),
    "j_choice": (),
    "d_gene": ("j_choice",),
    "v_3_del": ("v_choice",),
    "d_5_del": ("d_gene",),
    "d_3_del": ("d_gene", "d_5_del"),
    "j_5_del": ("j_choice",),
    "vd_ins": (),
    "dj_ins": (),
    "vd_dinucl": (),
    "dj_dinucl": (),
}
TRA = {
    "v_choice": (),
    "j_choice": ("v_choice",),
    "v_3_del": ("v_choice",),
    "j_5_del": ("j_choice",),
    "vj_ins": (),
    "vj_dinucl": (),
}
KINDS = {
    "choice": "GeneChoice",
    "gene": "GeneChoice",
    "del": "Deletion",
    "ins": "Insertion",
    "dinucl": "DinucMarkov",
}
NEEDS = {"TRA": TRA, "TRB": TRB}


@dataclass(frozen=True)
class IgorModel:
    """One locus as its files say.

    locus     : TRA or TRB
    genes     : name and germline of V, J (and D) by event: v_choice, j_choice, d_gene
    values    : numbers of bases by event: v_3_del, j_5_del (d_5_del, d_3_del), and the insertions
    marginals : probabilities by event; leading axes are the events on which it depends; a Markov chain is
                (before, base)
    anchors   : by event v_choice and j_choice, then by gene; a gene may have none, or one behind the end of a
                germline that is known in part
    """

    folder: Path
    locus: str
    genes: Mapping[str, list[tuple[str, str]]]
    values: Mapping[str, list[int]]
    marginals: Mapping[str, NDArray[np.float64]]
    anchors: Mapping[str, Mapping[str, Anchor]]


def read_igor(folder: Path) -> IgorModel:
    """The model in `folder`, or with its two model files in a folder `tmp1` below, as righor keeps them.

    Raises `DataError` with file, line, what was wanted and what came.
    """
    inner = _model_folder(folder)
    events = read_events(next(inner / name for name in PARAMETERS if (inner / name).is_file()))
    locus = _locus(events, folder)
    _check_events(events, locus)
    marginals = _arrays(events, read_marginals(inner / MARGINALS), locus)
    anchors = {event: read_anchors(folder / name) for event, name in ANCHORS.items()}
    genes = {name: event.genes for name, event in events.items() if event.genes}
    values = {name: event.values for name, event in events.items() if event.values}
    return IgorModel(folder, locus, genes, values, marginals, anchors)


def _model_folder(folder: Path) -> Path:
    """Where the two model files are; raises `DataError` for a folder that is no model."""
    wanted = f"a folder with {PARAMETERS[0]}, {MARGINALS}, {' and '.join(ANCHORS.values())}"
    if not folder.is_dir():
        raise DataError(
            str(folder), wanted, "a file" if folder.exists() else "no such folder", near_file(folder)
        )
    inner = next((f for f in (folder, folder / "tmp1") if any((f / n).is_file() for n in PARAMETERS)), folder)
    missing = [] if any((inner / name).is_file() for name in PARAMETERS) else [PARAMETERS[0]]
    missing += [MARGINALS] * (not (inner / MARGINALS).is_file())
    missing += [name for name in ANCHORS.values() if not (folder / name).is_file()]
    if missing:
        raise DataError(str(folder), wanted, f"no {' and no '.join(missing)}")
    return inner


def _locus(events: Mapping[str, Event], folder: Path) -> str:
    names = [name for name, _ in events["v_choice"].genes] if "v_choice" in events else []
    if not names:
        raise DataError(str(folder), "an event v_choice with the V genes", ", ".join(events) or "no event")
    loci = sorted({name[:3].upper() for name in names})
    # TRAV14/DV4 and its like rearrange in TRA too, and are named after it.
    if len(loci) != 1 or loci[0] not in NEEDS:
        wanted = "V genes of TRA or of TRB alone, the only loci that are read"
        raise DataError(str(folder), wanted, f"genes of {', '.join(loci)}")
    return loci[0]


def _check_events(events: Mapping[str, Event], locus: str) -> None:
    for name in NEEDS[locus]:
        kind = KINDS[name.rpartition("_")[2]]
        if name not in events:
            raise DataError(
                PARAMETERS[0], f"an event {name} in a model of {locus}", f"only {', '.join(events)}"
            )
        if events[name].kind != kind:
            raise DataError(events[name].place, f"{name} to be a {kind}", events[name].kind)


def _arrays(
    events: Mapping[str, Event], marginals: Mapping[str, Marginal], locus: str
) -> dict[str, NDArray[np.float64]]:
    found = {}
    for name, parents in NEEDS[locus].items():
        if name not in marginals:
            wanted = f"probabilities of {name}, below a line @{name}"
            raise DataError(MARGINALS, wanted, f"only {', '.join(marginals)}", "the file may be cut short")
        chain = events[name].kind == "DinucMarkov"
        shape = [16] if chain else [len(events[parent]) for parent in (*parents, name)]
        array = marginals[name].array(name, shape, parents, len(events[name]))
        found[name] = array.reshape(4, 4) if chain else array
    return found
