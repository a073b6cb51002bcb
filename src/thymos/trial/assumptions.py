"""Which assumptions carry the result: each moved alone between its limits, on the same twin pairs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.io.study_file import study_text
from thymos.therapy.sampling import Block, values_of
from thymos.trial.chunk import prepared
from thymos.trial.move import Move, moves_of
from thymos.trial.pairs import Pairs, treatment
from thymos.trial.population import learnt_by, models_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from thymos.io.study_schema import Study
    from thymos.trial.pool import Pool

Floats = NDArray[np.float64]
PAIRS = 24
TOGETHER = 16  # cases solved in one go
DAY = 100.0
ENDPOINT = "cd4_day100"


def moves(study: Study) -> list[Move]:
    """Every uncertain typical value of the recipient and its platform, and every switch."""
    return moves_of(models_of(study), learnt_by(study))


class Watch:
    """Twin pairs whose difference in true CD4 at day 100 is watched; deterministic in the study's seed.

    The typical patient of every value: what we do not know stands still, how patients differ does not.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.rows = values_of(models_of(study))
        self.pairs = Pairs(study, study.seed, [DAY], ["cd4"])

    def effects(self, cases: tuple[dict[str, float], ...]) -> Floats:
        """Median paired difference in CD4 at day 100 [cell/uL] of each case."""
        values = {
            name: np.repeat([case.get(name, self._otherwise(name)) for case in cases], PAIRS)
            for name in sorted({name for case in cases for name in case})
        }
        people = self.pairs.people(values, Block(0, 0, PAIRS), np.tile(np.arange(PAIRS), len(cases)))
        twin, treated = (
            self.pairs.course(values, people, treatment(self.study, arm))["cd4"][:, 0]
            for arm in (self.study.arms[0], self.study.arms[-1])
        )
        return np.asarray(np.nanmedian((treated - twin).reshape(len(cases), PAIRS), axis=1))

    def _otherwise(self, name: str) -> float:
        """What a case does not move."""
        return self.pairs.chosen.get(name, 0.0) if "=" in name else self.rows[name].value


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
