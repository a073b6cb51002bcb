"""Joins the worth of data of `inference` with the measurements of `trial`; no science of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.cli.sensing import FEWEST, Budget, Tick
from thymos.inference.cohort_reading import CohortReading, cohort_readings
from thymos.inference.sampled import one_thread
from thymos.inference.worth import Worth, worth
from thymos.therapy.sampling import Sample
from thymos.trial.headlines import DRIVERS, HALF_YEAR, QUANTITIES, scaled
from thymos.trial.measurements import ARMS, DAYS, MEASUREMENTS, OUTPUTS, READINGS, Measured, measured
from thymos.trial.pairs import Pairs
from thymos.trial.same_patients import PATIENTS, Twins
from thymos.trial.uncertain import Uncertain, draws, learnt_about, uncertain

if TYPE_CHECKING:
    from thymos.io.study_schema import Study

Floats = NDArray[np.float64]
SIZES = (3, 6, 12, 24)  # patients measured in each arm


def value(study: Study, budget: Budget, tick: Tick) -> dict[str, Any]:
    """What measurements in so many patients, and exact knowledge of each input, would take from the uncertainty."""
    with one_thread():
        return _value(study, budget, tick)


def _value(study: Study, budget: Budget, tick: Tick) -> dict[str, Any]:
    inputs = uncertain(study)
    learnt = learnt_about(study, inputs)
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
