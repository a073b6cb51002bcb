"""What many members say of many cultures, in lanes, and how donors spread around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import StudyError
from thymos.therapy.culture import culture_models, culture_program
from thymos.therapy.sampling import Block, Sample, fill, join, nominal, sample, values_of

if TYPE_CHECKING:
    from thymos.engine.signature import Quantity
    from thymos.therapy.culture_protocol import CultureProtocol

Floats = NDArray[np.float64]

TOGETHER = 16_384  # lots solved in one go: bounds the memory, moves no bit
# Largest relative error 1e-4 against 1e-9 on 3,000 lots, at twice the speed of 1e-6; a well scatters by a tenth.
RTOL, ATOL = 1e-4, 1e-6
FEWEST, MOST = 5e-4, 1 - 5e-4  # shares beyond are read as these: an instrument sees no further
LEAST = 1e-6  # of a count for one seeded cell


def readout_units(source: str) -> dict[str, str]:
    """Unit of every readout of the culture by name."""
    return {q.name: q.unit for q in culture_program(source).outputs}


def normal_scale(unit: str, values: Floats) -> Floats:
    """Values on the scale where they are taken as normal: log odds of a percentage, else the logarithm."""
    if unit == "percent":
        share = np.clip(values / 100, FEWEST, MOST)
        return np.asarray(np.log(share / (1 - share)))
    return np.asarray(np.log(np.maximum(values, LEAST)))


def natural_scale(unit: str, values: Floats) -> Floats:
    """Back from `normal_scale`."""
    return np.asarray(100 / (1 + np.exp(-values)) if unit == "percent" else np.exp(values))


def outcomes(
    source: str,
    members: Sample,
    protocols: Sequence[CultureProtocol],
    days: Floats,
    readouts: Sequence[str],
    workers: int = 1,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> Floats:
    """Readouts of typical lots on their normal scale (readout, member, protocol, day); nan where a lot failed.

    members : parameters and switches by full name (member,); what is not named is as it stands in its row
    days    : on which the cells are looked at, rising [day]; the protocols run at least so long
    """
    program, units = culture_program(source), readout_units(source)
    n = len(next(iter(members.values()))) if members else 1
    table = fill(program, n, nominal(culture_models(source), n), members, protocols[0].covariates())
    columns = [program.output_index(checked(name, units)) for name in readouts]
    found = np.empty((len(readouts), n, len(protocols), len(days)))
    each = max(1, TOGETHER // n)
    for first in range(0, len(protocols), each):
        tick(first, len(protocols))
        part = protocols[first : first + each]
        solved = program.solve(_tiled(program.parameters, table, part), days, RTOL, ATOL, workers).outputs
        seen = solved[:, :, columns].reshape(len(part), n, len(days), len(columns))
        found[:, :, first : first + each] = seen.transpose(3, 1, 0, 2)
    tick(len(protocols), len(protocols))
    return np.stack([normal_scale(units[name], found[i]) for i, name in enumerate(readouts)])


def checked(readout: str, units: dict[str, str]) -> str:
    """A readout that exists; raises `StudyError` with those there are."""
    if readout not in units:
        raise StudyError("readout", f"one of {', '.join(units)}", readout)
    return readout


def _tiled(parameters: Sequence[Quantity], table: Floats, protocols: Sequence[CultureProtocol]) -> Floats:
    """The members once for each protocol (parameter, protocol x member)."""
    tiled = np.tile(table, (1, len(protocols)))
    rows = {q.name: i for i, q in enumerate(parameters)}
    said = [protocol.covariates() for protocol in protocols]
    for name in said[0]:
        if name in rows:
            tiled[rows[name]] = np.repeat([s[name] for s in said], table.shape[1])
    return tiled


def donors(source: str, typical: Sample, each: int, seed: int) -> Sample:
    """`each` donors around each of some typical ones, one typical one after the other, by full name (donor,).

    typical : parameters and switches by full name (typical,); what is not named is as it stands in its row
    """
    models = culture_models(source)
    middle = {name: row.value for name, row in values_of(models).items()}
    n = len(next(iter(typical.values()))) if typical else 1
    parts = []
    for i in range(n):
        given = {name: float(x[i]) for name, x in typical.items()}
        drawn = sample(models, seed, Block(i, 0, each), middle | given)
        parts.append(drawn | {name: np.full(each, x) for name, x in given.items() if name not in middle})
    return join(parts)
