"""Joins the sensitivity and the worth of data of `inference` with the twins of `trial`; no science of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.inference.cohort_reading import CohortReading, cohort_readings
from thymos.inference.sampled import one_thread
from thymos.inference.shapley import shapley_effects
from thymos.inference.sobol import Screened, base_for, screened
from thymos.inference.worth import Worth, worth
from thymos.therapy.sampling import Block, Sample
from thymos.trial.headlines import DRIVERS, HALF_YEAR, HEADLINES, QUANTITIES, YEAR, scaled
from thymos.trial.measurements import ARMS, DAYS, MEASUREMENTS, OUTPUTS, READINGS, Measured, measured
from thymos.trial.pairs import Pairs
from thymos.trial.population import learnt_by
from thymos.trial.same_patients import PATIENTS, Twins
from thymos.trial.uncertain import Uncertain, draws, uncertain

if TYPE_CHECKING:
    from thymos.io.study_schema import Study

Floats = NDArray[np.float64]
Tick = Callable[[str], None]
PATIENT, OTHERS = "patient", "others"
KEPT = 14  # inputs that are looked at one by one, beside the patient
PLAYERS = 7  # inputs that share the variance by Shapley effects, beside all others
COARSE = 0.4  # share of the simulated patients that goes into the choice of inputs
FEWEST = 64  # draws
SIZES = (3, 6, 12, 24)  # patients measured in each arm


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
    learnt = learnt_by(study)
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


# ---- the value of information


def value(study: Study, budget: Budget, tick: Tick) -> dict[str, Any]:
    """What measurements in so many patients, and exact knowledge of each input, would take from the uncertainty."""
    with one_thread():
        return _value(study, budget, tick)


def _value(study: Study, budget: Budget, tick: Tick) -> dict[str, Any]:
    inputs = uncertain(study)
    learnt = learnt_by(study)
    # Twins up to half a year, and each arm's patients up to day 100, under every draw.
    n = max(FEWEST, budget.simulated // (2 * PATIENTS + len(ARMS) * SIZES[-1]))
    values = draws(inputs, n, budget.seed, learnt)
    tick("what the product does under each draw")
    twins = Twins(study, budget.seed, HALF_YEAR, budget.workers)
    effects = scaled(twins.on_average(values, QUANTITIES))
    arms = {}
    for arm in ARMS:
        tick(f"what would be measured: {arm}")
        pairs = Pairs(study, budget.seed, DAYS, OUTPUTS, budget.workers)
        arms[arm] = measured(pairs, values, arm, SIZES[-1])
    good = np.isfinite(effects).all(axis=1) & ~np.any([found.failed for found in arms.values()], axis=0)
    drivers = [one for one in DRIVERS if one.name in values]
    wanted = np.column_stack([effects, *(one.of(values) for one in drivers)])[good]
    tick("what each would be worth")
    quantities = [
        *({"name": q.name, "text": "", "unit": q.unit, "scale": q.scale} for q in QUANTITIES),
        *({"name": one.name, "text": one.text, "unit": "", "scale": one.scale} for one in drivers),
    ]
    return {
        "study": study.name,
        "seed": budget.seed,
        "simulated": budget.simulated,
        "knowledge": "posterior" if learnt.count else "prior",
        "draws": int(good.sum()),
        "quantities": [q | _now(wanted[:, i]) for i, q in enumerate(quantities)],
        "measurements": list(_measurements(arms, good, wanted, quantities, budget.seed)),
        "exact": _exact(inputs, values, good, wanted, quantities, budget.seed),
    }


def _now(x: Floats) -> dict[str, float]:
    low, median, high = np.quantile(x, (0.025, 0.5, 0.975))
    return {
        "mean": float(x.mean()),
        "sd": float(x.std(ddof=1)),
        "median": float(median),
        "low": float(low),
        "high": float(high),
    }


def _measurements(
    arms: dict[str, Measured], good: NDArray[np.bool_], wanted: Floats, quantities: list[Any], seed: int
) -> Iterator[dict[str, Any]]:
    readings = {
        (arm, *kind): reading
        for arm, found in arms.items()
        for kind, reading in zip(READINGS, _readings(found, good), strict=True)
    }
    for m in MEASUREMENTS:
        for size in SIZES:
            parts = [readings[arm, q, m.day].summaries(size) for arm in m.arms for q in m.quantities]
            found = worth(wanted, [np.hstack(one) for one in zip(*parts, strict=True)], seed)
            said = {"name": m.name, "text": m.text, "patients": size, "arms": list(m.arms)}
            yield said | {"worth": _worths(found, quantities)}


def _readings(found: Measured, good: NDArray[np.bool_]) -> list[CohortReading]:
    return cohort_readings(found.value[good], found.below[good], found.known[good])


def _worths(found: Worth, quantities: list[Any]) -> dict[str, Any]:
    return {
        q["name"]: {
            "cut": float(found.cut[i]),
            "low": float(found.cut_low[i]),
            "high": float(found.cut_high[i]),
            "width": float(found.width[i]),
            "width_before": float(found.width_before[i]),
        }
        for i, q in enumerate(quantities)
    }


def _exact(
    inputs: list[Uncertain],
    values: Sample,
    good: NDArray[np.bool_],
    wanted: Floats,
    quantities: list[Any],
    seed: int,
) -> list[dict[str, Any]]:
    """The worth of knowing each input exactly."""
    return [
        one.words | {"worth": _worths(worth(wanted, [one.features(values)[good]], seed), quantities)}
        for one in inputs
    ]
