"""An IGoR model written as the four files that `read_igor` reads."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from thymos.io.atomic import make_folder, write_text
from thymos.io.igor import ANCHORS, KINDS, MARGINALS, NEEDS, PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from thymos.io.igor import IgorModel

# Segment and side of an event, which IGoR writes beside its nickname.
PLACES = {
    "v_choice": ("V_gene", "Undefined_side"),
    "d_gene": ("D_gene", "Undefined_side"),
    "j_choice": ("J_gene", "Undefined_side"),
    "v_3_del": ("V_gene", "Three_prime"),
    "d_5_del": ("D_gene", "Five_prime"),
    "d_3_del": ("D_gene", "Three_prime"),
    "j_5_del": ("J_gene", "Five_prime"),
    "vd_ins": ("VD_genes", "Undefined_side"),
    "dj_ins": ("DJ_gene", "Undefined_side"),
    "vj_ins": ("VJ_gene", "Undefined_side"),
    "vd_dinucl": ("VD_genes", "Undefined_side"),
    "dj_dinucl": ("DJ_gene", "Undefined_side"),
    "vj_dinucl": ("VJ_gene", "Undefined_side"),
}


def write_igor(model: IgorModel, folder: Path) -> None:
    """Write the four files; probabilities keep nine digits."""
    make_folder(folder)
    write_text(folder / PARAMETERS[0], "\n".join(_parameters(model)) + "\n")
    write_text(folder / MARGINALS, "\n".join(_marginals(model)) + "\n")
    for event, name in ANCHORS.items():
        rows = [f"{gene},{anchor.index},{anchor.function}" for gene, anchor in model.anchors[event].items()]
        write_text(folder / name, "\n".join(["gene,anchor_index,function", *rows]) + "\n")


def _parameters(model: IgorModel) -> Iterator[str]:
    yield "@Event_list"
    for priority, name in enumerate(NEEDS[model.locus]):
        gene, side = PLACES[name]
        yield f"#{KINDS[name.rpartition('_')[2]]};{gene};{side};{len(NEEDS[model.locus]) - priority};{name}"
        for index, choice in enumerate(_choices(model, name)):
            yield f"%{choice};{index}"
    yield from ("@Edges", "@ErrorRate", "#SingleErrorRate", "0")


def _choices(model: IgorModel, name: str) -> list[str]:
    if name in model.genes:
        return [f"{gene};{germline}" for gene, germline in model.genes[name]]
    return [str(value) for value in model.values[name]] if name in model.values else list("ACGT")


def _marginals(model: IgorModel) -> Iterator[str]:
    for name, parents in NEEDS[model.locus].items():
        array = model.marginals[name]
        if name.endswith("dinucl"):
            array = array.reshape(-1)
        yield f"@{name}"
        yield f"$Dim[{','.join(map(str, array.shape))}]"
        for at in product(*map(range, array.shape[:-1])):
            yield "#" + ",".join(f"[{parent},{i}]" for parent, i in zip(parents, at, strict=True))
            yield "%" + _row(array[at])


def _row(numbers: NDArray[np.float64]) -> str:
    return ",".join(f"{x:.9g}" for x in numbers.tolist())
