"""A campaign: lots by draw of what is not known, by donor, and by run, each level with chance of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.biology.product import Harvest, LotAttributes, Manufacturing
from thymos.lang.errors import StudyError
from thymos.therapy.culture import (
    Lots,
    culture_models,
    culture_program,
    output_days,
    source_model,
    transduction,
)
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.manufacturing import Runs
from thymos.therapy.sampling import Block, Sample, fill, join, sample, values_of

if TYPE_CHECKING:
    from thymos.lang.model import Model
    from thymos.therapy.vector_protocol import VectorProtocol

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Around the harvest readouts are kept every two hours: a line in between misses what grows at 0.4/day by 1e-4.
PER_DAY = 12
TOGETHER = 4000  # lots solved in one go; shapes memory, never a number


@dataclass(frozen=True)
class Campaign:
    """Lots of one process, ordered by draw, donor and run.

    lots     : the lots; the last of their days is each lot's own harvest, and what is stated for one CD34+ cell
               seeded is stated for one that was counted
    draw     : draw of what is not known (lot,)
    donor    : donor, numbered through all draws (lot,)
    run      : which lot of its donor it is (lot,)
    selected : viable CD34+ cells that the donor's collection leaves after selection (lot,), in `unit`
    unit     : cell for a cord-blood unit, cell/kg of the recipient for mobilised blood
    """

    lots: Lots
    draw: Ints
    donor: Ints
    run: Ints
    selected: Floats
    unit: str

    @property
    def attributes(self) -> LotAttributes:
        """Attributes of what reaches the bag (lot,)."""
        return self.lots.attributes

    @property
    def counted_cd34(self) -> float:
        """Viable CD34+ cells seeded for one lot, as counted [cell]."""
        return self.lots.protocol.seeded_cd34


def campaign_models(source: str, vector: bool = False) -> tuple[Model, ...]:
    """Every model whose values a campaign draws."""
    return (*culture_models(source, vector), Harvest(), Manufacturing())


def simulate_campaign(
    protocol: CultureProtocol,
    source: str,
    lots: int,
    donors: int,
    seed: int,
    draws: int = 50,
    fixed: Mapping[str, float] | None = None,
    workers: int = 1,
    vector: VectorProtocol | None = None,
) -> Campaign:
    """`lots` lots of `donors` donors, as evenly as they go, anew under each draw of what is not known.

    draws : number of draws; 0 takes the typical values as they stand
    fixed : typical values that are given rather than drawn, by full name; `manufacturing.coating` at 0 lets all
            coatings be alike
    vector : how the cells are transduced; the same lots as without it, but for what it kills

    Raises `StudyError` for more donors than lots, and for a spread below 0.
    """
    if not 1 <= donors <= lots:
        raise StudyError("campaign.donors", f"between 1 and {lots}, the number of lots", f"{donors}")
    known = dict(fixed or {})
    if not draws:
        known = {
            name: v.value for name, v in values_of(campaign_models(source, vector is not None)).items()
        } | known
    levels = range(max(draws, 1))
    runs = np.full(donors, lots // donors) + (np.arange(donors) < lots % donors)
    drawn = join(_lots_of(protocol, source, seed, draw, runs, known, vector) for draw in levels)
    donor = np.concatenate([np.repeat(draw * donors + np.arange(donors), runs) for draw in levels])
    order = np.concatenate([np.arange(k) for k in runs])
    selected, unit = _selected(source, drawn)
    return Campaign(
        lots=_made(protocol, source, drawn, workers, vector),
        draw=np.repeat(np.arange(len(levels)), lots),
        donor=donor,
        run=np.tile(order, len(levels)),
        selected=selected,
        unit=unit,
    )


def _lots_of(
    protocol: CultureProtocol,
    source: str,
    seed: int,
    draw: int,
    runs: Ints,
    fixed: Mapping[str, float],
    vector: VectorProtocol | None,
) -> Sample:
    """Values, and what the process met, of the lots of one draw (lot,)."""
    donors = sample(culture_models(source, vector is not None), seed, Block(draw, 0, len(runs)), fixed)
    lots = int(runs.sum())
    values = {name: np.repeat(x, runs) for name, x in donors.items()}
    values |= sample((Harvest(),), seed, Block(draw, 0, lots), fixed)
    return values | Runs(seed, draw, lots, fixed).met(protocol, source, values["progenitors.growth"])


def _made(
    protocol: CultureProtocol, source: str, drawn: Sample, workers: int, vector: VectorProtocol | None
) -> Lots:
    """The lots, each read at its own harvest."""
    program, own = culture_program(source, vector is not None), drawn["harvest_day"]
    days = output_days(protocol.days)[:-1]
    ends = PER_DAY * np.array([min(own.min(), protocol.days), max(own.max(), protocol.days)])
    near = np.arange(np.floor(ends[0]), np.floor(ends[1]) + 2) / PER_DAY
    times = np.union1d(days, near)
    said = protocol.covariates() | transduction(protocol, vector, drawn)
    table = fill(program, len(own), said, drawn)
    seen = np.empty((len(program.outputs), len(own), len(days) + 1))
    status = np.empty(len(own), np.int8)
    for first in range(0, len(own), TOGETHER):
        part = slice(first, first + TOGETHER)
        solution = program.solve(table[:, part], times, workers=workers)
        status[part] = solution.status
        seen[:, part] = _read(solution.outputs, times, days, own[part])
    counted = (drawn["seeded_cd34"] / protocol.seeded_cd34)[:, None]
    readouts = {
        q.name: seen[i] * counted if _per_seeded(q.name) else seen[i] for i, q in enumerate(program.outputs)
    }
    return Lots(protocol, source, np.append(days, protocol.days), readouts, status, drawn, vector)


def _read(outputs: Floats, times: Floats, days: Floats, own: Floats) -> Floats:
    """Readouts on whole days, then at each lot's own time (readout, lot, day), of (lot, time, readout)."""
    after = np.clip(np.searchsorted(times, own, side="right"), 1, len(times) - 1)
    share = ((own - times[after - 1]) / (times[after] - times[after - 1]))[:, None]
    lot = np.arange(len(own))
    last = (1 - share) * outputs[lot, after - 1] + share * outputs[lot, after]
    whole = outputs[:, np.searchsorted(times, days)]
    return np.concatenate([whole, last[:, None]], axis=1).transpose(2, 0, 1)


def _per_seeded(readout: str) -> bool:
    """Whether a readout is stated for one CD34+ cell seeded: the site divides by what it counted."""
    return readout == "fold" or readout.endswith("_per_cd34")


def _selected(source: str, drawn: Sample) -> tuple[Floats, str]:
    """Viable CD34+ cells that a collection leaves after selection (lot,), and their unit."""
    graft = source_model(source)
    mine = {name: drawn[f"{graft.named()}.{name}"] for name in ("collected_cd34", "recovery", "viability")}
    unit = next(d.unit for d in graft.parameters() if d.name == "collected_cd34")
    return mine["collected_cd34"] * mine["recovery"] * mine["viability"], unit
