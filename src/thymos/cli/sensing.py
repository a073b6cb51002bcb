"""Joins the sensitivity indices of `inference` with the twins of `trial`; no science of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.inference.sampled import one_thread
from thymos.inference.shapley import shapley_effects
from thymos.inference.sobol import Screened, base_for, screened
from thymos.therapy.sampling import Block, Sample
from thymos.trial.headlines import HEADLINES, YEAR
from thymos.trial.same_patients import PATIENTS, Twins
from thymos.trial.uncertain import Uncertain, draws, learnt_about, uncertain

if TYPE_CHECKING:
    from thymos.io.study_schema import Study

Floats = NDArray[np.float64]
Tick = Callable[[str], None]
PATIENT, OTHERS = "patient", "others"
KEPT = 14  # inputs that are looked at one by one, beside the patient
PLAYERS = 7  # inputs that share the variance by Shapley effects, beside all others
COARSE = 0.4  # share of the simulated patients that goes into the choice of inputs
FEWEST = 64  # draws


@dataclass(frozen=True)
class Budget:
    """How many virtual patients may be simulated, each twin counted; seed; threads."""

    simulated: int
    seed: int
    workers: int


def sensitivity(study: Study, budget: Budget, tick: Tick) -> dict[str, Any]:
    """Sobol indices of independent inputs for one patient, and Shapley effects of joint draws for their mean."""
    with one_thread():
        return _sensitivity(study, budget, tick)


def _sensitivity(study: Study, budget: Budget, tick: Tick) -> dict[str, Any]:
    inputs = uncertain(study)
    twins = Twins(study, budget.seed, YEAR, budget.workers)
    tick("which inputs move anything at all")
    half = Budget(budget.simulated // 2, budget.seed, budget.workers)
    found = _sobol(twins, inputs, half)
    words = [inputs[i].words if i < len(inputs) else _group(PATIENT) for i in found.kept]
    tick("the same patients under joint draws")
    shares = _shares(twins, inputs, _players(found, len(inputs)), study, half)
    return {
        "study": study.name,
        "seed": budget.seed,
        "simulated": budget.simulated,
        "inputs": len(inputs),
        "outputs": [{"name": h.name, "unit": h.unit, "scale": h.scale} for h in HEADLINES],
        "sobol": _indices([*words, _group(OTHERS)], found),
        "shapley": shares,
    }


def _group(name: str) -> dict[str, str]:
    said = {
        PATIENT: "how patients differ, and their chances, as one input",
        OTHERS: "every other input together",
    }
    return {"name": name, "text": said[name], "kind": "group", "unit": "", "grade": ""}


def _sobol(twins: Twins, inputs: list[Uncertain], budget: Budget) -> Screened:
    bank = Block(0, 0, 2**14)
    names = len(inputs)

    def evaluate(points: Floats) -> Floats:
        values: Sample = {}
        for one, u in zip(inputs, points.T, strict=False):
            values |= one.at(u)
        which = (points[:, names] * bank.size).astype(np.intp)
        return _filled(twins.found(values, bank, which, HEADLINES))

    pairs = budget.simulated / 2
    bases = base_for(COARSE * pairs, names + 1), base_for((1 - COARSE) * pairs, KEPT + 2)
    return screened(evaluate, names + 1, (names,), KEPT, bases, budget.seed)


def _filled(found: Floats) -> Floats:
    """The median in place of the few patients that could not be solved: a design has to stay whole."""
    return np.where(np.isfinite(found), found, np.nanmedian(found, axis=0))


def _indices(words: list[dict[str, str]], found: Screened) -> list[dict[str, Any]]:
    s = found.indices
    return [
        said
        | {
            h.name: {
                "first": _ends(s.first[i, j], s.first_low[i, j], s.first_high[i, j]),
                "total": _ends(s.total[i, j], s.total_low[i, j], s.total_high[i, j]),
            }
            for j, h in enumerate(HEADLINES)
        }
        for i, said in enumerate(words)
    ]


def _ends(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": float(value), "low": float(low), "high": float(high)}


def _players(found: Screened, inputs: int) -> list[int]:
    """The inputs with the largest total indices in any output, strongest first."""
    strongest = np.argsort(-found.indices.total_low[:-1].max(axis=1), kind="stable")
    return [found.kept[k] for k in strongest if found.kept[k] < inputs][:PLAYERS]


def _shares(
    twins: Twins, inputs: list[Uncertain], players: list[int], study: Study, budget: Budget
) -> dict[str, Any]:
    learnt = learnt_about(study, inputs)
    n = max(FEWEST, budget.simulated // (2 * PATIENTS))
    values = draws(inputs, n, budget.seed, learnt)
    means = twins.on_average(values, HEADLINES)
    good = np.isfinite(means).all(axis=1)
    y = means[good]
    found = shapley_effects([inputs[i].features(values)[good] for i in players], y, budget.seed)
    rows = [
        inputs[i].words
        | {
            h.name: _ends(found.effect[k, j], found.low[k, j], found.high[k, j])
            for j, h in enumerate(HEADLINES)
        }
        for k, i in enumerate(players)
    ]
    together = {h.name: float(found.explained[j]) for j, h in enumerate(HEADLINES)}
    return {
        "knowledge": "posterior" if learnt.count else "prior",
        "draws": int(good.sum()),
        "patients": PATIENTS,
        "players": rows,
        "explained": together,
    }
