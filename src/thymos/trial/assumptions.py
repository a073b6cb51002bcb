"""Which assumptions carry the result: each moved alone between its limits, on the same twin pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.io.study_file import study_text
from thymos.therapy import THERAPIES
from thymos.therapy.culture import culture_models, typical_lots
from thymos.therapy.posterior import NOTHING
from thymos.therapy.recipient import recipient_models, recipient_program
from thymos.therapy.sampling import Block, fill, individuals, values_of
from thymos.therapy.switches import indicators
from thymos.trial.chunk import prepared
from thymos.trial.move import Move, moves_of
from thymos.trial.population import Population, learnt_by, population
from thymos.trial.simulation import protocol_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from thymos.io.study_schema import Arm, Study
    from thymos.trial.pool import Pool

Floats = NDArray[np.float64]
PAIRS = 24
TOGETHER = 16  # cases solved in one go
DAY = 100.0
ENDPOINT = "cd4_day100"


def moves(study: Study) -> list[Move]:
    """Every uncertain typical value of the recipient and its platform, and every switch.

    Patients from a file carry what the platform did to them, so its values are not moved.
    """
    platform = () if study.population.file is not None else (THERAPIES[study.therapy](),)
    return moves_of((*recipient_models(), *platform), learnt_by(study))


class Watch:
    """Twin pairs whose difference in true CD4 at day 100 is watched; deterministic in the study's seed."""

    def __init__(self, study: Study) -> None:
        self.study, self.seed = study, study.seed
        self.program = recipient_program()
        self.platform = THERAPIES[study.therapy]()
        # The typical patient of every value: what we do not know stands still, how patients differ does not.
        self.rows = values_of((*recipient_models(), self.platform))
        self.values = {name: row.value for name, row in self.rows.items()}
        self.arms: tuple[Arm, Arm] = (study.arms[0], study.arms[-1])
        # The typical lot of the study's own culture says how well its cells seed.
        protocol = protocol_of(study.culture)
        self.competence = typical_lots(protocol, study.graft.source, {}).attributes.competence[0]
        made = culture_models(study.graft.source, study.culture.vector is not None)
        self.chosen = indicators((*made, *recipient_models()), study.switches)
        self.block = Block(0, 0, PAIRS)
        self.typical = population(study, study.seed, self.block, self.values, NOTHING)

    def people(self, moved: dict[str, float]) -> Population:
        """The watched patients when some typical values are moved."""
        drawn = self.study.population.file is None
        if drawn and any(name.startswith((self.platform.named(), "body.")) for name in moved):
            return population(self.study, self.seed, self.block, {**self.values, **moved}, NOTHING)
        changed = {n: individuals(n, self.rows[n], x, self.seed, self.block) for n, x in moved.items()}
        return replace(self.typical, parameters={**self.typical.parameters, **changed})

    def matrix(self, fixed: dict[str, float]) -> Floats:
        """Engine parameters of all twins, untreated first."""
        people = self.people({name: value for name, value in fixed.items() if "=" not in name})
        switches = self.chosen | {name: value for name, value in fixed.items() if "=" in name}
        window = self.arms[1].day
        day = (window.low + window.high) / 2 if window else np.inf
        columns = []
        for arm in self.arms:
            cells = arm.dose * people.covariates["weight"] * self.competence
            extra: dict[str, Any] = {"dose": cells, "infusion_day": day}
            columns.append(fill(self.program, PAIRS, people.parameters, people.covariates, extra, switches))
        return np.concatenate(columns, axis=1)

    def effects(self, cases: tuple[dict[str, float], ...]) -> Floats:
        """Median paired difference in CD4 at day 100 [cell/uL] of each case."""
        matrix = np.concatenate([self.matrix(case) for case in cases], axis=1)
        solution = self.program.solve(matrix, [DAY], rtol=1e-5, atol=1e-4)
        cd4 = solution.outputs[:, 0, self.program.output_index("cd4")].reshape(len(cases), 2, PAIRS)
        return np.asarray(np.nanmedian(cd4[:, 1] - cd4[:, 0], axis=1))


@dataclass(frozen=True)
class Cases:
    """Some of the cases of a study.

    study : the whole study as YAML
    first : place of the first of them among all
    """

    study: str
    first: int
    cases: tuple[dict[str, float], ...]


def effects_of(some: Cases) -> Floats:
    """Effects of some cases [cell/uL]: the same on any machine of one kind."""
    return _watch(some.study).effects(some.cases)


@lru_cache(maxsize=4)
def _watch(study: str) -> Watch:
    return Watch(prepared(study))


def ranked(study: Study, pool: Pool, tick: Callable[[int], None]) -> list[dict[str, Any]]:
    """The assumptions by how far they move the paired difference, strongest first."""
    if len(study.arms) < 2:
        return []
    todo = moves(study)
    ends = tuple(end for move in todo for end in (move.low, move.high))
    text = study_text(study)
    orders = [Cases(text, first, ends[first : first + TOGETHER]) for first in range(0, len(ends), TOGETHER)]
    effects = np.empty(len(ends))
    for some, found in pool.each(effects_of, orders):
        effects[some.first : some.first + len(found)] = found
        tick(len(found))
    rows = [_row(move, effects[2 * i], effects[2 * i + 1]) for i, move in enumerate(todo)]
    return sorted(rows, key=lambda row: -abs(row["effect_high"] - row["effect_low"]))


def _row(move: Move, low: float, high: float) -> dict[str, Any]:
    scale = max(abs(low), abs(high), 1e-9)
    change = (high - low) / scale
    return move.words | {
        "endpoint": ENDPOINT,
        "effect_low": float(low),
        "effect_high": float(high),
        "effect_unit": "cell/uL",
        "direction": "none" if abs(change) < 1e-3 else "raises" if change > 0 else "lowers",
    }
