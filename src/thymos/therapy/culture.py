"""Graft, culture and harvest joined: from a protocol to lots that differ as donors do and as knowledge ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.assay import Vcn
from thymos.biology import culture, product
from thymos.biology.graft import CordBlood, MobilisedBlood
from thymos.lang.errors import StudyError
from thymos.therapy.culture_protocol import PROTOCOLS, CultureProtocol
from thymos.therapy.sampling import Block, Sample, blocks_of, fill, join, nominal, sample, values_of

if TYPE_CHECKING:
    from thymos.engine import Program
    from thymos.lang.model import Model
    from thymos.therapy.vector_protocol import VectorProtocol

Floats = NDArray[np.float64]
SOURCES: dict[str, type[Model]] = {"mobilised-blood": MobilisedBlood, "cord-blood": CordBlood}


def source_model(source: str) -> Model:
    """The graft's model; raises `StudyError` for an unknown source."""
    if source not in SOURCES:
        raise StudyError("graft.source", f"one of {', '.join(SOURCES)}", source)
    return SOURCES[source]()


def protocol_named(name: str) -> CultureProtocol:
    """A registered protocol; raises `StudyError` for another name."""
    if name not in PROTOCOLS:
        raise StudyError("culture protocol", f"one of {', '.join(PROTOCOLS)}", name)
    return PROTOCOLS[name]


def culture_models(source: str, vector: bool = False) -> tuple[Model, ...]:
    """The graft and every model of the culture; what follows a vector only where one is used."""
    used = (model for model in culture.MODELS if vector or model is not culture.Transgene)
    return (source_model(source), *(model() for model in used))


def lot_models(source: str, vector: bool = False) -> tuple[Model, ...]:
    """The culture's models and the harvest, whose values are drawn with them; how runs differ is a campaign's."""
    return (*culture_models(source, vector), product.Harvest())


def culture_program(source: str, vector: bool = False) -> Program:
    """The compiled culture of one source: seconds the first time, then read from the cache."""
    return _compiled(source, vector)


@cache
def _compiled(source: str, vector: bool) -> Program:
    from thymos.engine import compile

    name = f"transduced culture {source}" if vector else f"culture {source}"
    return compile(culture_models(source, vector), name=name)


@dataclass(frozen=True)
class Lots:
    """Simulated lots of one protocol and source.

    days      : output times, the last is the harvest [day] (time,)
    readouts  : every readout by name (lot, time); nan for a lot that failed
    status    : how each lot's integration ended (lot,)
    sample    : the values drawn for each lot, by full name (lot,)
    vector    : how the cells were transduced, if they were
    """

    protocol: CultureProtocol
    source: str
    days: Floats
    readouts: Mapping[str, Floats]
    status: NDArray[np.int8]
    sample: Sample
    vector: VectorProtocol | None = None

    @property
    def program(self) -> Program:
        """The compiled culture that made them."""
        return culture_program(self.source, self.vector is not None)

    @property
    def harvest(self) -> dict[str, Floats]:
        """Every readout at harvest, by name (lot,)."""
        return {name: values[:, -1] for name, values in self.readouts.items()}

    @property
    def attributes(self) -> product.LotAttributes:
        """Attributes of what reaches the bag."""
        s = self.sample
        return product.lot_attributes(self.harvest, s["harvest.recovery"], s["harvest.cd5_advantage"])

    @property
    def vcn_at_most(self) -> Floats:
        """One-sided 95 % upper limit of what PCR reports of a transduced lot at harvest [copy/cell] (lot,)."""
        return Vcn().at_most(self.harvest["vcn_measured"])


def simulate_culture(
    protocol: CultureProtocol,
    source: str,
    n: int,
    seed: int,
    draws: int = 50,
    fixed: Mapping[str, float] | None = None,
    workers: int = 1,
    vector: VectorProtocol | None = None,
) -> Lots:
    """`n` lots; lots of one draw share what is not known, and differ as donors do.

    draws  : number of draws of what is not known; 0 takes the typical values as they stand
    fixed  : typical values that are given rather than drawn, by full name
    vector : how the cells are transduced; the same lots as without it, but for what it kills
    """
    blocks = blocks_of(n, min(draws, n)) if draws else blocks_of(n, 1)
    if not draws:
        rows = values_of(lot_models(source, vector is not None))
        fixed = {name: v.value for name, v in rows.items()} | dict(fixed or {})
    return culture_of_blocks(protocol, source, blocks, seed, fixed, workers, vector=vector)


def culture_of_blocks(
    protocol: CultureProtocol,
    source: str,
    blocks: Iterable[Block],
    seed: int,
    fixed: Mapping[str, float] | None = None,
    workers: int = 1,
    switches: Mapping[str, float] | None = None,
    vector: VectorProtocol | None = None,
) -> Lots:
    """The lots of given blocks, one after the other: a trial's patients and their lots share their blocks.

    switches : indicators of choices that are not the default, by full name
    """
    models = lot_models(source, vector is not None)
    drawn = join(sample(models, seed, block, fixed) for block in blocks)
    n = len(next(iter(drawn.values())))
    return _run(protocol, source, drawn | _spread(switches or {}, n), workers, vector)


def typical_lots(
    protocol: CultureProtocol,
    source: str,
    changes: Mapping[str, Floats | float],
    vector: VectorProtocol | None = None,
) -> Lots:
    """Lots of the typical donor, apart from `changes`: values, covariates or switches by full name (lot,)."""
    n = max((np.size(x) for x in changes.values()), default=1)
    drawn = nominal(lot_models(source, vector is not None), n) | _spread(changes, n)
    return _run(protocol, source, drawn, vector=vector)


def _spread(changes: Mapping[str, Floats | float], n: int) -> Sample:
    return {name: np.broadcast_to(np.asarray(x, dtype=np.float64), (n,)) for name, x in changes.items()}


def output_days(length: float) -> Floats:
    """Every whole day and the harvest [day]."""
    return np.unique([*np.arange(0.0, length), length])


def _run(
    protocol: CultureProtocol,
    source: str,
    drawn: Sample,
    workers: int = 1,
    vector: VectorProtocol | None = None,
) -> Lots:
    program = culture_program(source, vector is not None)
    n = len(next(iter(drawn.values())))
    days = output_days(protocol.days)
    said = protocol.covariates() | transduction(protocol, vector, drawn)
    solution = program.solve(fill(program, n, said, drawn), days, workers=workers)
    readouts = {q.name: solution.outputs[:, :, i] for i, q in enumerate(program.outputs)}
    return Lots(protocol, source, days, readouts, solution.status, drawn, vector)


def transduction(protocol: CultureProtocol, vector: VectorProtocol | None, drawn: Sample) -> Sample:
    """What the culture's models read of the vector (lot,); nothing where none is used."""
    if vector is None:
        return {}
    moi = drawn.get("moi", vector.moi)
    survival = (1 - drawn["transgene.toxicity"]) ** (moi / culture.USUAL_MOI)
    return _spread(vector.within(protocol).covariates(), len(survival)) | {"vector_kill": 1 - survival}
