"""Virtual patients of a study before anyone is chosen: who they are, what they are made of, and untreated counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.io.target_schema import MEASURES
from thymos.therapy.culture import culture_models
from thymos.therapy.recipient import recipient_models, recipient_program
from thymos.therapy.sampling import Block, blocks_of, fill
from thymos.therapy.switches import indicators
from thymos.trial.population import NEVER, Population, joined, population
from thymos.trial.simulation import ATOL, RTOL, traits_of

if TYPE_CHECKING:
    from thymos.io.study_schema import Study

Floats = NDArray[np.float64]
Tick = Callable[[int], None]
TOGETHER = 5000  # patients solved in one go; bounds memory, never moves a number


@dataclass(frozen=True)
class Candidates:
    """Patients without the product.

    draw   : of what nobody knows (patient,)
    counts : true counts by name and day [cell/uL; trec copy/uL]; nan for a patient that failed (patient,)
    """

    people: Population
    draw: NDArray[np.int64]
    counts: Mapping[tuple[str, float], Floats]

    @property
    def solved(self) -> NDArray[np.bool_]:
        """Whose equations could be solved."""
        ok = np.ones(self.people.size, dtype=bool)
        for x in self.counts.values():
            ok &= np.isfinite(x)
        return ok

    def quantity(self, name: str, day: float | None = None) -> NDArray[Any]:
        """One quantity of each patient: a count on a day, a measure in its unit, a trait, or a flag."""
        if day is not None:
            return self.counts[name, day]
        if name in MEASURES:
            return self.people.covariates[name]
        traits = traits_of(self.people.people)
        return np.asarray(traits[name])


def candidates(
    study: Study,
    patients: int,
    draws: int,
    wanted: Iterable[tuple[str, float]],
    workers: int = 1,
    tick: Tick = lambda done: None,
) -> Candidates:
    """`patients` of a study, spread over `draws` of what nobody knows, with the counts that are wanted."""
    blocks = blocks_of(patients, min(draws, patients))
    parts = [population(study, study.seed, block) for block in blocks]
    people = joined(parts)
    draw = np.repeat([b.draw for b in blocks], [b.size for b in blocks])
    return Candidates(people, draw, _counts(study, blocks, parts, sorted(set(wanted)), workers, tick))


def _counts(
    study: Study,
    blocks: list[Block],
    parts: list[Population],
    wanted: list[tuple[str, float]],
    workers: int,
    tick: Tick,
) -> dict[tuple[str, float], Floats]:
    if not wanted:
        return {}
    program, days = recipient_program(), sorted({day for _, day in wanted})
    models = (*culture_models(study.graft.source, study.culture.vector is not None), *recipient_models())
    chosen = indicators(models, study.switches)
    none = {"dose": 0.0, "infusion_day": NEVER}
    found: dict[tuple[str, float], list[Floats]] = {key: [] for key in wanted}
    done = 0
    for some in _together(blocks, parts):
        people = joined(some)
        matrix = fill(program, people.size, people.parameters, people.covariates, none, chosen)
        solution = program.solve(matrix, days, rtol=RTOL, atol=ATOL, workers=workers)
        for name, day in wanted:
            x = solution.outputs[:, days.index(day), program.output_index(name)]
            found[name, day].append(np.where(solution.status == 0, x, np.nan))
        done += people.size
        tick(done)
    return {key: np.concatenate(x) for key, x in found.items()}


def _together(blocks: list[Block], parts: list[Population]) -> Iterable[list[Population]]:
    some: list[Population] = []
    for block, part in zip(blocks, parts, strict=True):
        if some and sum(p.size for p in some) + block.size > TOGETHER:
            yield some
            some = []
        some.append(part)
    yield some
