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
from thymos.therapy.posterior import Posterior, posterior

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
    models: Iterable[Model],
    seed: int,
    block: Block,
    fixed: Mapping[str, float] | None = None,
    learnt: Posterior | None = None,
) -> Sample:
    """The patients of one block: they share the typical values of its draw and differ by variability.

    fixed : typical values that are given rather than drawn, by full name
    learnt : joint draws of typical values and of switches; those of `posterior()` where not given
    """
    listed = list(models)
    believed = believed_by(listed, seed, np.array([block.draw]), learnt)
    known = {name: float(x[0]) for name, x in believed.items()} | dict(fixed or {})
    switches = {name: np.full(block.size, known[name]) for name in believed if "=" in name}
    return switches | {
        name: individuals(name, value, typical(name, value, seed, block.draw, known), seed, block)
        for name, value in values_of(listed).items()
    }


def sample_each(
    models: Iterable[Model],
    seed: int,
    n: int,
    fixed: Mapping[str, float] | None = None,
    learnt: Posterior | None = None,
) -> Sample:
    """`n` patients, each with a draw of its own of what we do not know, and different by variability.

    fixed, learnt : as for `sample`
    """
    listed = list(models)
    believed = believed_by(listed, seed, np.arange(n), learnt)
    known: dict[str, Floats | float] = {**believed, **(fixed or {})}
    found = {name: np.broadcast_to(known[name], n) for name in believed if "=" in name}
    for name, value in values_of(listed).items():
        u = 1.0 - stream(seed, f"uncertainty.{name}").random(n)
        middle = known.get(name, value.value if value.uncertainty.fixed else value.typical(u))
        found[name] = _around(name, value, np.broadcast_to(middle, n), seed)
    return found


def _around(name: str, value: Value, middle: Floats, seed: int) -> Floats:
    """One parameter of each patient around the typical value that it believes in (patient,)."""
    if value.variability.fixed:
        return middle
    u = 1.0 - stream(seed, f"variability.{name}").random(len(middle))
    spread = (middle > 0) & np.isfinite(middle)
    return np.where(spread, value.individual(u, np.where(spread, middle, value.value)), middle)


def believed_by(
    models: Iterable[Model], seed: int, draws: NDArray[np.int64], learnt: Posterior | None
) -> dict[str, Floats]:
    """What each of some draws takes from data, about these models: values and switches by full name (draw,)."""
    about = (posterior() if learnt is None else learnt).about(models)
    rows = about.rows(seed, draws) if about.count else None
    return {} if rows is None else {name: x[rows] for name, x in about.values.items()}


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
