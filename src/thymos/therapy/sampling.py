"""Numbers of virtual donors and patients: what we do not know, drawn once a block; how people differ, drawn each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.values import Value, values
from thymos.lang.errors import SolveError
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from thymos.engine import Program
    from thymos.lang.model import Model

Floats = NDArray[np.float64]


class Block(NamedTuple):
    """Patients that share one draw of what we do not know; the unit of random streams and of resumption."""

    draw: int
    part: int
    size: int


def blocks_of(patients: int, draws: int, largest: int = 250) -> list[Block]:
    """`patients` spread evenly over `draws`, in blocks of at most `largest`."""
    blocks = []
    for draw in range(draws):
        left = patients // draws + (draw < patients % draws)
        for part in range(-(-left // largest)):
            size = min(largest, left - part * largest)
            blocks.append(Block(draw, part, size))
    return blocks


Sample = dict[str, Floats]
"""Values by full name (`periphery.naive_drive`), one per patient."""


@cache
def _rows(model: type[Model]) -> dict[str, Value]:
    return values((model,))


def values_of(models: Iterable[Model]) -> dict[str, Value]:
    """Every row of evidence of these models by full name."""
    return {name: value for m in models for name, value in _rows(type(m)).items()}  # type: ignore[arg-type]  # a class hashes


def nominal(models: Iterable[Model], n: int) -> Sample:
    """`n` typical patients: every value as it stands in its row."""
    return {name: np.full(n, v.value) for name, v in values_of(models).items()}


def typical(name: str, value: Value, seed: int, draw: int, fixed: Mapping[str, float]) -> float:
    """The typical value that `draw` believes in, within the plausible range of the row."""
    if name in fixed:
        return fixed[name]
    if value.uncertainty.fixed:
        return value.value
    return float(value.typical(1.0 - stream(seed, f"uncertainty.{name}", draw).random()))


def sample(
    models: Iterable[Model], seed: int, block: Block, fixed: Mapping[str, float] | None = None
) -> Sample:
    """The patients of one block: they share the typical values of its draw and differ by variability.

    fixed : typical values that are given rather than drawn, by full name
    """
    known = fixed or {}
    return {
        name: individuals(name, value, typical(name, value, seed, block.draw, known), seed, block)
        for name, value in values_of(models).items()
    }


def individuals(name: str, value: Value, middle: float, seed: int, block: Block) -> Floats:
    """One parameter of the patients of a block, around its typical value; ranks do not depend on that value."""
    if value.variability.fixed or not 0 < middle < np.inf:
        return np.full(block.size, middle)
    u = 1.0 - stream(seed, f"variability.{name}", block.draw, block.part).random(block.size)
    return np.asarray(value.individual(u, middle), dtype=np.float64)


def join(parts: Iterable[Sample]) -> Sample:
    """Blocks one after the other."""
    listed = list(parts)
    return {name: np.concatenate([part[name] for part in listed]) for name in listed[0]}


def fill(program: Program, n: int, *samples: Mapping[str, Floats | float]) -> Floats:
    """The engine's parameter matrix (parameter, patient); later samples win, switches default to 0.

    Raises `SolveError` naming what no sample gives.
    """
    matrix = np.zeros((len(program.parameters), n))
    given: dict[str, Floats | float] = {}
    for one in samples:
        given.update(one)
    missing = []
    for i, parameter in enumerate(program.parameters):
        if parameter.name in given:
            matrix[i] = given[parameter.name]
        elif parameter.kind != "switch":
            missing.append(parameter.name)
    if missing:
        raise SolveError(
            program.name, "a value for every parameter and covariate", f"none for {', '.join(missing)}"
        )
    return matrix
