"""Wells that begin with few cells: the culture's own transitions, one cell at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import StudyError
from thymos.lang.streams import stream
from thymos.therapy.culture import culture_models, culture_program, output_days, source_model
from thymos.therapy.sampling import fill, nominal

if TYPE_CHECKING:
    from thymos.engine.jumps import JumpProgram
    from thymos.therapy.culture_protocol import CultureProtocol

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WELL = 0.1  # mL, a well of a 96-well plate
MOST_CELLS = 1e4  # each is followed by itself
LARGEST_PLATE = 2**32


@dataclass(frozen=True)
class Wells:
    """Wells of one plate, of the typical donor.

    seeded   : CD34+ cells that fell into each well (well,)
    days     : output times, the last is the harvest [day] (time,)
    readouts : numbers of cells by name (well, time) [cell]; nan for a well that failed
    status   : how each well ended (well,)
    """

    seeded: Ints
    days: Floats
    readouts: Mapping[str, Floats]
    status: NDArray[np.int8]

    def without(self, readout: str) -> NDArray[np.bool_]:
        """Whether a well holds not one such cell at harvest (well,)."""
        return np.asarray(self.readouts[readout][:, -1] == 0)


@cache
def culture_jump_program(source: str) -> JumpProgram:
    """The culture of one source as a jump process: all cells counted, medium and Notch flowing."""
    from thymos.engine.jumps import compile_jumps

    return compile_jumps(culture_models(source), f"culture {source} in wells", method="hybrid")


def read_doses(text: str) -> list[float]:
    """Mean cells in a well as a user writes them, "0.3,1,3"; raises `StudyError`."""
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or len(set(found)) < len(found):
        raise StudyError("option --cells", "numbers with commas, each once, such as 0.3,1,3", text)
    return found


def simulate_wells(
    protocol: CultureProtocol,
    source: str,
    cells: float,
    wells: int,
    seed: int,
    poisson: bool = True,
    volume: float = WELL,
    changes: Mapping[str, float] | None = None,
    workers: int = 1,
    plate: int = 0,
) -> Wells:
    """`wells` wells of the typical donor, each with `cells` CD34+ cells on average.

    plate   : number of the plate: another one has chance of its own
    poisson : whether cells fall into wells by chance, as in limiting dilution; else `cells` in each, a whole number
    volume  : medium in each well [mL]
    changes : values or switches that differ from the typical ones, by full name

    Each cell is in G0 with the chance that the graft gives it. A well that got none stays empty.
    Raises `StudyError` for a number of cells, wells or a volume that cannot be.
    """
    _check(cells, wells, volume, poisson)
    seeded = _seeded(cells, wells, seed, plate, poisson)
    program, days = culture_jump_program(source), output_days(protocol.days)
    names = [q.name for q in program.outputs if q.unit == "cell"]
    readouts = {name: np.zeros((wells, len(days))) for name in names}
    status = np.zeros(wells, np.int8)
    mine = np.flatnonzero(seeded)
    if mine.size:
        table = _table(protocol, source, seeded[mine], volume, changes or {}, seed, plate)
        found = program.run(table, days, seed, people=mine + plate * LARGEST_PLATE, workers=workers)
        status[mine] = found.status
        for name in names:
            readouts[name][mine] = found.outputs[:, :, program.output_index(name)]
    return Wells(seeded, days, readouts, status)


def _check(cells: float, wells: int, volume: float, poisson: bool) -> None:
    if not (isfinite(cells) and cells > 0 and (poisson or cells == int(cells))):
        wanted = "a number above 0" if poisson else "a whole number, 1 or more"
        raise StudyError("wells.cells", wanted, f"{cells:g}")
    if cells > MOST_CELLS:
        try_ = "more cells need no jump process: `thymos culture`"
        raise StudyError("wells.cells", f"at most {MOST_CELLS:g} in a well", f"{cells:g}", try_)
    if wells < 1:
        raise StudyError("wells.wells", "1 or more", f"{wells}")
    if not (isfinite(volume) and volume > 0):
        raise StudyError("wells.volume", "a volume above 0 mL", f"{volume:g}")


def _seeded(cells: float, wells: int, seed: int, plate: int, poisson: bool) -> Ints:
    """CD34+ cells in each well."""
    if not poisson:
        return np.full(wells, int(cells))
    return stream(seed, "wells.seeding", plate).poisson(cells, wells)


def _table(
    protocol: CultureProtocol,
    source: str,
    seeded: Ints,
    volume: float,
    changes: Mapping[str, float],
    seed: int,
    plate: int,
) -> Floats:
    """The jump process' parameters (parameter, well) of wells with so many cells."""
    own = {name: float(x[0]) for name, x in nominal(culture_models(source), 1).items()} | dict(changes)
    resting = f"{source_model(source).named()}.quiescent_share"
    asleep = stream(seed, "wells.quiescent", plate).binomial(seeded, own[resting])
    well = {
        "seeded_cd34": seeded.astype(np.float64),
        "seeding_density": seeded / volume,
        resting: asleep / seeded,  # so that the cells in G0 are a whole number
    }
    return fill(culture_program(source), len(seeded), protocol.covariates(), own, well)
